"""Who asks, and may they?

The org comes from the key: the one in the address has to be the key's own, else it is not there (404, never 403).
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Annotated

from fastapi import Depends, Path, Request, Response, Security
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase

from rsolv_ray.actors.client import House
from rsolv_ray.api.expiring import Expiring
from rsolv_ray.api.problems import Unauthenticated
from rsolv_ray.api.rates import WriteBudget
from rsolv_ray.model.errors import NotAllowed, NotFound
from rsolv_ray.model.ids import OrgId, OrgName
from rsolv_ray.model.org import Org, Principal, Scope
from rsolv_ray.settings import Settings

_SECRET = re.compile(r"rsk_[A-Za-z0-9_-]{16,200}")
_READING = frozenset({"GET", "HEAD"})


class KeyScheme(SecurityBase):
    """Reads the key: `Authorization: Bearer rsk_...`, or Basic with the key as password."""

    def __init__(self) -> None:
        self.model = BearerModel(description="An API key. Basic works too, with the key as password.")
        self.scheme_name = "key"

    async def __call__(self, request: Request) -> str | None:
        return secret_in(request.headers.get("authorization", ""))


KEY = KeyScheme()


def secret_in(authorization: str) -> str | None:
    """The key in an `Authorization` header, or None where there is none of the right form."""
    scheme, _, credentials = authorization.partition(" ")
    credentials = credentials.strip()
    if scheme.lower() == "basic":
        try:
            credentials = b64decode(credentials.encode(), validate=True).decode("ascii", "replace").partition(":")[2]
        except NotBase64:
            return None
    elif scheme.lower() != "bearer":
        return None
    return credentials if _SECRET.fullmatch(credentials) else None


class Gate:
    """What every request passes: whose key, which org, how many writes are left."""

    def __init__(self, house: House, settings: Settings, *, clock: Callable[[], float] = monotonic) -> None:
        self.house = house
        self._orgs: Expiring[str, Org] = Expiring(settings.key_cache_s, clock=clock)
        self._budget = WriteBudget(settings.rate_limit_per_minute, clock=clock)

    async def principal(self, secret: str | None) -> Principal:
        """Whose key this is.

        Raises:
            Unauthenticated: it is missing, unknown, expired or revoked.
        """
        if secret is None:
            raise Unauthenticated
        principal = await self.house.authenticate(secret)
        if principal is None:
            raise Unauthenticated("the key is unknown, expired or revoked")
        return principal

    async def org(self, principal: Principal, reference: str) -> Org:
        """The org of that ULID or name, if the key may know of it.

        Raises:
            NotFound: there is none, or it is another's: the same words for both.
        """
        absent = NotFound(f"there is no org {reference[:80]!r}")
        if not (OrgId.pattern.fullmatch(reference) or OrgName.pattern.fullmatch(reference)):
            raise absent
        org = self._orgs.get(reference)
        if org is None:
            try:
                org = await self.house.org(reference)
            except NotFound:
                raise absent from None
            self._orgs.put(reference, org)
        if not (is_admin(principal) or principal.org == org.id):
            raise absent
        return org

    def spend(self, principal: Principal) -> dict[str, str]:
        """Take one write from the key's budget: see `WriteBudget.spend`."""
        return self._budget.spend(principal.key)

    def forget_org(self, org: OrgId) -> None:
        """Stop believing in an org at once: it was deleted."""
        self._orgs.forget(lambda known: known.id == org)


def is_admin(principal: Principal) -> bool:
    """Bound to no org, and may do everything in all of them."""
    return principal.org is None and Scope.ADMIN in principal.scopes


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a key that suffices, outside of any org."""

    gate: Gate
    principal: Principal

    @property
    def house(self) -> House:
        return self.gate.house

    @property
    def by(self) -> str:
        """How the caller is named in audit and events."""
        return f"key {self.principal.key}"


@dataclass(frozen=True, slots=True)
class Visit(Caller):
    """Somebody with a key that suffices, in an org that it may enter."""

    org: Org


def gate_of(request: Request) -> Gate:
    """The gate of the application that serves this request."""
    gate = request.app.state.gate
    assert isinstance(gate, Gate)
    return gate


async def _principal(
    gate: Annotated[Gate, Depends(gate_of)], secret: Annotated[str | None, Security(KEY)]
) -> Principal:
    return await gate.principal(secret)


async def enter_house(
    scopes: SecurityScopes,
    request: Request,
    response: Response,
    gate: Annotated[Gate, Depends(gate_of)],
    principal: Annotated[Principal, Depends(_principal)],
) -> Caller:
    """A key that holds the route's scopes, for what belongs to no org."""
    _allow(principal, scopes, request, response, gate)
    return Caller(gate, principal)


async def enter_org(
    *,
    scopes: SecurityScopes,
    request: Request,
    response: Response,
    gate: Annotated[Gate, Depends(gate_of)],
    principal: Annotated[Principal, Depends(_principal)],
    org: Annotated[str, Path(description="The org's name or ULID")],
) -> Visit:
    """A key that may enter the org of the address and holds the route's scopes."""
    known = await gate.org(principal, org)
    _allow(principal, scopes, request, response, gate)
    return Visit(gate, principal, known)


def _allow(principal: Principal, scopes: SecurityScopes, request: Request, response: Response, gate: Gate) -> None:
    missing = [scope for scope in scopes.scopes if Scope(scope) not in principal.scopes]
    if missing and not is_admin(principal):
        raise NotAllowed(f"the key lacks the scope {missing[0]!r}")
    if request.method not in _READING:
        response.headers.update(gate.spend(principal))


Reader = Annotated[Visit, Security(enter_org, scopes=[Scope.READ.value])]
Author = Annotated[Visit, Security(enter_org, scopes=[Scope.WRITE.value])]
Steward = Annotated[Visit, Security(enter_org, scopes=[Scope.MANAGE.value])]
OrgAdmin = Annotated[Visit, Security(enter_org, scopes=[Scope.ADMIN.value])]
Anyone = Annotated[Caller, Security(enter_house, scopes=[Scope.READ.value])]
Admin = Annotated[Caller, Security(enter_house, scopes=[Scope.ADMIN.value])]
