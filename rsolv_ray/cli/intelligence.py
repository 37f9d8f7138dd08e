"""How much does an org know, and how fast does it learn? As tables; what each number means is in docs/metrics.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, OrgRef, Url

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
DAYS_SHOWN = 30


def intelligence(*, org: OrgRef = None, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show what an org has learned: score and its parts, cards, velocity, patterns by weakness."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        known = service.get(f"orgs/{service.org(org)}/intelligence")
    if as_json:
        show_json(known)
    else:
        show(known)


def show(known: dict[str, Any]) -> None:
    """Print an answer of the service as tables. Field names are those of the wire."""
    _show_score(known["score"])
    _show_cards(known["cards"])
    _show_velocity(known["velocity"], known["learning"])
    _show_shares(known["distribution"])


def _show_score(score: dict[str, Any]) -> None:
    say(f"intelligence score {score['value']} of 100")
    rows = [
        (one["title"], f"{100 * one['value'] * one['weight']:.0f} of {100 * one['weight']:.0f}", one["told"])
        for one in score["parts"]
    ]
    show_table(("part", "points", "made of"), rows, empty="")


def _show_cards(cards: list[dict[str, Any]]) -> None:
    show_table(("", "now", "change"), [(one["title"], _value(one), _change(one)) for one in cards], empty="")


def _value(card: dict[str, Any]) -> str:
    if card["unit"] == "count":
        return f"{card['value']:.0f}"
    return f"{card['value']:.0%} of {card['n']} judged" if card["n"] else "none judged yet"


def _change(card: dict[str, Any]) -> str:
    if card["delta"] is None:
        return "too few to compare"
    change = f"{card['delta']:+.0f}" if card["unit"] == "count" else f"{100 * card['delta']:+.0f} points"
    return f"{change} {card['window']}"


def _show_velocity(velocity: dict[str, Any], learning: list[dict[str, Any]]) -> None:
    say(
        f"{velocity['per_week']:.1f} rules a week in the last {velocity['window_days']} days "
        f"({velocity['rules']} in all), {velocity['before']:.1f} in as many days before"
    )
    for series in learning:
        if series["name"].endswith("_per_day") and series["points"]:
            values = [point["value"] for point in series["points"]][-DAYS_SHOWN:]
            say(f"{series['title'].lower()} by day, {len(values)} to today: {_bars(values)}")
    say()


def _bars(values: Sequence[float]) -> str:
    """One character a day, as high as the day was beside the best one; a dot for none."""
    most = max(values)
    return "".join(_BARS[round((len(_BARS) - 1) * value / most)] if value else "." for value in values)


def _show_shares(shares: list[dict[str, Any]]) -> None:
    rows = [(one["name"], one["count"]) for one in shares]
    show_table(("weakness", "patterns"), rows, empty="no pattern yet: send a fix with `rsolv learn`")
