"""Which patches are offered, as JSON or as a unified diff that `git apply` takes, and what became of them?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from rsolv_ray.api.accept import preferred
from rsolv_ray.api.auth import Author, Reader
from rsolv_ray.api.paging import Paging
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.api.wire import ProposalStateIn
from rsolv_ray.model.finding import ProposalRecord, ProposalState
from rsolv_ray.model.ids import FindingId, ProposalId
from rsolv_ray.model.page import Page

DIFF = "text/x-diff"

router = APIRouter(prefix=OF_ORG + "/proposals", tags=["proposals"])


@router.get("")
async def list_proposals(
    visit: Reader,
    paging: Paging,
    state: Annotated[list[ProposalState] | None, Query(max_length=5)] = None,
    finding: FindingId | None = None,
) -> Page[ProposalRecord]:
    states = frozenset(state) if state else None
    return await visit.house.proposals(
        visit.org.id, states=states, finding=finding, limit=paging.limit, cursor=paging.cursor
    )


@router.get("/{proposal}", response_model=ProposalRecord, responses={200: {"content": {DIFF: {}}}})
async def show_proposal(proposal: ProposalId, visit: Reader, request: Request) -> ProposalRecord | Response:
    """One proposal; with `Accept: text/x-diff` its diff alone."""
    record = await visit.house.proposal(visit.org.id, proposal)
    if preferred(request, ("application/json", DIFF)) == DIFF:
        return Response(record.proposal.diff, media_type=DIFF)
    return record


@router.post("/{proposal}/state")
async def change_proposal_state(proposal: ProposalId, body: ProposalStateIn, visit: Author) -> ProposalRecord:
    """Say what became of a patch: applied, merged, rejected or reverted."""
    return await visit.house.set_proposal_state(visit.org.id, proposal, body.state, reason=body.reason)
