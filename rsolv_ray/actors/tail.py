"""What happened just now? The newest events of one org, kept in memory for those who follow its log.

A follower at the end of the log is answered from here; one that lags behind what is kept is sent to the file.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from rsolv_ray.model.events import Recorded

KEPT = 2_000


class Tail:
    """The last `KEPT` events of a log, and a bell that rings when there are more."""

    def __init__(self, last: int) -> None:
        self.last = last
        self._first_known = last + 1
        self._events: deque[Recorded] = deque(maxlen=KEPT)
        self._news = asyncio.Condition()
        self._ringing: asyncio.Task[None] | None = None

    def add(self, events: Sequence[Recorded]) -> None:
        """Take in events that were just committed, in order, and wake who waits."""
        fresh = [event for event in events if event.sequence > self.last]
        if not fresh:
            return
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
