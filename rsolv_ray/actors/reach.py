"""How is the one asked who knows? An org's bank by the org, control by its name; both through one caller."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.names import BANK, CONTROL
from rsolv_ray.model.ids import OrgId
from rsolv_ray.settings import Settings

TIMEOUT_S = 20.0


class Reach:
    """Calls of banks and of control, each with its deadline, sent again only where that does no harm."""

    def __init__(self, caller: Caller, settings: Settings) -> None:
        self._caller, self._settings = caller, settings

    def _bank(self, org: OrgId) -> str:
        return f"{BANK}/{shard_of(org, self._settings.shards)}"

    async def _ask(self, org: OrgId, question: str, *args: Any, **named: Any) -> Any:
        return await self._caller.call(
            self._bank(org), "ask", org, question, *args, timeout_s=TIMEOUT_S, retry=True, **named
        )

    async def _tell(self, org: OrgId, verb: str, *args: Any, **named: Any) -> Any:
        return await self._caller.call(
            self._bank(org), "tell", org, verb, *args, timeout_s=TIMEOUT_S, retry=True, **named
        )

    async def _control(self, question: str, *args: Any, retry: bool = False, **named: Any) -> Any:
        return await self._caller.call(CONTROL, "ask", question, *args, timeout_s=TIMEOUT_S, retry=retry, **named)


def shard_of(org: OrgId, shards: int) -> int:
    """The fixed slice that an org belongs to. Changing `shards` moves orgs between banks, never their files."""
    return int.from_bytes(blake2b(org.encode(), digest_size=8).digest()) % shards
