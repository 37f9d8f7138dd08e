"""Which validator is free? One request at a time each, so that a fix that kills its validator harms no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager


class Pool:
    """Leases of equal workers, given in the order in which they became free."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._free: asyncio.Queue[str] = asyncio.Queue()
        for one in ids:
            self._free.put_nowait(one)

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[str]:
        """The id of a worker that nobody else in this process uses until the block ends."""
        one = await self._free.get()
        try:
            yield one
        finally:
            self._free.put_nowait(one)
