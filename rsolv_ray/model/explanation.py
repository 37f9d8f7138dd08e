"""Why is a patch offered? What its rule flags, and which fixes taught the rule."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rsolv_ray.model.finding import FindingState, ProposalRecord, TriageLabel
from rsolv_ray.model.fix import Cwe, Origin
from rsolv_ray.model.ids import FindingId, FixId, ProposalId, RuleId
from rsolv_ray.model.noun import Told


class Teacher(Told):
    """A fix that a rule was learned from: what it was called, and where it came from."""

    fix: FixId
    title: str | None = None
    origin: Origin = Origin()


class Explanation(Told):
    """Why one patch is offered. What is no longer kept (a forgotten fix, say) is left out.

    `line` is where the finding began when it was last seen, from 1; `state` and `triage` are the finding's now; `message`
    and `cwe` are the rule's own. Readers ignore fields that they do not know.
    """

    proposal: ProposalId
    finding: FindingId
    path: str
    line: Annotated[int, Field(ge=1)] | None = None
    state: FindingState | None = None
    triage: TriageLabel | None = None
    rule: RuleId
    rule_version: int | None = None
    message: str | None = None
    cwe: tuple[Cwe, ...] = ()
    taught_by: tuple[Teacher, ...] = ()


class ExplainedProposal(ProposalRecord):
    """A patch with its state, and why it is offered."""

    explanation: Explanation
