"""Who stands at the page, in which org, and what may they do there?

The org comes from the session's key, never from what a page sends; an admin's key alone may choose, by `?org=` in the
page's address. An id that is sent is looked up in that org, so another org's is not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.sessions import Sessions
from rsolv_ray.model.errors import NotAllowed, NotFound
from rsolv_ray.model.ids import OrgId, OrgName
from rsolv_ray.model.org import Org, Principal, Scope
from rsolv_ray.settings import Settings

MOST_ORGS = 200
ORGS_KNOWN_S = 5.0


class SessionOver(NotAllowed):
    """Your session is over: reload the page to log in again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of who sends it: the name of the session, and the parameters of the page's address.

    `page` is another with each load of a page.
    """

    session: str | None
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with an open session. `org` is None where there is none at all, or not the one that was `asked` for;
    `orgs` are those to choose among."""

    principal: Principal
    org: Org | None
    orgs: tuple[Org, ...] = ()
    asked: str = ""

    @property
    def is_admin(self) -> bool:
        return self.principal.org is None and Scope.ADMIN in self.principal.scopes

    @property
    def by(self) -> str:
        """How the visitor is named in events."""
        return f"key {self.principal.key}"

    @property
    def lost(self) -> str:
        """That the org which was asked for is not there; empty where it is, or where none was asked for."""
        return f"There is no organisation {self.asked[:80]!r}." if self.org is None and self.asked else ""

    def may(self, scope: Scope) -> bool:
        return self.is_admin or scope in self.principal.scopes

    def to(self, scope: Scope) -> Org:
        """The org in which the visitor may do what needs `scope`.

        Raises:
            NotAllowed: the key lacks the scope. NotFound: there is no such org, or none yet.
        """
        if not self.may(scope):
            raise NotAllowed(f"This key lacks the scope '{scope}': log in with one that has it.")
        if self.org is None:
            raise NotFound(self.lost or "There is no organisation yet.")
        return self.org


@dataclass(slots=True)
class _Listed:
    """Orgs, and until when they are taken for those that there are."""

    orgs: tuple[Org, ...] = ()
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page works with."""

    house: House
    sessions: Sessions
    settings: Settings
    _listed: _Listed = field(default_factory=_Listed, init=False, compare=False)

    async def visitor(self, asked: Asked) -> Visitor:
        """Who sent this.

        Raises:
            SessionOver. NotFound: the key's org is gone.
        """
        principal = await self.sessions.principal(asked.session)
        if principal is None:
            raise SessionOver
        if principal.org is not None:
            own = await self.house.org(principal.org)
            return Visitor(principal, own, (own,))
        orgs = await self._orgs()
        chosen = asked.params.get("org", "")
        return Visitor(principal, await self._chosen(chosen, orgs), orgs, chosen)

    async def _orgs(self) -> tuple[Org, ...]:
        """Those to choose among, as they were some seconds ago: every page asks at each view."""
        if monotonic() >= self._listed.until:
            self._listed.orgs = (await self.house.orgs(MOST_ORGS, None)).items
            self._listed.until = monotonic() + ORGS_KNOWN_S if self._listed.orgs else 0.0
        return self._listed.orgs

    async def _chosen(self, asked: str, orgs: tuple[Org, ...]) -> Org | None:
        if not asked:
            return orgs[0] if orgs else None
        if not OrgName.pattern.fullmatch(asked) and not OrgId.pattern.fullmatch(asked):
            return None
        try:
            return await self.house.org(asked)
        except NotFound:
            return None
