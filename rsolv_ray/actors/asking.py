"""Whom does an orchestrator ask, for one of its orgs? Its bank, and whichever validator is free."""

from __future__ import annotations

from typing import Any

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.names import VALIDATOR
from rsolv_ray.actors.pool import Pool
from rsolv_ray.model.batch import Writer
from rsolv_ray.model.ids import OrgId

CALL_TIMEOUT_S = 600.0


class Asking:
    """Questions and changes of one shard's orchestrator, whose writes bear its generation."""

    def __init__(self, caller: Caller, bank: str, writer: Writer, validators: int) -> None:
        self.caller, self.bank = caller, bank
        self._writer = writer
        self._pool = Pool([f"{VALIDATOR}/{number}" for number in range(validators)])

    async def validate(self, method: str, *args: Any) -> Any:
        async with self._pool.lease() as validator:
            return await self.caller.call(validator, method, *args, timeout_s=CALL_TIMEOUT_S)

    async def ask(self, org: OrgId, question: str, *args: Any, **named: Any) -> Any:
        return await self.caller.call(
            self.bank, "ask", org, question, *args, timeout_s=CALL_TIMEOUT_S, retry=True, **named
        )

    async def tell(self, org: OrgId, verb: str, *args: Any, **named: Any) -> Any:
        return await self.caller.call(
            self.bank, "tell", org, verb, *args, writer=self._writer, timeout_s=CALL_TIMEOUT_S, retry=True, **named
        )
