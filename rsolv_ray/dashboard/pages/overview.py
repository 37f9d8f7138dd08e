"""How is the org doing? The home page: what it knows, what it learns right now, and what was found."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import feed_views, overview_views, score_views
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.events import Recorded
from rsolv_ray.model.finding import Repository, ScanRecord
from rsolv_ray.model.intelligence import Intelligence
from rsolv_ray.model.org import Org
from rsolv_ray.model.rule import RuleSummary

RUNNING, LEARNED, SCANS, RULES, EVENTS = 8, 10, 5, 5, 14


@dataclass(frozen=True, slots=True)
class Overview:
    """What the home page shows of an org. `repositories` are asked for where nothing was learned yet, else empty."""

    org: Org
    intelligence: Intelligence
    running: tuple[Cycle, ...] = ()
    learned: tuple[Cycle, ...] = ()
    scans: tuple[ScanRecord, ...] = ()
    rules: tuple[RuleSummary, ...] = ()
    events: tuple[Recorded, ...] = ()
    repositories: tuple[Repository, ...] = ()

    @property
    def is_new(self) -> bool:
        """No fix has come yet."""
        return not self.running and not self.learned


async def look(house: House, org: Org, _: Mapping[str, str]) -> Overview:
    """An org as it is now."""
    known, running, learned, scans, rules, events = await asyncio.gather(
        house.intelligence(org.id),
        house.cycles(org.id, RUNNING, None, running=True),
        house.cycles(org.id, LEARNED, None, running=False),
        house.scans(org.id, SCANS, None),
        house.rules(org.id, None, RULES, None),
        house.newest_events(org.id, feed_views.TOLD, EVENTS),
    )
    seen = Overview(org, known, running.items, learned.items, scans.items, rules.items, events)
    if not seen.is_new:
        return seen
    return Overview(org, known, scans=seen.scans, events=seen.events, repositories=await house.repositories(org.id))


def draw(view: View[Overview], url: str) -> Sequence[str]:
    """The parts of the page, in the order of its outputs."""
    seen, visitor = view.seen, view.visitor
    if seen is None:
        return (overview_views.no_org(url), "", "", "", "", "", "")
    if seen.is_new:
        return (
            overview_views.begin(seen.org, visitor, seen.repositories, url),
            score_views.cards(seen.intelligence.cards, visitor), "", "", "", "", feed_views.feed(seen.events, visitor) if seen.events else "",
        )  # fmt: skip
    return (
        score_views.score(seen.intelligence.score),
        score_views.cards(seen.intelligence.cards, visitor),
        overview_views.running(seen.running, visitor),
        overview_views.learned(seen.learned, visitor),
        overview_views.lists(seen.rules, seen.scans, visitor),
        score_views.trends(seen.intelligence),
        feed_views.feed(seen.events, visitor),
    )


def build(frame: Frame) -> None:
    """Put the page together."""
    with gr.Column(elem_id="rsolv-top"):
        score = frame.drawing("score", first=words.bones(7, "Intelligence score"))
        cards = frame.drawing("cards", first=score_views.no_cards())
    running = frame.drawing("running", first=words.bones(1, "Learning right now"))
    with gr.Column(elem_id="rsolv-halves"):
        with gr.Column():
            learned = frame.drawing("learned", first=words.bones(8, "Recent learning"))
            lists = frame.drawing("lists", first=words.bones(5, "Newest rules"))
        with gr.Column():
            trends = frame.drawing("trends", first=words.bones(8, "Learning velocity"))
            feed = frame.drawing("feed", first=words.bones(5, "Activity"))
    frame.follow(look, draw, [score, cards, running, learned, lists, trends, feed])
