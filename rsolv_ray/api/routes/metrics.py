"""How much has an org learned? Its counts, now and by period."""

from __future__ import annotations

from fastapi import APIRouter

from rsolv_ray.api.auth import Reader
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.model.report import OrgMetrics

router = APIRouter(prefix=OF_ORG + "/metrics", tags=["metrics"])


@router.get("")
async def show_metrics(visit: Reader) -> OrgMetrics:
    return await visit.house.metrics(visit.org.id)
