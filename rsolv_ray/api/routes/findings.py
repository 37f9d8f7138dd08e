"""Which places are flagged, and what do people say of them?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from rsolv_ray.api import sarif
from rsolv_ray.api.auth import Reader, Steward
from rsolv_ray.api.paging import Paging
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.api.routes.repositories import named
from rsolv_ray.api.wire import TriageIn
from rsolv_ray.model.finding import FindingRecord, FindingState, TriageLabel
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FindingId, ProposalId, RuleId
from rsolv_ray.model.page import Page

router = APIRouter(prefix=OF_ORG + "/findings", tags=["findings"])


class FindingAndProposals(FindingRecord):
    """A finding with the patches that are offered for it."""

    proposals: tuple[ProposalId, ...]


@router.get("", response_model=Page[FindingRecord], responses=sarif.ANSWERS)
async def list_findings(
    *,
    visit: Reader,
    request: Request,
    paging: Paging,
    state: Annotated[list[FindingState] | None, Query(max_length=4)] = None,
    label: Annotated[list[TriageLabel] | None, Query(max_length=3, description="Triaged with this label")] = None,
    unresolved: Annotated[bool, Query(description="Open, reopened, or triaged as true positive")] = False,
    rule: RuleId | None = None,
    repository: Annotated[str | None, Query(max_length=200, description="Its id or name")] = None,
    severity: Severity | None = None,
) -> Page[FindingRecord] | Response:
    """A page of them; with `Accept: application/sarif+json` all of them in one SARIF log, without paging."""
    place = await named(visit, repository) if repository else None
    states, labels = frozenset(state) if state else None, frozenset(label) if label else None
    if sarif.is_wanted(request):
        return await sarif.findings_log(
            request, visit, place,
            states=states, labels=labels, unresolved=unresolved, rule=rule, severity=severity,
        )  # fmt: skip
    return await visit.house.findings(
        visit.org.id,
        states=states,
        labels=labels,
        unresolved=unresolved,
        rule=rule,
        repository=place.id if place else None,
        severity=severity,
        limit=paging.limit,
        cursor=paging.cursor,
    )


@router.get("/{finding}")
async def show_finding(finding: FindingId, visit: Reader) -> FindingAndProposals:
    record = await visit.house.finding(visit.org.id, finding)
    offered = await visit.house.proposals(visit.org.id, states=None, finding=finding, limit=500, cursor=None)
    return FindingAndProposals(**dict(record), proposals=tuple(one.proposal.id for one in offered.items))


@router.post("/{finding}/triage")
async def triage_finding(finding: FindingId, body: TriageIn, visit: Steward) -> FindingRecord:
    """Say that a finding is right, wrong, or not to be looked at."""
    return await visit.house.triage(visit.org.id, finding, body.noun(by=visit.by))
