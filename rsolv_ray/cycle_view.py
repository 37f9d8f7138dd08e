"""What does the API tell of a cycle? A fold of its events into the one value that everybody reads."""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.model.cycle import Classified, Cycle, CycleScan, LearnedRule, RejectedCandidate, Step, StepStatus
from rsolv_ray.model.events import CycleCompleted, Recorded
from rsolv_ray.model.ids import OrgId
from rsolv_ray.progress import Progress, progress


def cycle_of(history: Sequence[Recorded]) -> Cycle:
    """The cycle whose whole history, in order, this is.

    Raises:
        ValueError: the history is empty, or not that of a cycle.
    """
    so_far = progress(history)
    if so_far.received is None:
        raise ValueError(f"{so_far.work} is a scan that stands for itself, not a cycle")
    ended = next((one for one in history if isinstance(one.event, CycleCompleted)), None)
    return _told(so_far, history[0], ended)


def has_answer(cycle: Cycle) -> bool:
    """Has the scan ended, or the whole cycle where none was due? This is what a caller who waits is waiting for."""
    return cycle.outcome is not None or cycle.steps[Step.SCAN].status in (StepStatus.DONE, StepStatus.FAILED)


def _told(so_far: Progress, first: Recorded, ended: Recorded | None) -> Cycle:
    assert so_far.received is not None
    received, completed, scanned = so_far.received, so_far.completed, so_far.scanned
    return Cycle(
        id=received.cycle,
        fix=received.fix,
        title=received.title,
        cwe=received.cwe,
        org=OrgId(first.org),
        outcome=completed.outcome if completed else None,
        reason=completed.reason if completed else None,
        received_at=first.at,
        finished_at=ended.at if ended else None,
        steps=dict(so_far.steps),
        rule=_learned(so_far),
        rejected=tuple(
            RejectedCandidate(
                candidate=one.candidate, proposer=one.proposer, reason=one.reason, known_rule=one.known_rule
            )
            for one in so_far.rejected
        ),
        pattern=so_far.pattern.pattern if so_far.pattern else None,
        classification=_classified(so_far),
        scan=CycleScan(
            id=scanned.scan,
            repositories=scanned.report.repositories,
            findings=scanned.report.findings,
            duration_ms=scanned.report.duration_ms,
        )
        if scanned
        else None,
        additional_matches=scanned.report.findings if scanned else 0,
        proposals=so_far.offered.proposals if so_far.offered else (),
    )


def _learned(so_far: Progress) -> LearnedRule | None:
    """The best of the accepted rules: judging tells the best one first."""
    if not so_far.accepted:
        return None
    best = so_far.accepted[0]
    return LearnedRule(
        id=best.id,
        version=best.version,
        state=best.state,
        confidence=best.confidence,
        quality=best.quality,
        density=best.density,
        recommendations=best.recommendations,
        parents=so_far.merged.get(best.id, ()),
    )


def _classified(so_far: Progress) -> Classified | None:
    said = so_far.classified
    if said is None:
        return None
    return Classified(prediction=said.prediction, known_label=said.known_label, disagreement=said.disagreement)
