"""Are the counts that intelligence is made of those of what has happened?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.cycle import Outcome
from rsolv_ray.model.events import CycleCompleted, RuleAccepted, RuleRejected
from rsolv_ray.model.finding import ProposalState, Triage, TriageLabel
from rsolv_ray.model.ids import CandidateId, CycleId, PatternId, RuleId
from rsolv_ray.model.learning import FIRST_JUDGED, DayFacts, Judged, LearningFacts
from rsolv_ray.model.rule import Proposer, RuleState
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import (
    NOW,
    REPOSITORY,
    RULE,
    WRITER,
    after,
    finding,
    fix,
    pattern,
    proposal,
    result,
    rule,
    scan,
)

OTHER_RULE = RuleId("python-cwe-79-0123456789")
MIDNIGHT = NOW.replace(hour=0)
DAY_S = 86_400.0


def learn(
    store: OrgStore, number: int, gate: Literal["known", "accuracy"] | None = None, *, days: float = 0
) -> CycleId:
    """A cycle that ended: with a rule, or with a candidate that was refused at a gate."""
    cycle = store.receive_fix(fix(number), now=after(days * DAY_S), writer=WRITER).cycle
    refused = CandidateId.of(number)
    told = (
        RuleAccepted(cycle=cycle, rule=rule().summary())
        if gate is None
        else RuleRejected(cycle=cycle, candidate=refused, proposer=Proposer.SYNTAX, gate=gate, reason="x")
    )
    outcome = Outcome.NO_RULE if gate else Outcome.LEARNED
    rules = () if gate else (rule(),)
    ended = CycleCompleted(cycle=cycle, outcome=outcome)
    store.commit(Batch(events=(told, ended), rules=rules, closes=(cycle,)), now=after(days * DAY_S), writer=WRITER)
    return cycle


def find(store: OrgStore, number: int, count: int, *, first: int = 0, of: RuleId = RULE) -> None:
    """A scan of a rule that finds `count` places and no others."""
    store.start_scan(scan(number, rules=(of,)), now=after(number), writer=WRITER)
    found = [finding(one, rule=of) for one in range(first, first + count)]
    done = result(number, *found, covered=((of, REPOSITORY),))
    store.complete_scan(done, now=after(number + 0.5), writer=WRITER)


def judge(store: OrgStore, label: TriageLabel, *numbers: int, at: float = 100, of: RuleId = RULE) -> None:
    for number in numbers:
        store.triage(finding(number, rule=of).id, Triage(label=label), now=after(at), writer=WRITER)


def test_an_org_without_a_file_to_speak_of_has_the_facts_of_none(store: OrgStore) -> None:
    assert store.learning_facts() == LearningFacts()


def test_fixes_that_taught_and_those_that_were_known_are_told_apart(store: OrgStore) -> None:
    for number, gate in enumerate((None, None, "known", "accuracy", "accuracy")):
        learn(store, number, gate)
    store.receive_fix(fix(99), now=NOW, writer=WRITER)
    facts = store.learning_facts()
    assert (facts.fixes_ended, facts.fixes_taught, facts.fixes_known) == (5, 2, 1)


def test_a_fix_that_taught_counts_so_where_another_candidate_was_known(store: OrgStore) -> None:
    cycle = learn(store, 0)
    known = RuleRejected(cycle=cycle, candidate=CandidateId.of("x"), proposer=Proposer.SYNTAX, gate="known", reason="x")
    store.commit(Batch(events=(known,)), now=NOW, writer=WRITER)
    facts = store.learning_facts()
    assert (facts.fixes_taught, facts.fixes_known) == (1, 0)


def test_a_rule_counts_once_on_the_day_when_it_was_first_accepted(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=after(-2 * DAY_S), writer=WRITER)
    store.commit(Batch(rules=(rule(version=2), rule(OTHER_RULE))), now=NOW, writer=WRITER)
    store.change_rule_state(RULE, RuleState.ACTIVE, reason="good", by="ann", now=after(DAY_S), writer=WRITER)
    days = {day.day: day.rules for day in store.learning_facts().days}
    assert days == {MIDNIGHT - timedelta(days=2): 1, MIDNIGHT: 1}


def test_a_draft_is_not_accepted_until_it_leaves_that_state(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(state=RuleState.DRAFT),)), now=after(-2 * DAY_S), writer=WRITER)
    store.change_rule_state(RULE, RuleState.MONITOR, reason="ok", by="ann", now=NOW, writer=WRITER)
    assert store.learning_facts().days == (DayFacts(day=MIDNIGHT, rules=1),)


def test_days_are_told_in_order_with_patterns_and_places(store: OrgStore) -> None:
    learn(store, 1)
    store.commit(Batch(patterns=(pattern(1),)), now=after(5), writer=WRITER)
    find(store, 1, 3)
    assert store.learning_facts().days == (DayFacts(day=MIDNIGHT, rules=1, patterns=1, found=3),)


def test_the_beginning_is_the_first_event(store: OrgStore) -> None:
    learn(store, 1, days=-3)
    learn(store, 2)
    assert store.learning_facts().began_at == after(-3 * DAY_S)


def test_retired_rules_are_out_of_use_with_their_quality(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(), rule(OTHER_RULE))), now=NOW, writer=WRITER)
    store.change_rule_state(RULE, RuleState.RETIRED, reason="noisy", by="ann", now=after(1), writer=WRITER)
    facts = store.learning_facts()
    assert (facts.rules_in_use, facts.quality_in_use) == (1, pytest.approx(0.9))


def test_of_a_rule_with_two_versions_the_newest_counts(store: OrgStore) -> None:
    poor = rule(version=2).model_copy(update={"quality": rule().quality.model_copy(update={"overall": 0.5})})
    store.commit(Batch(rules=(rule(), poor)), now=NOW, writer=WRITER)
    facts = store.learning_facts()
    assert (facts.rules_in_use, facts.quality_in_use) == (1, 0.5)


def test_what_people_said_last_counts_for_all_rules_and_for_those_in_use(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(), rule(OTHER_RULE))), now=NOW, writer=WRITER)
    find(store, 1, 4)
    find(store, 2, 1, first=50, of=OTHER_RULE)
    judge(store, TriageLabel.FALSE_POSITIVE, 0, 1)
    judge(store, TriageLabel.TRUE_POSITIVE, 1, at=200)
    judge(store, TriageLabel.IGNORED, 2)
    judge(store, TriageLabel.FALSE_POSITIVE, 50, of=OTHER_RULE)
    store.change_rule_state(OTHER_RULE, RuleState.RETIRED, reason="noisy", by="ann", now=after(300), writer=WRITER)
    facts = store.learning_facts()
    assert facts.judged == Judged(right=1, wrong=2)
    assert facts.judged_in_use == Judged(right=1, wrong=1)


def test_a_judgement_outlives_the_mending_of_its_finding(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    find(store, 1, 2)
    judge(store, TriageLabel.TRUE_POSITIVE, 0)
    find(store, 200, 1, first=1)
    facts = store.learning_facts()
    assert facts.findings_fixed == 1
    assert facts.judged == Judged(right=1)


def test_the_first_judged_are_first_by_time_and_have_todays_label(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    find(store, 1, FIRST_JUDGED + 5)
    judge(store, TriageLabel.FALSE_POSITIVE, *range(5, FIRST_JUDGED + 5), at=100)
    judge(store, TriageLabel.TRUE_POSITIVE, *range(5), at=200)
    judge(store, TriageLabel.TRUE_POSITIVE, 5, 6, at=300)
    judge(store, TriageLabel.FALSE_POSITIVE, 5, at=400)
    assert store.learning_facts().judged_first == Judged(right=1, wrong=FIRST_JUDGED - 1)


def test_ignored_findings_are_not_among_the_first_judged(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    find(store, 1, FIRST_JUDGED + 2)
    judge(store, TriageLabel.IGNORED, 0, 1)
    judge(store, TriageLabel.TRUE_POSITIVE, *range(2, FIRST_JUDGED + 2), at=200)
    assert store.learning_facts().judged_first == Judged(right=FIRST_JUDGED)


def test_places_are_told_by_rule_without_those_called_false(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(), rule(OTHER_RULE))), now=NOW, writer=WRITER)
    find(store, 1, 4)
    find(store, 2, 2, first=50, of=OTHER_RULE)
    judge(store, TriageLabel.FALSE_POSITIVE, 0)
    assert sorted(store.learning_facts().places_by_rule) == [2, 3]


def test_places_to_mend_are_fixed_patched_or_neither(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    find(store, 1, 7)
    judge(store, TriageLabel.FALSE_POSITIVE, 0)
    judge(store, TriageLabel.IGNORED, 1)
    offered = {number: proposal(finding(number)) for number in (1, 2, 3, 4, 6)}
    store.commit(Batch(proposals=tuple(offered.values())), now=after(110), writer=WRITER)
    for number, state in ((2, ProposalState.APPLIED), (3, ProposalState.REJECTED)):
        store.set_proposal_state(offered[number].id, state, now=after(120), writer=WRITER)
    find(store, 200, 6)
    facts = store.learning_facts()
    assert (facts.findings, facts.findings_fixed, facts.findings_patched) == (5, 1, 2)


def test_a_place_whose_file_was_renamed_is_one_place(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    find(store, 1, 1)
    store.start_scan(scan(2), now=after(2), writer=WRITER)
    store.complete_scan(result(2, finding(0, path="src/elsewhere.py")), now=after(3), writer=WRITER)
    facts = store.learning_facts()
    assert (facts.places_by_rule, facts.findings) == ((1,), 1)
    assert sum(day.found for day in facts.days) == 1


def test_patterns_count_once_a_fix_under_the_first_weakness_that_it_names(store: OrgStore) -> None:
    several = pattern(2).model_copy(update={"cwe": ("CWE-79", "CWE-89")})
    unnamed = pattern(3).model_copy(update={"cwe": ()})
    again = pattern(1).model_copy(update={"id": PatternId.of("another encoder"), "encoder": "other"})
    store.commit(Batch(patterns=(pattern(1), several, unnamed, again)), now=NOW, writer=WRITER)
    facts = store.learning_facts()
    assert facts.patterns == {"CWE-89": 1, "CWE-79": 1, "": 1}
    assert [day.patterns for day in facts.days] == [3]
