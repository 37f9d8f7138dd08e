"""Which routes does the service have, and what does every request pass on its way to one?"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from pydantic.json_schema import models_json_schema

from rsolv_ray.actors.client import House
from rsolv_ray.api import page, problems
from rsolv_ray.api.auth import Gate
from rsolv_ray.api.limits import BodyLimits
from rsolv_ray.api.observe import Observed
from rsolv_ray.api.routes import (
    cycles,
    events,
    findings,
    fixes,
    health,
    intelligence,
    keys,
    metrics,
    operations,
    orgs,
    proposals,
    repositories,
    rules,
    scans,
)
from rsolv_ray.api.sse import Seats
from rsolv_ray.settings import Settings

_DESCRIPTION = "Every security fix becomes a proven Semgrep rule; the rule finds the other instances, and patches them."
_NOUNS = (
    orgs,
    keys,
    repositories,
    fixes,
    cycles,
    rules,
    scans,
    findings,
    proposals,
    metrics,
    intelligence,
    events,
    operations,
)
_SCHEMAS = "#/components/schemas/{model}"
_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457)",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS.format(model="Problem")}}},
    }
}


def build(house: House, settings: Settings) -> FastAPI:
    """The HTTP application in front of `house`."""
    app = FastAPI(
        title="rsolv",
        description=_DESCRIPTION,
        version=version("rsolv-ray"),
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.gate = gate = Gate(house, settings)
    app.state.seats = Seats(settings.max_streams)
    app.state.idempotency_keys = fixes.Keys()
    problems.install(app)
    _tell_problems(app)
    for noun in _NOUNS:
        app.include_router(noun.router, responses=_PROBLEM)
    app.include_router(health.router)
    app.add_api_route("/docs", _page_of(app), response_class=HTMLResponse, include_in_schema=False)
    app.add_middleware(BodyLimits, max_bytes=settings.max_body_bytes, admit=gate.principal)
    app.add_middleware(Observed)
    return app


def _tell_problems(app: FastAPI) -> None:
    """Add the form of problems to the OpenAPI document: FastAPI knows response bodies of one media type a route alone."""
    plain = app.openapi
    _, schemas = models_json_schema([(problems.Problem, "serialization")], ref_template=_SCHEMAS)

    def openapi() -> dict[str, Any]:
        document = plain()
        document["components"]["schemas"] |= schemas["$defs"]
        return document

    app.openapi = openapi


def _page_of(app: FastAPI) -> Any:
    async def show_page() -> HTMLResponse:
        return HTMLResponse(page.render_page(app.openapi()), headers=page.HEADERS)

    return show_page
