"""How many tokens of language models may an org's next fix cost?

What the log says was spent since midnight (UTC), and what fixes under way may yet spend, is taken off what the org has for a day. So many fixes at once
spend no more than the day has. What an attempt spent that died before it was recorded is not known, and not counted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time

from rsolv_ray.actors.asking import Asking
from rsolv_ray.model.ids import OrgId


class Spending:
    """The allowances of one shard's orgs. `per_day`: tokens of an org a day; `per_fix`: what one fix is given at most."""

    def __init__(self, asking: Asking, *, per_day: int, per_fix: int) -> None:
        self._asking = asking
        self._per_day, self._per_fix = per_day, per_fix
        self._under_way: dict[OrgId, int] = {}

    @asynccontextmanager
    async def allowance(self, org: OrgId) -> AsyncIterator[int]:
        """Tokens that may be spent until the block ends; nothing is asked where no model may be."""
        if not self._per_day or not self._per_fix:
            yield 0
            return
        midnight = datetime.combine(datetime.now(UTC).date(), time(), UTC)
        spent: int = await self._asking.ask(org, "tokens_spent", midnight)
        left = self._per_day - spent - self._under_way.get(org, 0)
        allowed = max(0, min(left, self._per_fix))
        self._under_way[org] = self._under_way.get(org, 0) + allowed
        try:
            yield allowed
        finally:
            left = self._under_way.pop(org, 0) - allowed
            if left:
                self._under_way[org] = left
