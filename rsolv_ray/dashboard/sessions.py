"""Who is looking? A browser bears the random name of a session; the key that it stands for stays in this memory.

The key is asked about again at every look, so one that expires or is revoked ends its sessions. A restart ends them all.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from rsolv_ray.actors.client import House
from rsolv_ray.model.errors import NotAllowed
from rsolv_ray.model.org import Principal, Scope

COOKIE = "rsolv_session"
LASTS_S = 8 * 3600
MOST = 10_000
MOST_LIVE = 30
"""So many pages of a key are live at once: several people may share it, and it must not hold all of `max_streams` (200)."""
MOST_PAGES, LONGEST_PAGE = 50, 64
"""So many pages are known of a session, those that asked most lately, by names of so many characters."""


@dataclass(frozen=True, slots=True)
class _Session:
    secret: str = field(repr=False)
    until: float
    pages: dict[str, None] = field(default_factory=dict[str, None], repr=False)


class Sessions:
    """The sessions that are open: at most `MOST`, each for `LASTS_S` seconds of `clock`. The oldest goes first."""

    def __init__(self, house: House, *, clock: Callable[[], float] = monotonic) -> None:
        self._house, self._clock = house, clock
        self._open: dict[str, _Session] = {}
        self._holders: dict[str, str] = {}
        self._live = Counter[str]()

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
        ended = self._open.pop(name or "", None)
        for page in ended.pages if ended else ():
            del self._holders[page]

    def holds(self, name: str, page: str) -> bool:
        """Is the page one of this session? A page that no open session holds becomes its own."""
        holder = self._holders.get(page, name)
        if holder in self._open and self._clock() >= self._open[holder].until:
            self.close(holder)
        session = self._open.get(name)
        if session is None or len(page) > LONGEST_PAGE or self._holders.setdefault(page, name) != name:
            return False
        session.pages.pop(page, None)
        session.pages[page] = None
        if len(session.pages) > MOST_PAGES:
            oldest = next(iter(session.pages))
            del session.pages[oldest], self._holders[oldest]
        return True

    @contextmanager
    def watching(self, name: str | None) -> Iterator[bool]:
        """One page more of the session's key is live; False where `MOST_LIVE` are, and this one may not be."""
        session = self._open.get(name or "")
        key = session.secret if session else ""
        if self._live[key] >= MOST_LIVE:
            yield False
            return
        self._live[key] += 1
        try:
            yield True
        finally:
            self._live[key] -= 1
            if not self._live[key]:
                del self._live[key]
