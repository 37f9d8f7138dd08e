"""How do numbers look? Rings, columns, lines and bars as SVG and CSS that the server draws.

Gradio's plots load 800 kB of script before the first of them shows, and begin their axes at the smallest value (6.31);
these are there with the page, begin at 0, take the colours of the page, and say each value to who hovers and to screen
readers. Shapes are drawn in a box of `WIDE` x `HIGH` units that is stretched to its place; words stand beside it as HTML.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise

from rsolv_ray.dashboard.words import Html
from rsolv_ray.model.intelligence import Point, Series, Share

WIDE, HIGH = 300.0, 80.0
WEEKS = 12
MOST_SHARES = 8
_RADIUS = 42.0
_GAP = 3.0


def ring(value: int, of: int = 100) -> Html:
    """A value as a part of a circle, with its number in the middle. `value` lies in 0 to `of`."""
    round_about = 2 * math.pi * _RADIUS
    arc = f'<circle class="arc" cx="50" cy="50" r="{_RADIUS:g}" stroke-dasharray="{round_about * value / of:.1f} 999"/>'
    return Html(
        f'<svg class="ring" viewBox="0 0 100 100" role="img" aria-label="{value} of {of}">'
        f'<circle class="track" cx="50" cy="50" r="{_RADIUS:g}"/>{arc if value else ""}'
        f'<text x="50" y="51">{value}</text><text class="of" x="50" y="69">of {of}</text></svg>'
    )


def bar(value: float) -> Html:
    """A value in 0 to 1 as a bar of that part of its width."""
    return Html(f'<span class="bar" aria-hidden="true"><i style="width:{100 * value:.0f}%"></i></span>')


def weekly(daily: Series, what: str) -> Html:
    """A column for each of the last `WEEKS` weeks: seven days each, the last of them ends with the last point."""
    sums = _weeks(daily.points)
    most = _ceiling(max((value for _, value in sums), default=0.0))
    width = WIDE / WEEKS
    columns: list[str] = []
    for number, (begun, value) in enumerate(sums, WEEKS - len(sums)):
        said = f"{value:g} {what} in the week from {begun:%d %b}"
        columns.append(_zone(number * width, width, said))
        if value:
            height = HIGH * value / most
            columns.append(_rect("week", number * width + _GAP / 2, HIGH - height, width - _GAP, height))
    end = daily.points[-1].at if daily.points else None
    label = f"{what} per week, the last {len(sums)}: {', '.join(f'{value:g}' for _, value in sums)}"
    first = end - timedelta(days=7 * WEEKS - 1) if end else None
    return _framed("".join(columns), most, label, first, end)


def growth(totals: Sequence[Series]) -> Html:
    """Lines of totals over the same days, each with its name and its last value; of a single day the values alone."""
    drawn = [one for one in totals if one.points]
    if drawn and len(drawn[0].points) == 1:
        return Html(f"<p><small>One day so far.</small></p>{_keys(drawn)}")
    most = _ceiling(max((point.value for one in drawn for point in one.points), default=0.0))
    lines = "".join(_line(one.points, most, f"line-{number}") for number, one in enumerate(drawn))
    label = "; ".join(f"{one.title}: from {one.points[0].value:g} to {one.points[-1].value:g}" for one in drawn)
    days = drawn[0].points if drawn else ()
    framed = _framed(lines + _days(drawn), most, label, days[0].at if days else None, days[-1].at if days else None)
    return Html(framed + _keys(drawn))


def _keys(drawn: Sequence[Series]) -> str:
    keys = "".join(
        f'<li class="line-{number}">{escape(one.title)} <b>{one.points[-1].value:g}</b></li>'
        for number, one in enumerate(drawn)
    )
    return f'<ul class="keys">{keys}</ul>'


def shares(told: Sequence[Share]) -> Html:
    """Bars of counts, the longest first; what comes after the first `MOST_SHARES` is summed up."""
    whole, most = sum(one.count for one in told), max((one.count for one in told), default=0)
    rows = [_share(one.name, one.count, whole, most) for one in told[:MOST_SHARES]]
    rest = sum(one.count for one in told[MOST_SHARES:])
    if rest:
        rows.append(_share(f"{len(told) - MOST_SHARES} others", rest, whole, max(most, rest)))
    return Html(f'<ul class="shares">{"".join(rows)}</ul>')


def _share(name: str, count: int, whole: int, most: int) -> str:
    part = f"{100 * count / whole:.0f}&nbsp;%"
    return f"<li><span>{escape(name)}</span>{bar(count / most)}<b>{count:,}</b><small>{part}</small></li>"


def _weeks(points: Sequence[Point]) -> list[tuple[datetime, float]]:
    """The first day and the sum of each week, oldest first, at most `WEEKS`; the oldest may be cut short."""
    ends = range(len(points), max(0, len(points) - 7 * WEEKS), -7)
    weeks = [points[max(0, end - 7) : end] for end in ends]
    return [(week[0].at, math.fsum(point.value for point in week)) for week in reversed(weeks)]


def _line(points: Sequence[Point], most: float, kind: str) -> str:
    places = [
        f"{_x(number, len(points)):.1f},{HIGH - HIGH * one.value / most:.1f}" for number, one in enumerate(points)
    ]
    return f'<polyline class="{kind}" points="{" ".join(places)}"/>'


def _days(drawn: Sequence[Series]) -> str:
    """What hovering says: a zone for each day on which a total changed, up to the next such day."""
    if not drawn:
        return ""
    days = range(len(drawn[0].points))
    changed = [
        day for day in days if day == 0 or any(one.points[day].value != one.points[day - 1].value for one in drawn)
    ]
    zones: list[str] = []
    for day, following in pairwise([*changed, len(days)]):
        said = ", ".join(f"{one.title}: {one.points[day].value:g}" for one in drawn)
        left, right = _x(day, len(days)), _x(following, len(days)) if following < len(days) else WIDE
        zones.append(_zone(left, max(right - left, 2.0), f"{drawn[0].points[day].at:%d %b}: {said}"))
    return "".join(zones)


def _x(number: int, of: int) -> float:
    return WIDE * number / (of - 1) if of > 1 else 0.0


def _zone(left: float, width: float, said: str) -> str:
    return f'<rect class="zone" x="{left:.1f}" y="0" width="{width:.1f}" height="{HIGH:g}"><title>{escape(said)}</title></rect>'


def _rect(kind: str, left: float, top: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _framed(shapes: str, most: float, label: str, first: datetime | None, last: datetime | None) -> Html:
    days = f"<span>{first:%d %b}</span><span>{last:%d %b}</span>" if first and last else ""
    return Html(
        f'<div class="plot"><div class="scale" aria-hidden="true"><span>{most:g}</span><span>0</span></div>'
        f'<svg viewBox="0 0 {WIDE:g} {HIGH:g}" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'{shapes}</svg><div class="days" aria-hidden="true">{days}</div></div>'
    )


def _ceiling(value: float) -> float:
    """The round number at which an axis ends: 1, 2, 5 times a power of ten, at least 1."""
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (1.0, 2.0, 5.0, 10.0) if power * step >= value)
