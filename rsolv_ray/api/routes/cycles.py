"""What has become of the fixes? Their cycles, newest first."""

from __future__ import annotations

from fastapi import APIRouter

from rsolv_ray.api.auth import Reader
from rsolv_ray.api.paging import Paging
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.ids import CycleId
from rsolv_ray.model.page import Page

router = APIRouter(prefix=OF_ORG + "/cycles", tags=["cycles"])


@router.get("")
async def list_cycles(visit: Reader, paging: Paging) -> Page[Cycle]:
    return await visit.house.cycles(visit.org.id, *paging)


@router.get("/{cycle}")
async def show_cycle(cycle: CycleId, visit: Reader) -> Cycle:
    return await visit.house.cycle(visit.org.id, cycle)
