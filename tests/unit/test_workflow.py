"""The pipeline is a function: what is due follows from the log alone, whatever crashed in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsolv_ray.cycle_view import cycle_of, has_answer
from rsolv_ray.model.cycle import Outcome, Step, StepStatus
from rsolv_ray.model.events import (
    CommandAbandoned,
    CommandAttempted,
    CommandFailed,
    CycleCompleted,
    Event,
    FindingTriaged,
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
from rsolv_ray.model.finding import FindingState, Scan, ScanReport, ScanTrigger, Triage, TriageLabel
from rsolv_ray.model.ids import CandidateId, CycleId, FindingId, FixId, LessonId, OrgId, PatternId, RuleId, ScanId
from rsolv_ray.model.pattern import Insight, PatternInsight
from rsolv_ray.model.rule import Candidate, Confidence, Proposer, Quality, RuleState, RuleSummary
from rsolv_ray.progress import FOLDED
from rsolv_ray.workflow import Abandon, Finish, Send, next_commands

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")
CYCLE, FIX = CycleId.of("a cycle"), FixId.of("a fix")
START = datetime(2026, 1, 1, tzinfo=UTC)
ATTEMPTS = 9
QUALITY = Quality(
    structure=1, effectiveness=1, accuracy=1, overall=1, tp=1, fn=0, tn=1, fp=0, precision=1, recall=1, f1=1
)


def received(*, scan: bool = True) -> FixReceived:
    return FixReceived(cycle=CYCLE, fix=FIX, languages=("python",), paths=("a.py",), scan=scan)


def candidate(number: int = 0) -> Candidate:
    return Candidate(definition={"id": f"c{number}", "pattern": f"f{number}(...)"})


def accepted(*, has_fix: bool = True) -> RuleAccepted:
    rule = RuleSummary(
        id=RuleId("python-cwe-89-0"), version=1, state=RuleState.MONITOR, proposer=Proposer.SYNTAX, form="taint",
        languages=("python",), severity="high", cwe=(), message="m", confidence=Confidence.HIGH, quality=QUALITY,
        recommendations=(), origin_fixes=(FIX,), created_at=START, has_fix=has_fix,
    )  # fmt: skip
    return RuleAccepted(cycle=CYCLE, rule=rule)


def rejected(reason: str = "it is noisy") -> RuleRejected:
    return RuleRejected(cycle=CYCLE, candidate=CandidateId.of(reason), proposer=Proposer.SYNTAX, reason=reason)


def stored() -> PatternStored:
    insight = PatternInsight(id=PatternId.of("p"), insight=Insight.NOVEL, count=0, message="new")
    return PatternStored(cycle=CYCLE, pattern=insight)


def log(*events: Event, at: datetime = START) -> tuple[Recorded, ...]:
    return tuple(Recorded(org=ORG, sequence=n + 1, at=at, event=event) for n, event in enumerate(events))


def due(*events: Event, overdue: str | None = None, in_flight: frozenset[Step] = frozenset()) -> tuple[object, ...]:
    return next_commands(log(*events), attempts_allowed=3, overdue=overdue, in_flight=in_flight)


def test_synthesis_and_analysis_begin_side_by_side() -> None:
    assert due(received()) == (Send(CYCLE, Step.SYNTHESIS, 1), Send(CYCLE, Step.PATTERN, 1))


def test_nothing_is_said_about_a_step_that_is_in_flight() -> None:
    assert due(received(), in_flight=frozenset({Step.SYNTHESIS})) == (Send(CYCLE, Step.PATTERN, 1),)


def test_an_attempt_without_an_outcome_is_made_again_with_the_next_number() -> None:
    tried = CommandAttempted(work=CYCLE, step=Step.SYNTHESIS, attempt=1)
    assert Send(CYCLE, Step.SYNTHESIS, 2) in due(received(), tried)


def test_a_step_is_abandoned_after_three_attempts_with_the_last_reason() -> None:
    tried = [CommandAttempted(work=CYCLE, step=Step.PATTERN, attempt=n) for n in (1, 2, 3)]
    failed = CommandFailed(work=CYCLE, step=Step.PATTERN, attempt=3, reason="boom")
    assert Abandon(CYCLE, Step.PATTERN, "boom (attempt 3 of 3)") in due(received(), *tried, failed)


def test_a_final_failure_is_abandoned_at_once() -> None:
    tried = CommandAttempted(work=CYCLE, step=Step.PATTERN, attempt=1)
    failed = CommandFailed(work=CYCLE, step=Step.PATTERN, attempt=1, reason="too slow", final=True)
    assert Abandon(CYCLE, Step.PATTERN, "too slow") in due(received(), tried, failed)


def test_an_overdue_cycle_abandons_what_is_left_but_what_is_in_flight() -> None:
    late = due(received(), overdue="it ran out of its 600 s", in_flight=frozenset({Step.PATTERN}))
    assert late == (Abandon(CYCLE, Step.SYNTHESIS, "it ran out of its 600 s"),)


def test_a_fix_without_candidates_ends_as_no_rule_with_the_reason() -> None:
    events = (received(), RulesProposed(cycle=CYCLE, candidates=(), reason="the change only adds lines"), stored())
    assert due(*events) == (Finish(CYCLE, Outcome.NO_RULE, "the change only adds lines"),)


def test_a_fix_whose_candidates_all_fail_ends_as_no_rule_with_their_reasons() -> None:
    proposed = RulesProposed(cycle=CYCLE, candidates=(candidate(),))
    assert due(received(), proposed, rejected(), stored()) == (Finish(CYCLE, Outcome.NO_RULE, "it is noisy"),)


def test_a_fix_that_a_known_rule_finds_ends_with_that_reason_alone() -> None:
    proposed = RulesProposed(cycle=CYCLE, candidates=(candidate(),))
    known = rejected("the known rule r already finds this").model_copy(update={"known_rule": RuleId("r")})
    (end,) = due(received(), proposed, rejected(), known, stored())
    assert end == Finish(CYCLE, Outcome.NO_RULE, "the known rule r already finds this")


def test_a_fix_that_asks_for_no_scan_ends_when_it_is_judged() -> None:
    proposed = RulesProposed(cycle=CYCLE, candidates=(candidate(),))
    events = (received(scan=False), proposed, accepted(), stored())
    assert due(*events) == (Finish(CYCLE, Outcome.LEARNED, None),)


def test_a_failed_step_makes_the_cycle_partial_and_names_it() -> None:
    proposed = RulesProposed(cycle=CYCLE, candidates=(candidate(),))
    lost = CommandAbandoned(work=CYCLE, step=Step.PATTERN, reason="no analyzer")
    (end,) = due(received(scan=False), proposed, accepted(), lost)
    assert end == Finish(CYCLE, Outcome.PARTIAL, "pattern: no analyzer")


def test_a_completed_cycle_needs_nothing() -> None:
    done = CycleCompleted(cycle=CYCLE, outcome=Outcome.LEARNED)
    assert due(received(), done) == ()


def test_a_free_standing_scan_is_driven_to_its_end_without_a_cycle() -> None:
    scan = Scan(id=ScanId.of("s"), trigger=ScanTrigger.MANUAL, rules=(), repositories=(), started_at=START)
    started = ScanStarted(scan=scan)
    assert due(started) == (Send(scan.id, Step.SCAN, 1),)
    assert due(started, ScanCompleted(scan=scan.id, report=ScanReport())) == (Finish(scan.id, None, None),)


def test_an_empty_history_is_refused() -> None:
    with pytest.raises(ValueError, match="without events"):
        due()


def test_the_view_tells_a_finished_cycle() -> None:
    proposed = RulesProposed(cycle=CYCLE, candidates=(candidate(),))
    done = CycleCompleted(cycle=CYCLE, outcome=Outcome.LEARNED)
    told = cycle_of(log(received(scan=False), stored(), proposed, accepted(), done))
    assert (told.outcome, told.finished_at, told.steps[Step.SCAN].status) == (
        Outcome.LEARNED,
        START,
        StepStatus.SKIPPED,
    )


def test_who_waits_is_answered_when_the_scan_has_ended_though_patches_are_missing() -> None:
    proposed = RulesProposed(cycle=CYCLE, candidates=(candidate(),))
    scanned = ScanCompleted(cycle=CYCLE, scan=ScanId.of("s"), report=ScanReport(findings=1))
    assert has_answer(cycle_of(log(received(), proposed, accepted(), scanned)))
    assert not has_answer(cycle_of(log(received(), proposed, accepted())))


def test_who_waits_for_a_fix_that_gives_no_rule_is_answered_with_the_outcome() -> None:
    events = (received(), RulesProposed(cycle=CYCLE, candidates=(), reason="only adds lines"), stored())
    done = CycleCompleted(cycle=CYCLE, outcome=Outcome.NO_RULE, reason="only adds lines")
    assert not has_answer(cycle_of(log(*events)))
    assert has_answer(cycle_of(log(*events, done)))


# For every crash point: replay ends in the same state as the run without a crash.


@dataclass
class Plan:
    """What each step would give in one imagined world."""

    candidates: int
    accepts: bool
    has_fix: bool
    scan: bool
    findings: int
    broken: frozenset[Step]


@dataclass
class World:
    """An org's log with a bank's `once`, and a crash before some of its writes and deeds."""

    plan: Plan
    crashes: set[int]
    events: list[Event] = field(default_factory=list)
    once: set[str] = field(default_factory=set)
    moments: int = 0

    def moment(self) -> None:
        """Something could crash here."""
        self.moments += 1
        if self.moments in self.crashes:
            raise ConnectionError

    def commit(self, once: str, *events: Event) -> None:
        self.moment()
        if once not in self.once:
            self.once.add(once)
            self.events += events
        self.moment()

    def outcome(self, step: Step) -> tuple[Event, ...]:
        plan = self.plan
        match step:
            case Step.SYNTHESIS:
                return (RulesProposed(cycle=CYCLE, candidates=tuple(candidate(n) for n in range(plan.candidates))),)
            case Step.JUDGEMENT:
                return (accepted(has_fix=plan.has_fix), rejected()) if plan.accepts else (rejected(),)
            case Step.PATTERN:
                return (stored(),)
            case Step.SCAN:
                return (ScanCompleted(cycle=CYCLE, scan=ScanId.of("s"), report=ScanReport(findings=plan.findings)),)
            case _:
                return (FixesProposed(cycle=CYCLE, scan=ScanId.of("s"), proposals=()),)


def carry_out(world: World) -> bool:
    """One round of an orchestrator over the world's log; True at the end of the cycle."""
    for command in next_commands(log(*world.events), attempts_allowed=ATTEMPTS):
        match command:
            case Send(step=step, attempt=n):
                world.commit(f"{step}:attempt:{n}", CommandAttempted(work=CYCLE, step=step, attempt=n))
                if step in world.plan.broken:
                    world.commit(f"{step}:failed:{n}", CommandFailed(work=CYCLE, step=step, attempt=n, reason="broken"))
                else:
                    world.commit(f"{step}", *world.outcome(step))
            case Abandon(step=step, reason=reason):
                world.commit(f"{step}", CommandAbandoned(work=CYCLE, step=step, reason=reason))
            case Finish(outcome=outcome):
                assert outcome is not None
                world.commit("end", CycleCompleted(cycle=CYCLE, outcome=outcome))
                return True
    return False


def run(plan: Plan, crashes: set[int]) -> World:
    world = World(plan, crashes, [received(scan=plan.scan)])
    for _ in range(200):
        try:
            if carry_out(world):
                return world
        except ConnectionError:
            continue
        if any(isinstance(event, CycleCompleted) for event in world.events):
            return world
    raise AssertionError("the cycle does not come to an end")


def state(world: World) -> object:
    told = cycle_of(log(*world.events))
    steps = {step: one.status for step, one in told.steps.items()}
    return told.outcome, steps, told.rule, told.rejected, told.pattern, told.scan, told.proposals


plans = st.builds(
    Plan,
    candidates=st.integers(0, 2),
    accepts=st.booleans(),
    has_fix=st.booleans(),
    scan=st.booleans(),
    findings=st.integers(0, 2),
    broken=st.frozensets(
        st.sampled_from([Step.SYNTHESIS, Step.PATTERN, Step.JUDGEMENT, Step.SCAN, Step.PROPOSALS]), max_size=2
    ),
)


@settings(max_examples=30)
@given(plans)
def test_what_is_not_folded_changes_nothing(plan: Plan) -> None:
    whole = log(*run(plan, set()).events)
    assert cycle_of(whole) == cycle_of([one for one in whole if one.name in FOLDED])


@settings(max_examples=60)
@given(plans, st.sets(st.integers(1, 120), max_size=ATTEMPTS - 1))
def test_after_any_crashes_replay_ends_in_the_state_of_the_run_without_a_crash(plan: Plan, crashes: set[int]) -> None:
    assert state(run(plan, crashes)) == state(run(plan, set()))


@settings(max_examples=15)
@given(plans)
def test_a_crash_at_each_single_point_changes_nothing(plan: Plan) -> None:
    whole = run(plan, set())
    for point in range(1, whole.moments + 1):
        assert state(run(plan, {point})) == state(whole), f"crash at {point}"


@settings(max_examples=40)
@given(plans, st.sets(st.integers(1, 120), max_size=ATTEMPTS - 1))
def test_no_outcome_is_recorded_twice(plan: Plan, crashes: set[int]) -> None:
    names = [event.type for event in run(plan, crashes).events if not isinstance(event, CommandFailed)]
    for once in ("RulesProposed", "PatternStored", "RuleAccepted", "ScanCompleted", "FixesProposed", "CycleCompleted"):
        assert names.count(once) <= 1


LESSON = LessonId.of("a lesson")
WRONG = FindingTriaged(
    finding=FindingId.of("a finding"),
    rule=RuleId("python-cwe-89-0"),
    before=FindingState.OPEN,
    triage=Triage(label=TriageLabel.FALSE_POSITIVE),
    lesson=LESSON,
)


def test_a_false_positive_sets_off_one_lesson_and_nothing_else() -> None:
    assert due(WRONG, WRONG) == (Send(LESSON, Step.LESSON, 1),)


def test_a_lesson_that_was_learned_is_at_its_end() -> None:
    assert due(WRONG, LessonLearned(work=LESSON, lesson="constants are safe")) == (Finish(LESSON, None, None),)


def test_a_rule_that_was_merged_is_what_the_fix_taught() -> None:
    merged = RuleMerged(cycle=CYCLE, rule=accepted().rule, parents=(RuleId("python-cwe-89-0"), RuleId("new")))
    told = cycle_of(log(received(scan=False), RulesProposed(cycle=CYCLE, candidates=(candidate(),)), merged))
    assert told.rule is not None
    assert told.rule.parents == merged.parents
    assert told.steps[Step.JUDGEMENT].description == "1 accepted, 0 rejected"
