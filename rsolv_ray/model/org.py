"""Who is an org, and what may a key do?"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from rsolv_ray.model.ids import KeyId, OrgId, OrgName
from rsolv_ray.model.noun import Count, Moment, Noun


class Scope(StrEnum):
    """What a key may do. `admin` is the only one that is bound to no org; it implies the others in every org."""

    ADMIN = "admin"
    MANAGE = "manage"
    WRITE = "write"
    READ = "read"


class Org(Noun):
    """An organisation. `shard` is the number of the bank and orchestrator that it lives with, where that was looked up."""

    id: OrgId
    name: OrgName
    title: str = Field(default="", max_length=200)
    created_at: Moment
    deleted_at: Moment | None = None
    shard: Count | None = None


class ApiKey(Noun):
    """A key without its secret. `org` is None for admin keys alone."""

    id: KeyId
    org: OrgId | None
    name: str = Field(default="", max_length=200)
    scopes: frozenset[Scope] = Field(min_length=1)
    created_at: Moment
    expires_at: Moment | None = None
    revoked_at: Moment | None = None


class IssuedKey(Noun):
    """A key with its secret: shown once, when it is made."""

    key: ApiKey
    secret: str = Field(repr=False)


class Principal(Noun):
    """Who is asking: what authentication gives."""

    key: KeyId
    org: OrgId | None
    scopes: frozenset[Scope]


class AuditEntry(Noun):
    sequence: int
    at: Moment
    actor: str
    action: str
    subject: str
    org: OrgId | None = None
    detail: str = ""
