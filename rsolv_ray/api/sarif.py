"""How is an org's answer told as a SARIF log? What goes in is gathered in `actors/sarif_reports.py`."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Request, Response

from rsolv_ray.actors.sarif_reports import findings_report, scan_report
from rsolv_ray.api.accept import preferred
from rsolv_ray.api.auth import Visit
from rsolv_ray.engine.sarif.log import MEDIA_TYPE, Report, dumped
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.finding import FindingState, Repository, ScanRecord, TriageLabel
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import RuleId

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "object", "description": "A log in SARIF 2.1.0"}}}}
}


def is_wanted(request: Request) -> bool:
    """Does the client want SARIF rather than our own JSON?"""
    return preferred(request, ("application/json", MEDIA_TYPE)) == MEDIA_TYPE


async def findings_log(
    request: Request,
    visit: Visit,
    repository: Repository | None,
    *,
    states: frozenset[FindingState] | None,
    labels: frozenset[TriageLabel] | None,
    unresolved: bool,
    rule: RuleId | None,
    severity: Severity | None,
) -> Response:
    """All findings that are asked for, in one log.

    Raises:
        Rejected: a page of them is asked for.
    """
    if {"limit", "cursor"} & request.query_params.keys():
        raise Rejected("SARIF tells the whole list at once: leave out 'limit' and 'cursor'")
    report = await findings_report(
        visit.house, visit.org, repository,
        states=states, labels=labels, unresolved=unresolved, rule=rule, severity=severity,
    )  # fmt: skip
    return await _response(report)


async def scan_log(visit: Visit, record: ScanRecord) -> Response:
    """What a scan found, in one log.

    Raises:
        Conflict: the scan goes on: a log without its findings would say that they are gone.
    """
    return await _response(await scan_report(visit.house, visit.org, record))


async def _response(report: Report) -> Response:
    """Writing a large log takes long enough to be kept from the loop."""
    return Response(await asyncio.to_thread(dumped, report), media_type=MEDIA_TYPE)
