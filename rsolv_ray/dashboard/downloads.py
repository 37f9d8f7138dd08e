"""What can be taken away as a file? Rules, findings, patches: for open sessions, of the visitor's org alone."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from rsolv_ray.actors.sarif_reports import findings_report
from rsolv_ray.dashboard.asking import named
from rsolv_ray.dashboard.desk import Asked, Desk, SessionOver
from rsolv_ray.dashboard.pages.findings import wanted_of
from rsolv_ray.dashboard.sessions import COOKIE
from rsolv_ray.engine.rules.configuration import dump_rules
from rsolv_ray.engine.sarif.log import MEDIA_TYPE, dumped
from rsolv_ray.model.errors import Conflict, NotAllowed, NotFound, Rejected, RsolvError
from rsolv_ray.model.ids import ProposalId, RuleId
from rsolv_ray.model.org import Org, Scope

_STATUS: dict[type[RsolvError], int] = {SessionOver: 401, NotAllowed: 403, NotFound: 404, Conflict: 409, Rejected: 422}
"""The first family that fits tells."""


def add_downloads(app: FastAPI, desk: Desk) -> None:
    """Let `app` answer for files. What goes wrong is told in words, as plain text."""
    house = desk.house

    async def org_of(request: Request) -> Org:
        asked = Asked(request.cookies.get(COOKIE), dict(request.query_params))
        return (await desk.visitor(asked)).to(Scope.READ)

    @app.get("/download/rules.yaml")
    async def rules_in_use(request: Request) -> Response:
        rules = await house.rules_in_use((await org_of(request)).id)
        if not rules:
            raise Conflict("There is no rule in use yet: nothing to export.")
        return _file(dump_rules([rule.definition for rule in rules]), "rules.yaml", "application/yaml")

    @app.get("/download/rules/{rule}.yaml")
    async def one_rule(request: Request, rule: str) -> Response:
        known = await house.rule((await org_of(request)).id, named(RuleId, rule, "rule"))
        return _file(dump_rules([known.definition]), f"{known.id}.yaml", "application/yaml")

    @app.get("/download/findings.sarif")
    async def findings(request: Request) -> Response:
        org = await org_of(request)
        wanted = wanted_of(request.query_params, await house.repositories(org.id))
        report = await findings_report(
            house, org, wanted.repository,
            states=wanted.states, unresolved=wanted.unresolved, rule=wanted.rule, severity=wanted.severity,
        )  # fmt: skip
        return _file(await asyncio.to_thread(dumped, report), "findings.sarif", MEDIA_TYPE)

    @app.get("/download/proposals/{proposal}.diff")
    async def one_patch(request: Request, proposal: str) -> Response:
        record = await house.proposal((await org_of(request)).id, named(ProposalId, proposal, "patch"))
        return _file(record.proposal.diff, f"{record.proposal.id}.diff", "text/x-diff")

    app.add_exception_handler(RsolvError, _in_words)


async def _in_words(_: Request, error: Exception) -> Response:
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 503)
    return PlainTextResponse(f"{error}\n", status)


def _file(text: str | bytes, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    body = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return Response(body, media_type=media_type, headers=headers)
