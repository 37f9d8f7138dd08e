"""What can happen, and how is it told?

The closed union of the things that happen in an org. Each is appended to the org's log, in the transaction of the
change it tells of, with a sequence number, the time and its cause. Extend by adding: a field gets a default, a name
is never changed; readers ignore fields that they do not know. One golden file per event guards the wire.
What happens in scans, to findings and to patches has a module of its own; all of them are had from here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from rsolv_ray.model.cycle import Outcome, Step, WorkId
from rsolv_ray.model.fix import Cwe, Origin, Severity
from rsolv_ray.model.found_events import (
    FindingFixed,
    FindingOpened,
    FindingReopened,
    FindingTriaged,
    FixesProposed,
    ProposalApplied,
    ProposalOutcome,
    ScanCompleted,
    ScanProgressed,
    ScanStarted,
)
from rsolv_ray.model.ids import (
    CandidateId,
    CycleId,
    FixId,
    LessonId,
    OrgId,
    PatternId,
    RuleId,
)
from rsolv_ray.model.noun import Count, Moment, Told
from rsolv_ray.model.pattern import PatternInsight
from rsolv_ray.model.prediction import Prediction
from rsolv_ray.model.rule import Candidate, Proposer, RuleState, RuleSummary


class FixReceived(Told):
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


class CommandAttempted(Told):
    """A command of some work is about to be sent; recorded before it is."""

    type: Literal["CommandAttempted"] = "CommandAttempted"
    work: WorkId
    step: Step
    attempt: Annotated[int, Field(ge=1)]


class CommandFailed(Told):
    """One attempt at a command failed; another may follow."""

    type: Literal["CommandFailed"] = "CommandFailed"
    work: WorkId
    step: Step
    attempt: Annotated[int, Field(ge=1)]
    reason: str
    final: bool = False


class CommandAbandoned(Told):
    """A command ran out of attempts; its work goes on without that step."""

    type: Literal["CommandAbandoned"] = "CommandAbandoned"
    work: WorkId
    step: Step
    reason: str


class Spent(Told):
    """What asking one language model (`vendor:model`) about a fix cost: tokens of questions and answers together."""

    model: str
    requests: Count
    tokens: Count


class RulesProposed(Told):
    """Synthesis ended. No candidates: `reason` says why. `notes` and `spent`: what asking language models came to, and cost."""

    type: Literal["RulesProposed"] = "RulesProposed"
    cycle: CycleId
    candidates: tuple[Candidate, ...]
    reason: str | None = None
    notes: tuple[str, ...] = ()
    spent: tuple[Spent, ...] = ()
    elapsed_ms: Count = 0


class RuleAccepted(Told):
    type: Literal["RuleAccepted"] = "RuleAccepted"
    cycle: CycleId
    rule: RuleSummary
    elapsed_ms: Count = 0


class RuleRejected(Told):
    """A candidate failed a gate. `known_rule` finds already what it finds, where that is why."""

    type: Literal["RuleRejected"] = "RuleRejected"
    cycle: CycleId
    candidate: CandidateId
    proposer: Proposer
    form: str = ""
    gate: str = ""
    reason: str
    known_rule: RuleId | None = None


class RuleMerged(Told):
    """What a fix taught made one with a rule that was known: `rule` is the next version of the first of its parents."""

    type: Literal["RuleMerged"] = "RuleMerged"
    cycle: CycleId | None = None
    rule: RuleSummary
    parents: tuple[RuleId, ...]
    elapsed_ms: Count = 0


class RuleStateChanged(Told):
    type: Literal["RuleStateChanged"] = "RuleStateChanged"
    rule: RuleId
    before: RuleState
    after: RuleState
    reason: str
    by: str = ""


class PatternStored(Told):
    type: Literal["PatternStored"] = "PatternStored"
    cycle: CycleId
    pattern: PatternInsight
    elapsed_ms: Count = 0


class PatternForgotten(Told):
    type: Literal["PatternForgotten"] = "PatternForgotten"
    pattern: PatternId
    reason: str


class FixClassified(Told):
    type: Literal["FixClassified"] = "FixClassified"
    cycle: CycleId
    prediction: Prediction
    known_label: str | None = None
    disagreement: bool = False
    elapsed_ms: Count = 0


class ModelPublished(Told):
    type: Literal["ModelPublished"] = "ModelPublished"
    model: str
    version: str
    metrics: dict[str, float] = Field(default_factory=dict)


class ModelRolledBack(Told):
    type: Literal["ModelRolledBack"] = "ModelRolledBack"
    model: str
    version: str
    reason: str


class LessonLearned(Told):
    """What a false positive taught. `version` is that of the rule which spares it, and null where it stayed as it was."""

    type: Literal["LessonLearned"] = "LessonLearned"
    cycle: CycleId | None = None
    work: LessonId | None = None
    rule: RuleId | None = None
    version: Annotated[int, Field(ge=1)] | None = None
    lesson: str
    elapsed_ms: Count = 0


class CycleCompleted(Told):
    type: Literal["CycleCompleted"] = "CycleCompleted"
    cycle: CycleId
    outcome: Outcome
    reason: str | None = None
    elapsed_ms: Count = 0


class DriftDetected(Told):
    type: Literal["DriftDetected"] = "DriftDetected"
    subject: str
    measure: str
    value: float


class Period(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class MetricsRolledUp(Told):
    """The org's learning metrics of one period that has begun at `start`; a later one of the same start replaces it."""

    type: Literal["MetricsRolledUp"] = "MetricsRolledUp"
    period: Period
    start: Moment
    values: dict[str, float]


class RetentionApplied(Told):
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


class Recorded(Told):
    """An event in an org's log. `cause` is the sequence of the event that led to it, where there is one."""

    org: OrgId
    sequence: Annotated[int, Field(ge=1)]
    at: Moment
    cause: int | None = None
    event: Event

    @property
    def name(self) -> str:
        return self.event.type


def work_of(event: Event) -> WorkId | None:  # noqa: PLR0911 - a line for each kind of work
    """The cycle, free-standing scan or lesson that an event belongs to, or None."""
    match event:
        case CommandAttempted() | CommandFailed() | CommandAbandoned():
            return event.work
        case FindingTriaged():
            return event.lesson
        case LessonLearned(cycle=None):
            return event.work
        case ScanStarted(cycle=None):
            return event.scan.id
        case ScanProgressed(cycle=None) | ScanCompleted(cycle=None) | FixesProposed(cycle=None):
            return event.scan
        case FindingOpened(cycle=None) | FindingFixed(cycle=None) | FindingReopened(cycle=None):
            return event.scan
        case _:
            return getattr(event, "cycle", None)
