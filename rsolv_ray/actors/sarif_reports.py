"""How does what an org knows become a report in SARIF's terms?

All pages of a list at once, up to `MOST_RESULTS` findings or `MOST_CHARACTERS` of code, whichever is met first; the report
says so where there are more. So what a request takes of memory has a bound.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.actors.client import House
from rsolv_ray.engine.sarif.findings import Told, of_findings, of_scan
from rsolv_ray.engine.sarif.log import Report
from rsolv_ray.model.errors import Conflict
from rsolv_ray.model.finding import FindingRecord, FindingState, Repository, ScanRecord, ScanStatus, TriageLabel
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import OrgId, RuleId, ScanId
from rsolv_ray.model.org import Org
from rsolv_ray.model.rule import RuleSummary

MOST_RESULTS = 5_000
MOST_CHARACTERS = 20_000_000
_PAGE = 500
_RECENT = 20


async def findings_report(
    house: House,
    org: Org,
    repository: Repository | None,
    *,
    states: frozenset[FindingState] | None = None,
    labels: frozenset[TriageLabel] | None = None,
    unresolved: bool = False,
    rule: RuleId | None = None,
    severity: Severity | None = None,
) -> Report:
    """All findings that are asked for."""
    place = repository.id if repository else None
    found: list[FindingRecord] = []
    cursor: str | None = None
    while True:
        page = await house.findings(
            org.id, states=states, labels=labels, unresolved=unresolved, rule=rule, repository=place, severity=severity,
            limit=_PAGE, cursor=cursor,
        )  # fmt: skip
        found += page.items
        cursor = page.next_cursor
        if cursor is None or len(_within_bounds(found)) < len(found) or len(found) >= MOST_RESULTS:
            break
    scans = await house.scans(org.id, _RECENT, None)
    latest = next((one.scan.id for one in scans.items if one.status is ScanStatus.DONE), None)
    repositories = (repository,) if repository else await house.repositories(org.id)
    told = await _told(house, org, found, repositories, latest, has_more=cursor is not None)
    return of_findings(told, repository)


async def scan_report(house: House, org: Org, record: ScanRecord) -> Report:
    """What a scan found.

    Raises:
        Conflict: the scan goes on: a log without its findings would say that they are gone.
    """
    if record.status is ScanStatus.RUNNING:
        raise Conflict(f"scan {record.scan.id} goes on: ask for its SARIF log when it is done")
    found = await house.scan_findings(org.id, record.scan.id, MOST_RESULTS + 1)
    known = await house.repositories(org.id)
    scanned = [one for one in known if one.id in record.scan.repositories]
    return of_scan(await _told(house, org, found, scanned, record.scan.id), record)


async def _told(
    house: House,
    org: Org,
    found: Sequence[FindingRecord],
    repositories: Sequence[Repository],
    latest: ScanId | None,
    *,
    has_more: bool = False,
) -> Told:
    kept = _within_bounds(found)
    more = f"The first {len(kept)} findings are told, and there are more: ask for those of one repository, rule, severity or state."
    return Told(
        org=org.name,
        findings=kept,
        rules=await _rules(house, org.id, {one.finding.rule for one in kept}),
        repositories=repositories,
        offers=await house.offers_for(org.id, [one.finding.id for one in kept]),
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


async def _rules(house: House, org: OrgId, named: set[RuleId]) -> list[RuleSummary]:
    """The rules of these names, read page by page until all are there."""
    known: list[RuleSummary] = []
    cursor: str | None = None
    while len(known) < len(named):
        page = await house.rules(org, None, _PAGE, cursor)
        known += [rule for rule in page.items if rule.id in named]
        cursor = page.next_cursor
        if cursor is None:
            break
    return known
