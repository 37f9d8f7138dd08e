"""What has an org learned, and how fast does it learn?"""

from __future__ import annotations

from fastapi import APIRouter

from rsolv_ray.api.auth import Reader
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.model.intelligence import Intelligence

router = APIRouter(prefix=OF_ORG + "/intelligence", tags=["metrics"])


@router.get("")
async def show_intelligence(visit: Reader) -> Intelligence:
    """The org's intelligence score with its parts, cards, velocity, days, and patterns by weakness."""
    return await visit.house.intelligence(visit.org.id)
