"""Who may ask? Orgs, their keys, and the audit of what was done with them."""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import datetime
from hashlib import sha256

import structlog

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.reach import Reach, shard_of
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.ids import KeyId, OrgId, OrgName
from rsolv_ray.model.org import ApiKey, AuditEntry, IssuedKey, Org, Principal, Scope
from rsolv_ray.model.page import Page
from rsolv_ray.settings import Settings

LONG_S = 120.0
KEYS_KNOWN = 10_000

log = structlog.get_logger(__name__)


class LookedUp:
    """Keys that were looked up, each known for `for_s` seconds, the oldest out first.

    Keys that work and keys that do not have a room of their own each, so that a stranger who tries many flushes none
    of those that work. Secrets are kept as digests alone.
    """

    def __init__(self, for_s: float, *, most: int = KEYS_KNOWN) -> None:
        self._for_s, self._most = for_s, most
        self._working: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()
        self._refused: OrderedDict[bytes, tuple[float, None]] = OrderedDict()

    def get(self, secret: str) -> tuple[bool, Principal | None]:
        """Is it known who bears this key; and who does?"""
        name = _digest(secret)
        until, principal = self._working.get(name) or self._refused.get(name) or (0.0, None)
        return time.monotonic() < until, principal

    def put(self, secret: str, principal: Principal | None) -> None:
        name, until = _digest(secret), time.monotonic() + self._for_s
        self._working.pop(name, None)
        self._refused.pop(name, None)
        if principal is None:
            self._refused[name] = (until, None)
        else:
            self._working[name] = (until, principal)
        for room in (self._working, self._refused):
            if len(room) > self._most:
                room.popitem(last=False)

    def clear(self) -> None:
        """A key may have ceased to work."""
        self._working.clear()


class Accounts(Reach):
    """What control answers. Keys that were looked up are known for `key_cache_s` seconds."""

    def __init__(self, caller: Caller, settings: Settings) -> None:
        super().__init__(caller, settings)
        self._keys = LookedUp(settings.key_cache_s)

    async def authenticate(self, secret: str) -> Principal | None:
        """Who bears this key? An answer is trusted for `key_cache_s` seconds, so a revoked key works that long at most."""
        is_known, known = self._keys.get(secret)
        if is_known:
            return known
        principal: Principal | None = await self._control("authenticate", secret, retry=True)
        self._keys.put(secret, principal)
        return principal

    async def create_org(self, name: OrgName, title: str, *, by: str) -> Org:
        """A new org. Its file is made at once, so that its first fix need not wait for that; or else with that fix."""
        org: Org = await self._control("create_org", name, title, by=by)
        try:
            await self._ask(org.id, "last_sequence")
        except Unavailable as error:
            log.warning("a new org's file is not made yet", org=org.id, reason=str(error))
        return self._with_shard(org)

    async def orgs(self, limit: int, cursor: str | None) -> Page[Org]:
        page: Page[Org] = await self._control("orgs", limit, cursor, retry=True)
        return Page[Org](items=tuple(map(self._with_shard, page.items)), next_cursor=page.next_cursor)

    async def org(self, ref: str) -> Org:
        return self._with_shard(await self._control("org", ref, retry=True))

    def _with_shard(self, org: Org) -> Org:
        return org.model_copy(update={"shard": shard_of(org.id, self._settings.shards)})

    async def delete_org(self, org: OrgId, *, by: str) -> None:
        """Delete an org and its file for good. May be sent again: what was broken off is finished."""
        await self._control("delete_org", org, by=by, retry=True)
        self._keys.clear()
        await self._caller.call(self._bank(org), "forget", org, timeout_s=LONG_S, retry=True)

    async def issue_key(
        self, org: OrgId | None, name: str, scopes: frozenset[Scope], *, expires_at: datetime | None, by: str
    ) -> IssuedKey:
        return await self._control("issue_key", org, name, scopes, expires_at=expires_at, by=by)

    async def keys(self, org: OrgId | None) -> tuple[ApiKey, ...]:
        return await self._control("keys", org, retry=True)

    async def revoke_key(self, key: KeyId, *, org: OrgId | None, by: str) -> None:
        await self._control("revoke_key", key, org=org, by=by)
        self._keys.clear()

    async def audit(self, after: int, limit: int) -> tuple[AuditEntry, ...]:
        return await self._control("audit", after, limit, retry=True)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
