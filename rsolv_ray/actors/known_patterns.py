"""Which patterns does an org have? A cache of what its bank has stored, brought up to date before each question.

The log is the truth: a pattern enters the index when the event of its storing is seen, never because it was made here.
A vector made here is kept aside, so that seeing that event costs no reading; after anything else (another process stored
or forgot a pattern) the index is read anew.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from rsolv_ray.actors.caller import Caller
from rsolv_ray.model.events import PatternStored, Recorded
from rsolv_ray.model.ids import OrgId, PatternId
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.patterns.encoder import Encoder
from rsolv_ray.patterns.index import VectorIndex

TOLD_BY = frozenset({"PatternStored", "PatternForgotten"})
KEPT_ASIDE = 256
BATCH = 500
TIMEOUT_S = 30.0


class KnownPatterns:
    """One org's patterns of one encoder. Hold `turn` while you ask it, so that the index stands still."""

    def __init__(self, caller: Caller, org: OrgId, bank: str, encoder: Encoder) -> None:
        self._caller, self._org, self._bank, self._encoder = caller, org, bank, encoder
        self._index: VectorIndex | None = None
        self._seen = 0
        self._aside: OrderedDict[PatternId, tuple[float, ...]] = OrderedDict()
        self.turn = asyncio.Lock()

    async def index(self) -> VectorIndex:
        """The index of all that is stored by now.

        Raises:
            Unavailable: the bank cannot answer.
            NotFound: there is no such org.
        """
        last: int = await self._ask("last_sequence")
        if last < self._seen:
            # The log is shorter than it was: its file was restored from an older copy.
            self._index, self._seen = None, last
        if self._index is None or not await self._follow(self._index):
            self._index = None
            self._index = await self._read()
        self._seen = max(self._seen, last)
        return self._index

    def keep_aside(self, pattern: Pattern) -> None:
        """Remember a pattern that may be stored soon. The oldest of too many go: their org is then read anew."""
        self._aside[pattern.id] = pattern.vector
        while len(self._aside) > KEPT_ASIDE:
            self._aside.popitem(last=False)

    async def _follow(self, index: VectorIndex) -> bool:
        """Take in what was stored since the last look; False if the index has to be read anew."""
        while True:
            events: tuple[Recorded, ...] = await self._caller.call(
                self._bank, "events_after", self._org, self._seen, types=TOLD_BY, limit=BATCH,
                timeout_s=TIMEOUT_S, retry=True,
            )  # fmt: skip
            for recorded in events:
                self._seen = recorded.sequence
                if not self._take_in(index, recorded):
                    return False
            if len(events) < BATCH:
                return True

    def _take_in(self, index: VectorIndex, recorded: Recorded) -> bool:
        if not isinstance(recorded.event, PatternStored):
            return False
        pattern = recorded.event.pattern.id
        if pattern in index:
            return True
        if pattern not in self._aside:
            return False
        index.add(pattern, self._aside.pop(pattern))
        return True

    async def _read(self) -> VectorIndex:
        patterns: tuple[Pattern, ...] = await self._ask("patterns", self._encoder.name)
        return await asyncio.to_thread(self._filled, patterns)

    def _filled(self, patterns: tuple[Pattern, ...]) -> VectorIndex:
        index = VectorIndex(self._encoder.dim, self._encoder.device)
        for pattern in patterns:
            index.add(pattern.id, pattern.vector)
        return index

    async def _ask(self, question: str, *args: object) -> Any:
        return await self._caller.call(
            self._bank, "ask", self._org, question, *args, timeout_s=TIMEOUT_S, retry=True
        )  # fmt: skip
