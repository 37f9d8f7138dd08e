"""What can happen, and how is it told?

The closed union of the things that happen in an org. Each is appended to the org's log, in the transaction of the
change it tells of, with a sequence number, the time and its cause. Extend by adding: a field gets a default, a name
is never changed; readers ignore fields that they do not know. One golden file per event guards the wire.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from rsolv_ray.model.cycle import Outcome, Step, WorkId
from rsolv_ray.model.finding import FindingState, ProposalState, Scan, ScanReport, Triage
from rsolv_ray.model.fix import Cwe, Origin, Severity
from rsolv_ray.model.ids import (
    CandidateId,
    CycleId,
    FindingId,
    FixId,
    OrgId,
    PatternId,
    ProposalId,
    RepositoryId,
    RuleId,
    ScanId,
)
from rsolv_ray.model.noun import Count, Moment, Noun
from rsolv_ray.model.pattern import PatternInsight
from rsolv_ray.model.prediction import Prediction
from rsolv_ray.model.rule import Candidate, Proposer, RuleState, RuleSummary


class _Event(Noun):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class FixReceived(_Event):
    """A fix was accepted and its cycle begins."""

    type: Literal["FixReceived"] = "FixReceived"
    cycle: CycleId
    fix: FixId
    title: str | None = None
    cwe: tuple[Cwe, ...] = ()
    severity: Severity = Severity.HIGH
    languages: tuple[str, ...]
    paths: tuple[str, ...]
    origin: Origin = Origin()
    has_rule: bool = False
    scan: bool = True


class CommandAttempted(_Event):
    """A command of some work is about to be sent; recorded before it is."""

    type: Literal["CommandAttempted"] = "CommandAttempted"
    work: WorkId
    step: Step
    attempt: Annotated[int, Field(ge=1)]


class CommandFailed(_Event):
    """One attempt at a command failed; another may follow."""

    type: Literal["CommandFailed"] = "CommandFailed"
    work: WorkId
    step: Step
    attempt: Annotated[int, Field(ge=1)]
    reason: str
    final: bool = False


class CommandAbandoned(_Event):
    """A command ran out of attempts; its work goes on without that step."""

    type: Literal["CommandAbandoned"] = "CommandAbandoned"
    work: WorkId
    step: Step
    reason: str


class RulesProposed(_Event):
    """Synthesis ended. No candidates: `reason` says why."""

    type: Literal["RulesProposed"] = "RulesProposed"
    cycle: CycleId
    candidates: tuple[Candidate, ...]
    reason: str | None = None
    elapsed_ms: Count = 0


class RuleAccepted(_Event):
    type: Literal["RuleAccepted"] = "RuleAccepted"
    cycle: CycleId
    rule: RuleSummary
    elapsed_ms: Count = 0


class RuleRejected(_Event):
    """A candidate failed a gate."""

    type: Literal["RuleRejected"] = "RuleRejected"
    cycle: CycleId
    candidate: CandidateId
    proposer: Proposer
    form: str = ""
    gate: str = ""
    reason: str


class RuleMerged(_Event):
    type: Literal["RuleMerged"] = "RuleMerged"
    rule: RuleSummary
    parents: tuple[RuleId, ...]


class RuleStateChanged(_Event):
    type: Literal["RuleStateChanged"] = "RuleStateChanged"
    rule: RuleId
    before: RuleState
    after: RuleState
    reason: str
    by: str = ""


class PatternStored(_Event):
    type: Literal["PatternStored"] = "PatternStored"
    cycle: CycleId
    pattern: PatternInsight
    elapsed_ms: Count = 0


class PatternForgotten(_Event):
    type: Literal["PatternForgotten"] = "PatternForgotten"
    pattern: PatternId
    reason: str


class FixClassified(_Event):
    type: Literal["FixClassified"] = "FixClassified"
    cycle: CycleId
    prediction: Prediction
    known_label: str | None = None
    disagreement: bool = False
    elapsed_ms: Count = 0


class ModelPublished(_Event):
    type: Literal["ModelPublished"] = "ModelPublished"
    model: str
    version: str
    metrics: dict[str, float] = Field(default_factory=dict)


class ModelRolledBack(_Event):
    type: Literal["ModelRolledBack"] = "ModelRolledBack"
    model: str
    version: str
    reason: str


class ScanStarted(_Event):
    type: Literal["ScanStarted"] = "ScanStarted"
    cycle: CycleId | None = None
    scan: Scan


class ScanProgressed(_Event):
    """So many of so many chunks of files are scanned."""

    type: Literal["ScanProgressed"] = "ScanProgressed"
    cycle: CycleId | None = None
    scan: ScanId
    done: Count
    total: Count
    findings: Count = 0


class ScanCompleted(_Event):
    type: Literal["ScanCompleted"] = "ScanCompleted"
    cycle: CycleId | None = None
    scan: ScanId
    report: ScanReport


class _FindingEvent(_Event):
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


class FindingTriaged(_Event):
    type: Literal["FindingTriaged"] = "FindingTriaged"
    finding: FindingId
    rule: RuleId
    before: FindingState
    triage: Triage


class FixesProposed(_Event):
    """Patches are offered for findings of a scan; `withheld` counts those that failed their own proof."""

    type: Literal["FixesProposed"] = "FixesProposed"
    cycle: CycleId | None = None
    scan: ScanId
    proposals: tuple[ProposalId, ...]
    withheld: Count = 0
    elapsed_ms: Count = 0


class ProposalApplied(_Event):
    type: Literal["ProposalApplied"] = "ProposalApplied"
    proposal: ProposalId
    finding: FindingId
    branch: str | None = None


class ProposalOutcome(_Event):
    type: Literal["ProposalOutcome"] = "ProposalOutcome"
    proposal: ProposalId
    finding: FindingId
    state: ProposalState
    reason: str | None = None


class LessonLearned(_Event):
    type: Literal["LessonLearned"] = "LessonLearned"
    cycle: CycleId | None = None
    rule: RuleId | None = None
    lesson: str


class CycleCompleted(_Event):
    type: Literal["CycleCompleted"] = "CycleCompleted"
    cycle: CycleId
    outcome: Outcome
    reason: str | None = None
    elapsed_ms: Count = 0


class DriftDetected(_Event):
    type: Literal["DriftDetected"] = "DriftDetected"
    subject: str
    measure: str
    value: float


class Period(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class MetricsRolledUp(_Event):
    """The org's learning metrics of one period that has begun at `start`; a later one of the same start replaces it."""

    type: Literal["MetricsRolledUp"] = "MetricsRolledUp"
    period: Period
    start: Moment
    values: dict[str, float]


class RetentionApplied(_Event):
    type: Literal["RetentionApplied"] = "RetentionApplied"
    kind: str
    removed: Count
    before: Moment


Event = Annotated[
    FixReceived | CommandAttempted | CommandFailed | CommandAbandoned | RulesProposed | RuleAccepted | RuleRejected
    | RuleMerged | RuleStateChanged | PatternStored | PatternForgotten | FixClassified | ModelPublished | ModelRolledBack
    | ScanStarted | ScanProgressed | ScanCompleted | FindingOpened | FindingFixed | FindingReopened | FindingTriaged
    | FixesProposed | ProposalApplied | ProposalOutcome | LessonLearned | CycleCompleted | DriftDetected | MetricsRolledUp
    | RetentionApplied,
    Field(discriminator="type"),
]  # fmt: skip

EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Recorded(Noun):
    """An event in an org's log. `cause` is the sequence of the event that led to it, where there is one."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    org: OrgId
    sequence: Annotated[int, Field(ge=1)]
    at: Moment
    cause: int | None = None
    event: Event

    @property
    def name(self) -> str:
        return self.event.type


def work_of(event: Event) -> WorkId | None:
    """The cycle or free-standing scan that an event belongs to, or None."""
    match event:
        case CommandAttempted() | CommandFailed() | CommandAbandoned():
            return event.work
        case ScanStarted(cycle=None):
            return event.scan.id
        case ScanProgressed(cycle=None) | ScanCompleted(cycle=None) | FixesProposed(cycle=None):
            return event.scan
        case FindingOpened(cycle=None) | FindingFixed(cycle=None) | FindingReopened(cycle=None):
            return event.scan
        case _:
            return getattr(event, "cycle", None)
