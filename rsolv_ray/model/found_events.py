"""What can happen in scans, to findings and to the patches against them?

A part of the closed union in `events`, from where readers take these, too.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rsolv_ray.model.finding import FindingState, ProposalState, Scan, ScanReport, Triage
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import CycleId, FindingId, LessonId, ProposalId, RepositoryId, RuleId, ScanId
from rsolv_ray.model.noun import Count, Told


class ScanStarted(Told):
    type: Literal["ScanStarted"] = "ScanStarted"
    cycle: CycleId | None = None
    scan: Scan


class ScanProgressed(Told):
    """So many of so many chunks of files are scanned."""

    type: Literal["ScanProgressed"] = "ScanProgressed"
    cycle: CycleId | None = None
    scan: ScanId
    done: Count
    total: Count
    findings: Count = 0


class ScanCompleted(Told):
    type: Literal["ScanCompleted"] = "ScanCompleted"
    cycle: CycleId | None = None
    scan: ScanId
    report: ScanReport


class _FindingEvent(Told):
    finding: FindingId
    rule: RuleId
    repository: RepositoryId
    path: str
    line: Annotated[int, Field(ge=1)]
    severity: Severity
    scan: ScanId
    cycle: CycleId | None = None


class FindingOpened(_FindingEvent):
    type: Literal["FindingOpened"] = "FindingOpened"


class FindingFixed(_FindingEvent):
    type: Literal["FindingFixed"] = "FindingFixed"


class FindingReopened(_FindingEvent):
    type: Literal["FindingReopened"] = "FindingReopened"


class FindingTriaged(Told):
    """A person said what a finding is. `lesson` is the work that a false positive sets off, one for a rule at a time."""

    type: Literal["FindingTriaged"] = "FindingTriaged"
    finding: FindingId
    rule: RuleId
    before: FindingState
    triage: Triage
    lesson: LessonId | None = None


class FixesProposed(Told):
    """Patches are offered for findings of a scan; `withheld` counts those that failed their own proof."""

    type: Literal["FixesProposed"] = "FixesProposed"
    cycle: CycleId | None = None
    scan: ScanId
    proposals: tuple[ProposalId, ...]
    withheld: Count = 0
    elapsed_ms: Count = 0


class ProposalApplied(Told):
    type: Literal["ProposalApplied"] = "ProposalApplied"
    proposal: ProposalId
    finding: FindingId
    branch: str | None = None


class ProposalOutcome(Told):
    type: Literal["ProposalOutcome"] = "ProposalOutcome"
    proposal: ProposalId
    finding: FindingId
    state: ProposalState
    reason: str | None = None
