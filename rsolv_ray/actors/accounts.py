"""Who may ask? Orgs, their keys, and the audit of what was done with them."""

from __future__ import annotations

import time
from datetime import datetime
from hashlib import sha256

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.reach import Reach
from rsolv_ray.model.ids import KeyId, OrgId, OrgName
from rsolv_ray.model.org import ApiKey, AuditEntry, IssuedKey, Org, Principal, Scope
from rsolv_ray.model.page import Page
from rsolv_ray.settings import Settings

LONG_S = 120.0
KEYS_KNOWN = 10_000


class Accounts(Reach):
    """What control answers. Keys that were looked up are known for `key_cache_s` seconds."""

    def __init__(self, caller: Caller, settings: Settings) -> None:
        super().__init__(caller, settings)
        self._keys: dict[bytes, tuple[float, Principal | None]] = {}

    async def authenticate(self, secret: str) -> Principal | None:
        """Who bears this key? An answer is trusted for `key_cache_s` seconds, so a revoked key works that long at most."""
        name, now = sha256(secret.encode()).digest(), time.monotonic()
        known = self._keys.get(name)
        if known is not None and known[0] > now:
            return known[1]
        principal: Principal | None = await self._control("authenticate", secret, retry=True)
        if len(self._keys) >= KEYS_KNOWN:
            self._keys.clear()
        self._keys[name] = (now + self._settings.key_cache_s, principal)
        return principal

    async def create_org(self, name: OrgName, title: str, *, by: str) -> Org:
        """A new org, with its file made, so that its first fix need not wait for that."""
        org: Org = await self._control("create_org", name, title, by=by)
        await self._ask(org.id, "last_sequence")
        return org

    async def orgs(self, limit: int, cursor: str | None) -> Page[Org]:
        return await self._control("orgs", limit, cursor, retry=True)

    async def org(self, ref: str) -> Org:
        return await self._control("org", ref, retry=True)

    async def delete_org(self, org: OrgId, *, by: str) -> None:
        await self._control("delete_org", org, by=by)
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
