"""When does a page show anew? As soon as the org's log has grown; the log is the truth.

A service that does not answer is waited for; a session that is over, or an org that is gone, ends the watching.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.desk import Asked, Desk, Visitor
from rsolv_ray.model.errors import NotAllowed, NotFound, Unavailable
from rsolv_ray.model.events import RuleAccepted
from rsolv_ray.model.ids import OrgId
from rsolv_ray.model.org import Org

WATCH_S = 600.0
"""A page watches so long and then begins anew: Serve cuts requests that last longer than 15 minutes."""
NEWS_S, SETTLE_S, EVERY_S, RETRY_S = 20.0, 0.1, 0.6, 2.0
"""News are drawn after `SETTLE_S` seconds, but no oftener than every `EVERY_S` seconds: a burst is drawn twice, not a hundred times."""
MOST_PAGES = 1000

Seen = TypeVar("Seen")
Answer = TypeVar("Answer")
Look = Callable[[House, Org, Mapping[str, str]], Awaitable[Seen]]
"""What a page shows of an org, asked for with the parameters of the page's address."""


@dataclass(frozen=True, slots=True)
class View(Generic[Seen]):
    """What there is to see after the event `sequence`. `seen` is None where there is no org, or not the one asked for:
    `visitor.lost` tells.

    `news` are the rules that were accepted since the view before.
    """

    visitor: Visitor
    sequence: int = 0
    seen: Seen | None = None
    news: tuple[RuleAccepted, ...] = ()


class Looks:
    """Looks at orgs. Pages that ask the same at the same time share the question: a burst of events wakes them all at once."""

    def __init__(
        self,
        house: House,
        *,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._house = house
        self.now, self.sleep = now, sleep
        self._begun: dict[Any, asyncio.Task[Any]] = {}
        self._told: OrderedDict[tuple[Hashable, OrgId], int] = OrderedDict()

    async def at(self, org: Org, look: Look[Seen], asked: Mapping[str, str]) -> tuple[int, Seen]:
        """The log's last event, and the org as it is no earlier than that; the look may have begun a moment ago."""

        async def seen() -> tuple[int, Seen]:
            last = await self._house.last_sequence(org.id)
            return last, await look(self._house, org, asked)

        return await self._shared((org.id, look, frozenset(asked.items())), seen)

    async def grown(self, org: Org, last: int, *, not_before: float) -> None:
        """Wait until something has happened after the event `last`, or for a while.

        What comes in a burst is waited for together; whoever sent the fix that began it gets the answer before all the pages.
        """
        after = self._house.events_after
        await self._shared((org.id, "next", last), lambda: after(org.id, last, wait_s=NEWS_S, limit=1))
        await self.sleep(max(SETTLE_S, not_before - self.now()))

    async def news(self, page: Hashable, org: Org, until: int) -> tuple[RuleAccepted, ...]:
        """The rules that were accepted since `page` was told of the event before `until`; none where it was told of nothing."""
        after = self._told.get((page, org.id), until)
        if after >= until:
            return ()
        told = await self._shared(
            (org.id, "accepted", after, until),
            lambda: self._house.events_after(org.id, after, wait_s=0, types=frozenset({"RuleAccepted"})),
        )
        return tuple(one.event for one in told if one.sequence <= until and isinstance(one.event, RuleAccepted))

    def note_told(self, page: Hashable, org: Org, last: int) -> None:
        """A page shows the org as it was after the event `last`. It is known of so many pages, those that look most lately."""
        self._told[page, org.id] = last
        self._told.move_to_end((page, org.id))
        if len(self._told) > MOST_PAGES:
            self._told.popitem(last=False)

    async def _shared(self, key: Hashable, question: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        if key not in self._begun:
            self._begun[key] = asyncio.create_task(question())
            self._begun[key].add_done_callback(lambda _: self._begun.pop(key))
        return await asyncio.shield(self._begun[key])


async def watch(desk: Desk, looks: Looks, look: Look[Seen], asked: Asked) -> AsyncGenerator[View[Seen] | str]:
    """A view now and whenever something happened; or a sentence, while there is nothing to look at."""
    until = looks.now() + WATCH_S
    params = {name: value for name, value in asked.params.items() if name != "org"}
    page = asked.page or object()
    while looks.now() < until:
        try:
            visitor = await desk.visitor(asked)
            if visitor.org is None:
                yield View(visitor)
                await looks.sleep(RETRY_S)
                continue
            last, seen = await looks.at(visitor.org, look, params)
            drawn = looks.now()
            yield View(visitor, last, seen, await looks.news(page, visitor.org, last))
            looks.note_told(page, visitor.org, last)
            await looks.grown(visitor.org, last, not_before=drawn + EVERY_S)
        except (NotAllowed, NotFound) as end:
            yield str(end)
            return
        except Unavailable as error:
            yield f"The service does not answer right now ({error}). This page goes on by itself."
            await looks.sleep(RETRY_S)
