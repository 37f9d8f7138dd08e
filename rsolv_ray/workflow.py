"""What is to be done next for a fix, given what has happened so far?

A pure function from an org's log to commands. The orchestrator only carries commands out and records what happened;
after any crash it reads the log again and asks again. Commands are idempotent (ids come from content, and each outcome
is committed once per work and step), so at-least-once delivery ends in the same state as a run without a crash.

A command is recorded as attempted before it is sent. After `attempts_allowed` attempts without an outcome it is
abandoned, and its work goes on without that step: a poisonous fix cannot spin for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rsolv_ray.model.cycle import Outcome, Step, StepState, StepStatus, WorkId
from rsolv_ray.model.events import (
    CommandAbandoned,
    CommandAttempted,
    CommandFailed,
    CycleCompleted,
    FixClassified,
    FixesProposed,
    FixReceived,
    PatternStored,
    Recorded,
    RuleAccepted,
    RuleRejected,
    RulesProposed,
    ScanCompleted,
    ScanStarted,
)
from rsolv_ray.model.ids import CycleId, ScanId
from rsolv_ray.model.rule import RuleSummary

FOLDED = frozenset({
    "FixReceived", "CommandAttempted", "CommandFailed", "CommandAbandoned", "RulesProposed", "RuleAccepted",
    "RuleRejected", "PatternStored", "FixClassified", "ScanStarted", "ScanCompleted", "FixesProposed", "CycleCompleted",
})  # fmt: skip
"""The events that a work is folded from. The rest of its history (each finding, each bit of progress) says nothing here."""
SCAN_STEPS = (Step.SCAN, Step.PROPOSALS)
_ENDED = (StepStatus.DONE, StepStatus.FAILED, StepStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Send:
    """Carry out a step: record the attempt, then do it, then record its outcome."""

    work: WorkId
    step: Step
    attempt: int


@dataclass(frozen=True, slots=True)
class Abandon:
    """Go on without a step."""

    work: WorkId
    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left to do. `outcome` is None for a scan that stands for itself."""

    work: WorkId
    outcome: Outcome | None
    reason: str | None


Command = Send | Abandon | Finish


@dataclass(frozen=True, slots=True)
class Progress:
    """What the log says about one work, folded."""

    work: WorkId
    steps: Mapping[Step, StepState]
    received: FixReceived | None = None
    began_at: datetime | None = None
    attempt_began: Mapping[Step, datetime] = field(default_factory=dict[Step, datetime])
    proposed: RulesProposed | None = None
    accepted: tuple[RuleSummary, ...] = ()
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


def next_commands(
    history: Sequence[Recorded],
    *,
    now: datetime,
    attempts_allowed: int,
    timeout_s: float,
    in_flight: frozenset[Step] = frozenset(),
) -> tuple[Command, ...]:
    """The commands that are due for one work, given its whole history in order.

    Args:
        history: all `FOLDED` events of one cycle or one free-standing scan; others do no harm.
        in_flight: steps that are being carried out right now: nothing is said about them.
        timeout_s: seconds from the first attempt after which every unfinished step is abandoned.
    """
    so_far = progress(history)
    if so_far.completed is not None:
        return ()
    overdue = so_far.began_at is not None and now > so_far.began_at + timedelta(seconds=timeout_s)
    due = [step for step in so_far.steps if step not in in_flight and _is_due(so_far, step)]
    commands: list[Command] = []
    for step in due:
        reason = _why_abandon(so_far, step, attempts_allowed, f"ran out of its {timeout_s:g} s" if overdue else None)
        attempt = so_far.steps[step].attempts + 1
        commands.append(Abandon(so_far.work, step, reason) if reason else Send(so_far.work, step, attempt))
    if not in_flight and all(state.status in _ENDED for state in so_far.steps.values()):
        commands.append(_finish(so_far))
    return tuple(commands)


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
            steps = {step: StepState() for step in Step}
            steps[Step.CLASSIFICATION] = StepState(
                status=StepStatus.SKIPPED, description="no classifier is deployed for this org"
            )
            return Progress(fix.cycle, steps, received=fix)
        case ScanStarted() as scan:
            return Progress(scan.scan.id, {step: StepState() for step in SCAN_STEPS}, scan=scan)
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
            text = _count(len(proposed.candidates), "candidate") + (f": {proposed.reason}" if proposed.reason else "")
            return replace(_ended(so_far, Step.SYNTHESIS, recorded.at, text, proposed.elapsed_ms), proposed=proposed)
        case RuleAccepted() as accepted:
            return _judged(replace(so_far, accepted=(*so_far.accepted, accepted.rule)), recorded.at)
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
    if state.status in _ENDED and state.status is not StepStatus.SKIPPED:
        return so_far
    running = StepState(status=StepStatus.RUNNING, attempts=max(state.attempts, tried.attempt))
    return replace(
        so_far,
        steps={**so_far.steps, tried.step: running},
        began_at=so_far.began_at or at,
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
    text = f"{_count(report.findings, 'finding')} in {where}"
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
    return not so_far.accepted and steps[Step.JUDGEMENT].status in _ENDED


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


def _is_due(so_far: Progress, step: Step) -> bool:
    if so_far.steps[step].status not in (StepStatus.PENDING, StepStatus.RUNNING):
        return False
    match step:
        case Step.SYNTHESIS | Step.PATTERN:
            return True
        case Step.JUDGEMENT:
            return so_far.proposed is not None
        case Step.SCAN:
            return so_far.received is None or bool(so_far.accepted)
        case Step.PROPOSALS:
            return so_far.scanned is not None
        case Step.CLASSIFICATION:
            return False


def _why_abandon(so_far: Progress, step: Step, attempts_allowed: int, overdue: str | None) -> str | None:
    attempts, failure = so_far.steps[step].attempts, so_far.failures.get(step)
    if failure is not None and failure.final:
        return failure.reason
    if attempts >= attempts_allowed:
        last = failure.reason if failure is not None else "its process ended before it answered"
        return f"{last} (attempt {attempts} of {attempts_allowed})"
    return f"the work {overdue}" if overdue else None


def _finish(so_far: Progress) -> Finish:
    if not isinstance(so_far.work, CycleId):
        return Finish(so_far.work, None, None)
    failed = so_far.failed_steps
    if failed:
        reasons = "; ".join(f"{step.value}: {so_far.steps[step].description}" for step in failed)
        return Finish(so_far.work, Outcome.PARTIAL, reasons)
    if so_far.accepted:
        return Finish(so_far.work, Outcome.LEARNED, None)
    return Finish(so_far.work, Outcome.NO_RULE, _why_no_rule(so_far))


def _why_no_rule(so_far: Progress) -> str:
    if so_far.proposed is not None and not so_far.proposed.candidates:
        return so_far.proposed.reason or "no candidate could be derived from the change"
    reasons = dict.fromkeys(rejected.reason for rejected in so_far.rejected)
    return "; ".join(list(reasons)[:3]) or "no candidate passed"


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def scan_of(cycle: CycleId) -> ScanId:
    """The one scan that a cycle sets off."""
    return ScanId.of(cycle)
