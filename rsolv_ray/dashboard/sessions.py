"""Who is looking? A browser bears the random name of a session; the key that it stands for stays in this memory.

The key is asked about again at every look, so one that expires or is revoked ends its sessions. A restart ends them all.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from rsolv_ray.actors.client import House
from rsolv_ray.model.errors import NotAllowed
from rsolv_ray.model.org import Principal, Scope

COOKIE = "rsolv_session"
LASTS_S = 8 * 3600
MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Session:
    secret: str = field(repr=False)
    until: float


class Sessions:
    """The sessions that are open: at most `MOST`, each for `LASTS_S` seconds of `clock`. The oldest goes first."""

    def __init__(self, house: House, *, clock: Callable[[], float] = monotonic) -> None:
        self._house, self._clock = house, clock
        self._open: dict[str, _Session] = {}

    async def open(self, secret: str) -> str:
        """The name of a new session for whoever bears this key.

        Raises:
            NotAllowed: the key is unknown, expired or revoked, or may not read.
        """
        principal = await self._house.authenticate(secret)
        if principal is None:
            raise NotAllowed("This key is unknown, expired or revoked.")
        if not principal.scopes & {Scope.READ, Scope.ADMIN}:
            raise NotAllowed("This key lacks the scope 'read'.")
        name = secrets.token_urlsafe(32)
        self._open[name] = _Session(secret, self._clock() + LASTS_S)
        if len(self._open) > MOST:
            self.close(next(iter(self._open)))
        return name

    async def principal(self, name: str | None) -> Principal | None:
        """Who looks, or None: there is no such session, it is over, or its key no longer works."""
        session = self._open.get(name or "")
        if name is None or session is None:
            return None
        known = await self._house.authenticate(session.secret) if self._clock() < session.until else None
        if known is None:
            self.close(name)
        return known

    def close(self, name: str | None) -> None:
        """End a session; one that is over does no harm."""
        self._open.pop(name or "", None)
