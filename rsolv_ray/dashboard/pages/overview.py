"""How is the org doing? The home page: what was learned and found, live."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import overview_views as views
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.events import Recorded
from rsolv_ray.model.org import Org
from rsolv_ray.model.report import OrgMetrics
from rsolv_ray.model.rule import RuleSummary

CYCLES, RULES, EVENTS = 10, 5, 20


@dataclass(frozen=True, slots=True)
class Overview:
    """What the home page shows of an org."""

    org: Org
    metrics: OrgMetrics
    cycles: tuple[Cycle, ...]
    rules: tuple[RuleSummary, ...]
    events: tuple[Recorded, ...]


async def look(house: House, org: Org, _: Mapping[str, str]) -> Overview:
    """An org as it is now."""
    last = await house.last_sequence(org.id)
    metrics, cycles, rules, events = await asyncio.gather(
        house.metrics(org.id),
        house.cycles(org.id, CYCLES, None),
        house.rules(org.id, None, RULES, None),
        house.events_after(org.id, max(0, last - EVENTS), wait_s=0, limit=EVENTS),
    )
    return Overview(org, metrics, cycles.items, rules.items, events)


def draw(view: View[Overview], url: str) -> Sequence[str]:
    """The parts of the page, in the order of its outputs."""
    if view.seen is None:
        return ("", views.no_org(url), "", "")
    seen = view.seen
    return (
        views.counts(seen.metrics),
        views.cycles(seen.cycles, seen.org, url),
        views.rules(seen.rules),
        views.events(seen.events),
    )


def build(frame: Frame) -> None:
    """Put the page together."""
    frame.follow(look, draw, [frame.drawing(name) for name in ("counts", "cycles", "rules", "events")])
