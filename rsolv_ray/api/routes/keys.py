"""Who may speak for an org? Its keys; a secret is told once, when its key is made."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter

from rsolv_ray.api.auth import Steward
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.api.wire import KeyIn
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.ids import KeyId
from rsolv_ray.model.org import ApiKey, IssuedKey
from rsolv_ray.model.page import Page

router = APIRouter(prefix=OF_ORG + "/keys", tags=["keys"])


@router.post("", status_code=201)
async def issue_key(body: KeyIn, visit: Steward) -> IssuedKey:
    if body.expires_at is not None and body.expires_at <= datetime.now(UTC):
        raise Rejected("'expires_at' lies in the past")
    return await visit.house.issue_key(visit.org.id, body.name, body.scopes, expires_at=body.expires_at, by=visit.by)


@router.get("")
async def list_keys(visit: Steward) -> Page[ApiKey]:
    return Page[ApiKey](items=await visit.house.keys(visit.org.id))


@router.delete("/{key}", status_code=204)
async def revoke_key(key: KeyId, visit: Steward) -> None:
    await visit.house.revoke_key(key, org=visit.org.id, by=visit.by)
