"""Is the service alive, is it ready, and what does it measure? For probes and Prometheus, without a key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST

from rsolv_ray.api.auth import Gate, gate_of
from rsolv_ray.model.report import Readiness
from rsolv_ray.telemetry import render

router = APIRouter(tags=["health"])


@router.get("/livez")
async def is_alive() -> dict[str, str]:
    """The process answers. Nothing else is looked at."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"model": Readiness, "description": "Not ready; `detail` says what is missing"}})
async def is_ready(response: Response, gate: Annotated[Gate, Depends(gate_of)]) -> Readiness:
    """Every part that the main job needs is there."""
    readiness = await gate.house.ready()
    response.status_code = 200 if readiness.ready else 503
    return readiness


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def show_prometheus_metrics(gate: Annotated[Gate, Depends(gate_of)]) -> Response:
    """This process's and those of all supervised processes; one that does not answer at once is left out."""
    return Response(render(await gate.house.samples()), headers={"Content-Type": CONTENT_TYPE_LATEST})
