"""What is to be done next for a fix, given what has happened so far?

A pure function from an org's log to commands. The orchestrator only carries commands out and records what happened;
after any crash it reads the log again and asks again. Commands are idempotent (ids come from content, and each outcome
is committed once per work and step), so at-least-once delivery ends in the same state as a run without a crash.

A command is recorded as attempted before it is sent. After `attempts_allowed` attempts without an outcome it is
abandoned, and its work goes on without that step: a poisonous fix cannot spin for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rsolv_ray.model.cycle import Outcome, Step, StepStatus, WorkId
from rsolv_ray.model.events import Recorded
from rsolv_ray.model.ids import CycleId, ScanId
from rsolv_ray.progress import ENDED, Progress, progress


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
    """Nothing is left to do. `outcome` is None for what is no cycle."""

    work: WorkId
    outcome: Outcome | None
    reason: str | None


Command = Send | Abandon | Finish


def next_commands(
    history: Sequence[Recorded],
    *,
    attempts_allowed: int,
    overdue: str | None = None,
    in_flight: frozenset[Step] = frozenset(),
) -> tuple[Command, ...]:
    """The commands that are due for one work, given its whole history in order.

    Args:
        history: all `FOLDED` events of one cycle or one free-standing scan or one lesson; others do no harm.
        in_flight: steps that are being carried out right now: nothing is said about them.
        overdue: why every step that is not in flight is to be given up, where the work has had all its time.
    """
    so_far = progress(history)
    if so_far.completed is not None:
        return ()
    due = [step for step in so_far.steps if step not in in_flight and _is_due(so_far, step)]
    commands: list[Command] = []
    for step in due:
        reason = _why_abandon(so_far, step, attempts_allowed, overdue)
        attempt = so_far.steps[step].attempts + 1
        commands.append(Abandon(so_far.work, step, reason) if reason else Send(so_far.work, step, attempt))
    if not in_flight and all(state.status in ENDED for state in so_far.steps.values()):
        commands.append(_finish(so_far))
    return tuple(commands)


def _is_due(so_far: Progress, step: Step) -> bool:
    if so_far.steps[step].status not in (StepStatus.PENDING, StepStatus.RUNNING):
        return False
    match step:
        case Step.SYNTHESIS | Step.PATTERN | Step.LESSON:
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
    return overdue


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
    known = next((rejected.reason for rejected in so_far.rejected if rejected.known_rule), None)
    if known is not None:
        return known
    reasons = dict.fromkeys(rejected.reason for rejected in so_far.rejected)
    return "; ".join(list(reasons)[:3]) or "no candidate passed"


def scan_of(cycle: CycleId) -> ScanId:
    """The one scan that a cycle sets off."""
    return ScanId.of(cycle)
