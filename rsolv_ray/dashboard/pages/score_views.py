"""How does what an org knows look? Its score with what it is made of, cards with what has changed, and trends. As HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rsolv_ray.dashboard import plots
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.words import Html, address, counted, panel
from rsolv_ray.model.intelligence import Card, Intelligence, Score, ScorePart, Series, Velocity

_WAYS = {"rules": "rules", "found_by_learning": "findings", "false_positive_rate": "findings"}


def score(told: Score) -> Html:
    """The score as a ring, beside it each part with what it is made of and the points that it brings."""
    parts = "".join(_part(one) for one in told.parts)
    inner = f'<div class="score">{plots.ring(told.value)}<ol class="parts">{parts}</ol></div>'
    return panel("Intelligence score", inner, kind="scored")


def cards(told: Sequence[Card], visitor: Visitor) -> Html:
    """Numbers with what has changed in them. A rate is shown only where something was counted for it."""
    drawn = "".join(_card(one, visitor) for one in told)
    return Html(f'<section class="cards" aria-label="In numbers">{drawn}</section>')


def no_cards() -> Html:
    """The places of the cards before anything is known."""
    bones = '<div class="card"><i class="bone"></i><i class="bone number"></i><i class="bone"></i></div>'
    return Html(f'<section class="cards" aria-busy="true">{bones * 4}</section>')


def trends(known: Intelligence) -> Html:
    """How fast the org learns, how much it has learned, and of what."""
    series = {one.name: one for one in known.learning}
    totals = [series[name] for name in ("rules_total", "patterns_total") if name in series]
    drawn = [
        panel("Learning velocity", _velocity(known.velocity) + _weekly(series.get("rules_per_day"))),
        panel("Intelligence growth", plots.growth(totals)) if totals else "",
        panel("Patterns by weakness", plots.shares(known.distribution)) if known.distribution else "",
    ]
    return Html(f'<div class="stack">{"".join(drawn)}</div>')


def _part(one: ScorePart) -> str:
    points, most = one.value * one.weight * 100, one.weight * 100
    return (
        f"<li{'' if one.n else ' class=none'}><b>{escape(one.title)}</b>"
        f'<span class="points">{points:.0f} <small>of {most:.0f}</small></span>'
        f"{plots.bar(one.value)}<small>{escape(one.told)}</small></li>"
    )


def _card(one: Card, visitor: Visitor) -> str:
    is_measured = one.unit == "count" or bool(one.n)
    number = _number(one) if is_measured else "&ndash;"
    to = _WAYS.get(one.name)
    title = escape(one.title) if to is None else f'<a href="{address(to, visitor)}">{escape(one.title)}</a>'
    return (
        f'<div class="card"><h2>{title}</h2><b>{number}</b>'
        f"<small>{_change(one) if is_measured else 'no finding judged yet'}</small></div>"
    )


def _number(one: Card) -> str:
    if one.unit == "count":
        return f"{one.value:,.0f}"
    return f"{100 * one.value:.0f}&nbsp;%<i>of {one.n:,} judged</i>"


def _change(one: Card) -> str:
    """What has changed, coloured by whether that is good."""
    if one.delta is None:
        return f"no comparison yet {escape(one.window)}"
    amount = f"{abs(one.delta):,.0f}" if one.unit == "count" else f"{100 * abs(one.delta):.0f} points"
    sign = "" if not one.delta else "+" if one.delta > 0 else "&minus;"
    is_good = (one.delta > 0) == (one.better == "more")
    kind = "" if not one.delta else ' class="good"' if is_good else ' class="bad"'
    return f"<span{kind}>{sign}{amount}</span> {escape(one.window)}"


def _velocity(told: Velocity) -> str:
    change = told.per_week - told.before
    if not told.rules_before:
        compared = f"none in the {told.window_days} days before" if told.rules else ""
    else:
        kind = "good" if change > 0 else "bad" if change < 0 else ""
        sign = "+" if change > 0 else "&minus;" if change < 0 else "&plusmn;"
        before = f"the {told.window_days} days before"
        compared = f'<span class="{kind}">{sign}{abs(change):.1f}</span> against {before} ({told.rules_before})'
    rules = counted(told.rules, "rule")
    return (
        f'<p class="figure"><b>{told.per_week:.1f}</b> rules a week '
        f"<small>{rules} in the last {told.window_days} days{'; ' + compared if compared else ''}</small></p>"
    )


def _weekly(daily: Series | None) -> str:
    if daily is None or not daily.points:
        return ""
    return plots.weekly(daily, "rules") if len(daily.points) > 1 else "<p><small>One day so far.</small></p>"
