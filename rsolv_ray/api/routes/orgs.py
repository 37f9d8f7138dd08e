"""Which organisations are there? Admins make, list and delete them; a key may see its own."""

from __future__ import annotations

from fastapi import APIRouter, Response

from rsolv_ray.api.auth import Admin, Anyone, OrgAdmin, Reader, is_admin
from rsolv_ray.api.paging import Paging
from rsolv_ray.api.paths import V1, address
from rsolv_ray.api.wire import OrgIn
from rsolv_ray.model.errors import NotAllowed
from rsolv_ray.model.org import Org
from rsolv_ray.model.page import Page

router = APIRouter(prefix=V1, tags=["orgs"])


@router.post("/orgs", status_code=201)
async def create_org(body: OrgIn, caller: Admin, response: Response) -> Org:
    org = await caller.house.create_org(body.name, body.title, by=caller.by)
    response.headers["Location"] = address(org)
    return org


@router.get("/orgs")
async def list_orgs(caller: Anyone, paging: Paging) -> Page[Org]:
    """The orgs that the key may see: all of them for an admin's, its own for every other."""
    principal = caller.principal
    if is_admin(principal):
        return await caller.house.orgs(*paging)
    if principal.org is None:
        raise NotAllowed("the key belongs to no org, and lacks the scope 'admin'")
    return Page[Org](items=(await caller.gate.org(principal, principal.org),))


@router.get("/orgs/{org}")  # noqa: FAST003 - the gate reads it
async def show_org(visit: Reader) -> Org:
    return visit.org


@router.delete("/orgs/{org}", status_code=204)  # noqa: FAST003 - the gate reads it
async def delete_org(visit: OrgAdmin) -> None:
    """Delete an org with its keys and everything that was learned in it."""
    await visit.house.delete_org(visit.org.id, by=visit.by)
    visit.gate.forget_org(visit.org.id)
