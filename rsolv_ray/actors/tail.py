"""What happened just now? The newest events of one org, kept in memory for those who follow its log.

A follower at the end of the log is answered from here; one that lags behind what is kept is sent to the file.
Nothing here is of record: a tail may be dropped at any time at which nobody follows it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rsolv_ray.model.events import Recorded
from rsolv_ray.model.ids import OrgId

KEPT = 2_000
KEPT_OF_ALL = 20_000


class Tail:
    """The last `KEPT` events of a log, and a bell that rings when there are more."""

    def __init__(self, last: int) -> None:
        self.last = last
        self._first_known = last + 1
        self._events: deque[Recorded] = deque(maxlen=KEPT)
        self._news = asyncio.Condition()
        self._ringing: asyncio.Task[None] | None = None
        self.followers = 0

    def __len__(self) -> int:
        """How many events are kept."""
        return len(self._events)

    @contextmanager
    def followed(self) -> Iterator[None]:
        """While somebody follows this log it is not dropped."""
        self.followers += 1
        try:
            yield
        finally:
            self.followers -= 1

    def add(self, events: Sequence[Recorded]) -> None:
        """Take in events that were just committed, in order, and wake who waits.

        Where they do not follow on what is kept, that is given up: who follows from before them is sent to the file.
        """
        fresh = [event for event in events if event.sequence > self.last]
        if not fresh:
            return
        if fresh[0].sequence != self.last + 1:
            self._events.clear()
        self._events.extend(fresh)
        self._first_known = self._events[0].sequence
        self.last = fresh[-1].sequence
        self._ringing = asyncio.get_running_loop().create_task(self._ring())

    def after(self, sequence: int, types: frozenset[str] | None, limit: int) -> tuple[Recorded, ...] | None:
        """The events after `sequence`, at most `limit`; None where the file has to be asked."""
        if sequence + 1 < self._first_known:
            return None
        wanted = (one for one in self._events if one.sequence > sequence and (types is None or one.name in types))
        return tuple(one for one, _ in zip(wanted, range(limit), strict=False))

    async def wait_beyond(self, sequence: int, wait_s: float) -> None:
        """Wait until there is an event after `sequence`, at most `wait_s` seconds."""
        try:
            async with asyncio.timeout(wait_s), self._news:
                await self._news.wait_for(lambda: self.last > sequence)
        except TimeoutError:
            return

    async def _ring(self) -> None:
        async with self._news:
            self._news.notify_all()


class Tails:
    """The tails of the orgs that were used last: at most `most` of them, and `KEPT_OF_ALL` events in all.

    A tail that is followed counts, and stays.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._tails: OrderedDict[OrgId, Tail] = OrderedDict()

    def __len__(self) -> int:
        return len(self._tails)

    def get(self, org: OrgId) -> Tail | None:
        if org in self._tails:
            self._tails.move_to_end(org)
        return self._tails.get(org)

    def begin(self, org: OrgId, last: int) -> Tail:
        """The tail of an org whose newest event is `last`; one that is kept already goes on."""
        tail = self._tails.setdefault(org, Tail(last))
        self._tails.move_to_end(org)
        self.make_room()
        return tail

    def make_room(self) -> None:
        """Drop those that were used longest ago and that nobody follows, until there are few enough; never the last."""
        events = sum(map(len, self._tails.values()))
        idle = [org for org, tail in self._tails.items() if not tail.followers][:-1]
        for org in idle:
            if len(self._tails) <= self._most and events <= KEPT_OF_ALL:
                return
            events -= len(self._tails.pop(org))

    def drop(self, org: OrgId) -> None:
        self._tails.pop(org, None)
