"""How far is a fix? The fold of its events: which steps have ended, and with what.

Nothing is kept but the log; whoever wants to know folds it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rsolv_ray.model.cycle import CYCLE_STEPS, Step, StepState, StepStatus, WorkId
from rsolv_ray.model.events import (
    CommandAbandoned,
    CommandAttempted,
    CommandFailed,
    CycleCompleted,
    FindingTriaged,
    FixClassified,
    FixesProposed,
    FixReceived,
    LessonLearned,
    PatternStored,
    Recorded,
    RuleAccepted,
    RuleMerged,
    RuleRejected,
    RulesProposed,
    ScanCompleted,
    ScanStarted,
)
from rsolv_ray.model.ids import LessonId, RuleId
from rsolv_ray.model.rule import RuleSummary

OF_LESSONS = frozenset({"FindingTriaged", "LessonLearned"})
"""Those that say nothing of a cycle or a scan."""
FOLDED = OF_LESSONS | {
    "FixReceived", "CommandAttempted", "CommandFailed", "CommandAbandoned", "RulesProposed", "RuleAccepted",
    "RuleMerged", "RuleRejected", "PatternStored", "FixClassified", "ScanStarted", "ScanCompleted", "FixesProposed", "CycleCompleted",
}  # fmt: skip
"""The events that a work is folded from. The rest of its history (each finding, each bit of progress) says nothing here."""
SCAN_STEPS = (Step.SCAN, Step.PROPOSALS)
ENDED = (StepStatus.DONE, StepStatus.FAILED, StepStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the log says about one work, folded."""

    work: WorkId
    steps: Mapping[Step, StepState]
    received: FixReceived | None = None
    attempt_began: Mapping[Step, datetime] = field(default_factory=dict[Step, datetime])
    proposed: RulesProposed | None = None
    accepted: tuple[RuleSummary, ...] = ()
    merged: Mapping[RuleId, tuple[RuleId, ...]] = field(default_factory=dict[RuleId, tuple[RuleId, ...]])
    triaged: tuple[FindingTriaged, ...] = ()
    rejected: tuple[RuleRejected, ...] = ()
    pattern: PatternStored | None = None
    classified: FixClassified | None = None
    scan: ScanStarted | None = None
    scanned: ScanCompleted | None = None
    offered: FixesProposed | None = None
    failures: Mapping[Step, CommandFailed] = field(default_factory=dict[Step, CommandFailed])
    completed: CycleCompleted | None = None

    @property
    def failed_steps(self) -> tuple[Step, ...]:
        return tuple(step for step, state in self.steps.items() if state.status is StepStatus.FAILED)


def progress(history: Sequence[Recorded]) -> Progress:
    """Fold a work's events. Steps that will not be carried out come out as skipped, with the reason."""
    if not history:
        raise ValueError("a work without events is no work")
    so_far = _begin(history[0])
    for recorded in history:
        so_far = _after(so_far, recorded)
    return _with_skips(so_far)


def _begin(first: Recorded) -> Progress:
    match first.event:
        case FixReceived() as fix:
            steps = {step: StepState() for step in CYCLE_STEPS}
            steps[Step.CLASSIFICATION] = StepState(
                status=StepStatus.SKIPPED, description="no classifier is deployed for this org"
            )
            return Progress(fix.cycle, steps, received=fix)
        case ScanStarted() as scan:
            return Progress(scan.scan.id, {step: StepState() for step in SCAN_STEPS}, scan=scan)
        case FindingTriaged(lesson=LessonId() as lesson):
            return Progress(lesson, {Step.LESSON: StepState()})
        case other:
            raise ValueError(f"no work begins with {other.type}")


def _after(so_far: Progress, recorded: Recorded) -> Progress:  # noqa: C901, PLR0911, PLR0912 - a line for each event
    match recorded.event:
        case CommandAttempted() as tried:
            return _attempted(so_far, tried, recorded.at)
        case CommandFailed() as failed:
            return replace(so_far, failures={**so_far.failures, failed.step: failed})
        case CommandAbandoned() as given_up:
            return _ended(so_far, given_up.step, recorded.at, given_up.reason, status=StepStatus.FAILED)
        case RulesProposed() as proposed:
            text = "; ".join([
                _count(len(proposed.candidates), "candidate") + (f": {proposed.reason}" if proposed.reason else ""),
                *proposed.notes,
            ])  # fmt: skip
            return replace(_ended(so_far, Step.SYNTHESIS, recorded.at, text, proposed.elapsed_ms), proposed=proposed)
        case RuleAccepted() as accepted:
            return _judged(replace(so_far, accepted=(*so_far.accepted, accepted.rule)), recorded.at)
        case RuleMerged() as merged:
            parents = {**so_far.merged, merged.rule.id: merged.parents}
            return _judged(replace(so_far, accepted=(*so_far.accepted, merged.rule), merged=parents), recorded.at)
        case FindingTriaged() as said:
            return replace(so_far, triaged=(*so_far.triaged, said))
        case LessonLearned() as learned:
            return _ended(so_far, Step.LESSON, recorded.at, learned.lesson, learned.elapsed_ms)
        case RuleRejected() as rejected:
            return _judged(replace(so_far, rejected=(*so_far.rejected, rejected)), recorded.at)
        case PatternStored() as stored:
            text = stored.pattern.message
            return replace(_ended(so_far, Step.PATTERN, recorded.at, text, stored.elapsed_ms), pattern=stored)
        case FixClassified() as said:
            text = said.prediction.label
            return replace(_ended(so_far, Step.CLASSIFICATION, recorded.at, text, said.elapsed_ms), classified=said)
        case ScanStarted() as started:
            return replace(so_far, scan=started)
        case ScanCompleted() as scanned:
            return replace(_scanned(so_far, scanned, recorded.at), scanned=scanned)
        case FixesProposed() as offered:
            text = _count(len(offered.proposals), "patch", "patches") + f" offered, {offered.withheld} withheld"
            return replace(_ended(so_far, Step.PROPOSALS, recorded.at, text, offered.elapsed_ms), offered=offered)
        case CycleCompleted() as completed:
            return replace(so_far, completed=completed)
        case _:
            return so_far


def _attempted(so_far: Progress, tried: CommandAttempted, at: datetime) -> Progress:
    state = so_far.steps[tried.step]
    if state.status in ENDED and state.status is not StepStatus.SKIPPED:
        return so_far
    running = StepState(status=StepStatus.RUNNING, attempts=max(state.attempts, tried.attempt))
    return replace(
        so_far,
        steps={**so_far.steps, tried.step: running},
        attempt_began={**so_far.attempt_began, tried.step: at},
    )


def _ended(
    so_far: Progress,
    step: Step,
    at: datetime,
    text: str,
    elapsed_ms: int | None = None,
    *,
    status: StepStatus = StepStatus.DONE,
) -> Progress:
    began = so_far.attempt_began.get(step)
    if not elapsed_ms and began is not None:
        elapsed_ms = max(0, round((at - began).total_seconds() * 1000))
    state = StepState(status=status, description=text, attempts=so_far.steps[step].attempts, elapsed_ms=elapsed_ms)
    return replace(so_far, steps={**so_far.steps, step: state})


def _judged(so_far: Progress, at: datetime) -> Progress:
    text = f"{len(so_far.accepted)} accepted, {len(so_far.rejected)} rejected"
    return _ended(so_far, Step.JUDGEMENT, at, text)


def _scanned(so_far: Progress, scanned: ScanCompleted, at: datetime) -> Progress:
    report = scanned.report
    where = _count(report.repositories, "repository", "repositories")
    text = f"{_count(report.findings, 'finding')}; {where} scanned"
    return _ended(so_far, Step.SCAN, at, text, report.duration_ms)


def _with_skips(so_far: Progress) -> Progress:
    """Mark the pending steps that cannot come to be any more, in the order in which they lean on each other."""
    steps = dict(so_far.steps)
    for step, state in so_far.steps.items():
        why = _why_skip(so_far, step, steps) if state.status is StepStatus.PENDING else None
        if why:
            steps[step] = StepState(status=StepStatus.SKIPPED, description=why)
    return replace(so_far, steps=steps)


def _why_skip(so_far: Progress, step: Step, steps: Mapping[Step, StepState]) -> str | None:
    match step:
        case Step.JUDGEMENT:
            if steps[Step.SYNTHESIS].status is StepStatus.FAILED:
                return "synthesis failed"
            return "there is no candidate to judge" if so_far.proposed and not so_far.proposed.candidates else None
        case Step.SCAN:
            return _why_no_scan(so_far, steps)
        case Step.PROPOSALS:
            return _why_no_proposals(so_far, steps)
        case _:
            return None


def _why_no_scan(so_far: Progress, steps: Mapping[Step, StepState]) -> str | None:
    if so_far.received is None:
        return None
    if not so_far.received.scan:
        return "no scan was asked for"
    return "there is no rule to scan with" if _ended_without_rule(so_far, steps) else None


def _ended_without_rule(so_far: Progress, steps: Mapping[Step, StepState]) -> bool:
    return not so_far.accepted and steps[Step.JUDGEMENT].status in ENDED


def _why_no_proposals(so_far: Progress, steps: Mapping[Step, StepState]) -> str | None:
    if steps[Step.SCAN].status in (StepStatus.FAILED, StepStatus.SKIPPED):
        return "there was no scan to propose patches for"
    if so_far.scanned is None:
        return None
    if so_far.scanned.report.findings == 0:
        return "the scan found nothing"
    if so_far.received is not None and not any(rule.has_fix for rule in so_far.accepted):
        return "the rule has no fix of its own"
    return None


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
