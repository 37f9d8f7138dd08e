"""Who knows what a fix looks like? The `Analyzer` turns it into vectors and compares it with its org's patterns.

It stores nothing: what it says is recorded by who asked. Asked twice, it names the same pattern, and what was stored
before that pattern is all it counts.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime

import torch

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.known_patterns import KnownPatterns
from rsolv_ray.actors.sharing import answering
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import OrgId
from rsolv_ray.model.pattern import Analysed, Pattern
from rsolv_ray.patterns.encoder import Encoder
from rsolv_ray.patterns.index import VectorIndex
from rsolv_ray.patterns.insights import THRESHOLD, insight
from rsolv_ray.patterns.of_fix import pattern_of

ORGS_KEPT = 256


class Analyzer:
    """One encoder for all orgs, and an index for each of those asked about last."""

    def __init__(self, *, embedding_dim: int, caller: Caller | None = None) -> None:
        self._dim, self._caller = embedding_dim, caller
        self._known: OrderedDict[OrgId, KnownPatterns] = OrderedDict()

    async def start(self, generation: int) -> None:  # noqa: ARG002 - writes nothing, so it needs no fence
        # More threads than one gain nothing at these sizes and take the processors from scans.
        torch.set_num_threads(1)
        self._encoder = await asyncio.to_thread(Encoder, self._dim)
        self._reach = self._caller or Directory()

    async def stop(self) -> None:
        """Nothing is held that its bank does not have."""

    async def analyse(self, org: OrgId, fix: Fix, bank: str) -> Analysed:
        """The fix's pattern, and how it stands among those that the org's `bank` has stored. Writes nothing.

        Raises:
            Unavailable: the bank cannot answer.
            NotFound: there is no such org.
            Broken: the fix met a bug of ours.
        """
        now = datetime.now(UTC)
        with answering("analyse"):
            pattern = await asyncio.to_thread(pattern_of, fix, self._encoder, now)
        known = self._known_of(org, bank)
        async with known.turn:
            index = await known.index()
            analysed = await asyncio.to_thread(_compared, pattern, index)
            known.keep_aside(pattern)
        return analysed

    def _known_of(self, org: OrgId, bank: str) -> KnownPatterns:
        """The cache of an org; that of the org which was asked about longest ago makes room."""
        if org not in self._known:
            self._known[org] = KnownPatterns(self._reach, org, bank, self._encoder)
        self._known.move_to_end(org)
        while len(self._known) > ORGS_KEPT:
            self._known.popitem(last=False)
        return self._known[org]


def _compared(pattern: Pattern, index: VectorIndex) -> Analysed:
    similar = index.above(torch.tensor(pattern.vector), THRESHOLD, before=pattern.id)
    return Analysed(pattern=pattern, insight=insight(pattern.id, similar))
