"""What was found in an org's code, what is said to it, and what is offered against it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rsolv_ray.actors.reach import Reach
from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.explanation import ExplainedProposal, Explanation, Teacher
from rsolv_ray.model.finding import (
    FindingRecord,
    FindingState,
    FindingStep,
    Proposal,
    ProposalRecord,
    ProposalState,
    Triage,
    TriageLabel,
)
from rsolv_ray.model.fix import Fix, Severity
from rsolv_ray.model.ids import FindingId, FixId, OrgId, ProposalId, RepositoryId, RuleId, ScanId
from rsolv_ray.model.page import Page
from rsolv_ray.model.rule import Rule


class Found(Reach):
    """What a bank answers of findings and proposals."""

    async def findings(
        self,
        org: OrgId,
        *,
        states: frozenset[FindingState] | None = None,
        labels: frozenset[TriageLabel] | None = None,
        unresolved: bool = False,
        rule: RuleId | None = None,
        repository: RepositoryId | None = None,
        severity: Severity | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[FindingRecord]:
        return await self._ask(
            org,
            "findings",
            states=states,
            labels=labels,
            unresolved=unresolved,
            rule=rule,
            repository=repository,
            severity=severity,
            limit=limit,
            cursor=cursor,
        )

    async def finding(self, org: OrgId, finding: FindingId) -> FindingRecord:
        return await self._ask(org, "finding", finding)

    async def finding_history(self, org: OrgId, finding: FindingId) -> tuple[FindingStep, ...]:
        """How a finding came into its state, oldest first."""
        return await self._ask(org, "finding_history", finding)

    async def triage(self, org: OrgId, finding: FindingId, triage: Triage) -> FindingRecord:
        await self._tell(org, "triage", finding, triage)
        return await self.finding(org, finding)

    async def triage_many(self, org: OrgId, findings: Sequence[FindingId], triage: Triage) -> tuple[FindingId, ...]:
        """Say the same of several findings, in one transaction; returns those that are not there."""
        return await self._tell(org, "triage_many", findings, triage)

    async def proposals(
        self,
        org: OrgId,
        *,
        states: frozenset[ProposalState] | None = None,
        finding: FindingId | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ProposalRecord]:
        return await self._ask(org, "proposals", states=states, finding=finding, limit=limit, cursor=cursor)

    async def proposal(self, org: OrgId, proposal: ProposalId) -> ProposalRecord:
        return await self._ask(org, "proposal", proposal)

    async def explained_proposal(self, org: OrgId, proposal: ProposalId) -> ExplainedProposal:
        """A patch with the reasons for it, as far as they are kept: its finding, its rule, the fixes that taught it."""
        record = await self.proposal(org, proposal)
        offered = record.proposal
        finding: FindingRecord | None = await self._if_kept(org, "finding", offered.finding)
        version = offered.rule_version or (finding.finding.rule_version if finding else None)
        rule: Rule | None = await self._if_kept(org, "rule", offered.rule, version)
        teachers = await self._teachers(org, rule.origin_fixes) if rule else ()
        why = _explained(offered, version, finding, rule, teachers)
        return ExplainedProposal(**dict(record), explanation=why)

    async def set_proposal_state(
        self, org: OrgId, proposal: ProposalId, to: ProposalState, *, reason: str | None, branch: str | None = None
    ) -> ProposalRecord:
        """Say what became of a patch; `branch` is where it was applied.

        Raises:
            Conflict: no way leads from its state to that one.
        """
        await self._tell(org, "set_proposal_state", proposal, to, reason=reason, branch=branch)
        return await self.proposal(org, proposal)

    async def scan_findings(self, org: OrgId, scan: ScanId, limit: int) -> tuple[FindingRecord, ...]:
        """What a scan saw and what is not fixed, the first `limit` of it by when it was first seen."""
        return await self._ask(org, "scan_findings", scan, limit)

    async def offers_for(self, org: OrgId, findings: Sequence[FindingId]) -> tuple[Proposal, ...]:
        """The patches that are offered for some findings."""
        return await self._ask(org, "offers_for", findings)

    async def _teachers(self, org: OrgId, fixes: Sequence[FixId]) -> tuple[Teacher, ...]:
        kept: list[Fix | None] = [await self._if_kept(org, "fix", fix) for fix in fixes]
        return tuple(Teacher(fix=fix.id, title=fix.title, origin=fix.origin) for fix in kept if fix is not None)

    async def _if_kept(self, org: OrgId, question: str, *args: object) -> Any:
        try:
            return await self._ask(org, question, *args)
        except NotFound:
            return None


def _explained(
    offered: Proposal,
    version: int | None,
    finding: FindingRecord | None,
    rule: Rule | None,
    teachers: tuple[Teacher, ...],
) -> Explanation:
    return Explanation(
        proposal=offered.id,
        finding=offered.finding,
        path=offered.path,
        line=finding.finding.span.start_line if finding else None,
        state=finding.state if finding else None,
        triage=finding.triage.label if finding and finding.triage else None,
        rule=offered.rule,
        rule_version=version,
        message=rule.message if rule else None,
        cwe=rule.cwe if rule else (),
        taught_by=teachers,
    )
