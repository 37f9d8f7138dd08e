"""Which patches are offered, and what became of them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Conflict, NotFound
from rsolv_ray.model.events import Event, ProposalApplied, ProposalOutcome, Recorded
from rsolv_ray.model.finding import PROPOSAL_TRANSITIONS, Proposal, ProposalRecord, ProposalState
from rsolv_ray.model.ids import FindingId, ProposalId
from rsolv_ray.model.page import Page
from rsolv_ray.store.connection import Row, as_moment, as_stored
from rsolv_ray.store.cursor import checked, page_of, place_of
from rsolv_ray.store.file import Change, OrgFile
from rsolv_ray.store.queries import load

_SQL = load("proposals")


class Proposals(OrgFile):
    """Patches for an org's findings."""

    def set_proposal_state(
        self,
        proposal: ProposalId,
        to: ProposalState,
        *,
        reason: str | None = None,
        branch: str | None = None,
        now: datetime,
        writer: Writer,
    ) -> tuple[Recorded, ...]:
        """Say what became of a patch; `branch` is where it was applied. One that is in that state already stays as it is,
        and nothing is told.

        Raises:
            NotFound: there is no such proposal.
            Conflict: there is no way from its state to that one.
        """
        record = self.proposal(proposal)
        if record.state is to:
            return ()
        if to not in PROPOSAL_TRANSITIONS[record.state]:
            raise Conflict(f"proposal {proposal} is {record.state}: it cannot become {to}")
        with self._change(now=now, writer=writer) as change:
            self._add_proposal_state(change, proposal, to, reason)
            return change.append([_told(record.proposal, to, reason, branch)])

    def proposal(self, proposal: ProposalId) -> ProposalRecord:
        """A patch with its present state.

        Raises:
            NotFound: there is no such proposal.
        """
        row = self._db.row(_SQL["record"], id=proposal)
        if row is None:
            raise NotFound(f"there is no proposal {proposal}")
        return _record(row)

    def proposals(
        self,
        *,
        states: frozenset[ProposalState] | None = None,
        finding: FindingId | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ProposalRecord]:
        """Patches, newest first: those in `states`, or for one finding, alone where given."""
        number, name = place_of(cursor)
        wanted = None if states is None else sorted(states)
        rows = self._db.rows(
            _SQL["page"], number=number, name=name, states=wanted, finding=finding, limit=checked(limit) + 1
        )
        return page_of(rows, limit, _record, place=lambda row: (row[3], row[4]))

    def offers_for(self, findings: Sequence[FindingId]) -> tuple[Proposal, ...]:
        """The patches that are offered for some findings: not those that were applied, or turned down."""
        rows = self._db.rows(_SQL["offered_for"], findings=list(findings)) if findings else []
        return tuple(Proposal.model_validate_json(body) for (body,) in rows)

    def _add_proposals(self, change: Change, proposals: Sequence[Proposal]) -> None:
        """Offer patches that are not stored yet."""
        by_id = {one.id: one for one in proposals}
        known = {found for (found,) in self._db.rows(_SQL["known"], ids=list(by_id))} if by_id else set()
        for proposal in (one for name, one in by_id.items() if name not in known):
            self._db.run(
                _SQL["add"],
                id=proposal.id,
                finding=proposal.finding,
                revision=change.revision,
                created_at=as_stored(proposal.created_at),
                body=proposal.model_dump_json(),
            )
            self._add_proposal_state(change, proposal.id, ProposalState.OFFERED, None)

    def _add_proposal_state(
        self, change: Change, proposal: ProposalId, state: ProposalState, reason: str | None
    ) -> None:
        self._db.run(
            _SQL["add_state"],
            proposal=proposal,
            state=state,
            reason=reason,
            changed_at=as_stored(change.now),
            revision=change.revision,
        )


def _record(row: Row) -> ProposalRecord:
    return ProposalRecord(
        proposal=Proposal.model_validate_json(row[0]), state=ProposalState(row[1]), changed_at=as_moment(row[2])
    )


def _told(proposal: Proposal, state: ProposalState, reason: str | None, branch: str | None) -> Event:
    if state is ProposalState.APPLIED:
        return ProposalApplied(proposal=proposal.id, finding=proposal.finding, branch=branch)
    return ProposalOutcome(proposal=proposal.id, finding=proposal.finding, state=state, reason=reason)
