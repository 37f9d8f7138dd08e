"""Which patches are offered, as JSON, as a diff for `git apply` or as a mail for `git am`, and what became of them?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from rsolv_ray.api.accept import preferred
from rsolv_ray.api.auth import Author, Reader
from rsolv_ray.api.paging import Paging
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.api.wire import ProposalStateIn
from rsolv_ray.commit_message import mailbox
from rsolv_ray.model.explanation import ExplainedProposal
from rsolv_ray.model.finding import ProposalRecord, ProposalState
from rsolv_ray.model.ids import FindingId, ProposalId
from rsolv_ray.model.page import Page

DIFF = "text/x-diff"
MAIL = "text/x-patch"

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


@router.get("/{proposal}.patch", response_class=Response, responses={200: {"content": {MAIL: {}}}})
async def show_proposal_as_mail(proposal: ProposalId, visit: Reader) -> Response:
    """One proposal as a mail with an explaining message: `git am` makes a commit of it."""
    return _mail(await visit.house.explained_proposal(visit.org.id, proposal))


@router.get("/{proposal}", response_model=ExplainedProposal, responses={200: {"content": {DIFF: {}, MAIL: {}}}})
async def show_proposal(proposal: ProposalId, visit: Reader, request: Request) -> ExplainedProposal | Response:
    """One proposal; with `Accept: text/x-diff` its diff alone, with `Accept: text/x-patch` as a mail for `git am`."""
    explained = await visit.house.explained_proposal(visit.org.id, proposal)
    match preferred(request, ("application/json", DIFF, MAIL)):
        case "text/x-diff":
            return Response(explained.proposal.diff, media_type=DIFF)
        case "text/x-patch":
            return _mail(explained)
        case _:
            return explained


@router.post("/{proposal}/state")
async def change_proposal_state(proposal: ProposalId, body: ProposalStateIn, visit: Author) -> ProposalRecord:
    """Say what became of a patch: applied, merged, rejected or reverted."""
    return await visit.house.set_proposal_state(
        visit.org.id, proposal, body.state, reason=body.reason, branch=body.branch
    )


def _mail(explained: ExplainedProposal) -> Response:
    proposal = explained.proposal
    return Response(mailbox(explained.explanation, proposal.diff, at=proposal.created_at), media_type=MAIL)
