"""How does an org's answer become a SARIF log?

All pages of a list at once, up to `MOST_RESULTS` findings or `MOST_CHARACTERS` of code, whichever is met first; the log
says so where there are more. So what a request takes of memory has a bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response

from rsolv_ray.api.accept import preferred
from rsolv_ray.api.auth import Visit
from rsolv_ray.engine.sarif import MEDIA_TYPE, Report, dumped
from rsolv_ray.engine.sarif_findings import Told, of_findings, of_scan
from rsolv_ray.model.errors import Conflict, Rejected
from rsolv_ray.model.finding import FindingRecord, FindingState, Repository, ScanRecord, ScanStatus
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import RuleId, ScanId
from rsolv_ray.model.rule import RuleSummary

MOST_RESULTS = 5_000
MOST_CHARACTERS = 20_000_000
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "object", "description": "A log in SARIF 2.1.0"}}}}
}
_PAGE = 500
_RECENT = 20


def is_wanted(request: Request) -> bool:
    """Does the client want SARIF rather than our own JSON?"""
    return preferred(request, ("application/json", MEDIA_TYPE)) == MEDIA_TYPE


async def findings_log(
    request: Request,
    visit: Visit,
    repository: Repository | None,
    *,
    states: frozenset[FindingState] | None,
    rule: RuleId | None,
    severity: Severity | None,
) -> Response:
    """All findings that are asked for, in one log.

    Raises:
        Rejected: a page of them is asked for.
    """
    if {"limit", "cursor"} & request.query_params.keys():
        raise Rejected("SARIF tells the whole list at once: leave out 'limit' and 'cursor'")
    place = repository.id if repository else None
    found: list[FindingRecord] = []
    cursor: str | None = None
    while True:
        page = await visit.house.findings(
            visit.org.id, states=states, rule=rule, repository=place, severity=severity, limit=_PAGE, cursor=cursor
        )
        found += page.items
        cursor = page.next_cursor
        if cursor is None or len(_within_bounds(found)) < len(found) or len(found) >= MOST_RESULTS:
            break
    scans = await visit.house.scans(visit.org.id, _RECENT, None)
    latest = next((one.scan.id for one in scans.items if one.status is ScanStatus.DONE), None)
    repositories = (repository,) if repository else await visit.house.repositories(visit.org.id)
    told = await _told(visit, found, repositories, latest, has_more=cursor is not None)
    return await _response(of_findings(told, repository))


async def scan_log(visit: Visit, record: ScanRecord) -> Response:
    """What a scan found, in one log.

    Raises:
        Conflict: the scan goes on: a log without its findings would say that they are gone.
    """
    if record.status is ScanStatus.RUNNING:
        raise Conflict(f"scan {record.scan.id} goes on: ask for its SARIF log when it is done")
    found = await visit.house.scan_findings(visit.org.id, record.scan.id, MOST_RESULTS + 1)
    known = await visit.house.repositories(visit.org.id)
    scanned = [one for one in known if one.id in record.scan.repositories]
    return await _response(of_scan(await _told(visit, found, scanned, record.scan.id), record))


async def _told(
    visit: Visit,
    found: Sequence[FindingRecord],
    repositories: Sequence[Repository],
    latest: ScanId | None,
    *,
    has_more: bool = False,
) -> Told:
    kept = _within_bounds(found)
    more = f"The first {len(kept)} findings are told, and there are more: ask for those of one repository, rule, severity or state."
    return Told(
        org=visit.org.name,
        findings=kept,
        rules=await _rules(visit, {one.finding.rule for one in kept}),
        repositories=repositories,
        offers=await visit.house.offers_for(visit.org.id, [one.finding.id for one in kept]),
        latest=latest,
        more=more if has_more or len(kept) < len(found) else None,
    )


def _within_bounds(found: Sequence[FindingRecord]) -> Sequence[FindingRecord]:
    left = MOST_CHARACTERS
    for at, one in enumerate(found[:MOST_RESULTS]):
        left -= len(one.finding.snippet)
        if left < 0:
            return found[:at]
    return found[:MOST_RESULTS]


async def _rules(visit: Visit, named: set[RuleId]) -> list[RuleSummary]:
    """The rules of these names, read page by page until all are there."""
    known: list[RuleSummary] = []
    cursor: str | None = None
    while len(known) < len(named):
        page = await visit.house.rules(visit.org.id, None, _PAGE, cursor)
        known += [rule for rule in page.items if rule.id in named]
        cursor = page.next_cursor
        if cursor is None:
            break
    return known


async def _response(report: Report) -> Response:
    """Writing a large log takes long enough to be kept from the loop."""
    return Response(await asyncio.to_thread(dumped, report), media_type=MEDIA_TYPE)
