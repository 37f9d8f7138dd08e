"""People's words set lessons off, and a better version of a rule stays in the state that the rule is in."""

from __future__ import annotations

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.events import FindingTriaged, LessonLearned, Recorded
from rsolv_ray.model.finding import Finding, Triage, TriageLabel
from rsolv_ray.model.ids import LessonId, RuleId
from rsolv_ray.model.rule import RuleState
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import NOW, REPOSITORY, RULE, WRITER, finding, result, rule, scan

OTHER = RuleId("python-cwe-78-0123456789")
WRONG = Triage(label=TriageLabel.FALSE_POSITIVE, by="ann")


def found(store: OrgStore, *some: Finding) -> None:
    store.start_scan(scan(0, rules=(RULE, OTHER)), now=NOW, writer=WRITER)
    covered = ((RULE, REPOSITORY), (OTHER, REPOSITORY))
    store.complete_scan(result(0, *some, covered=covered), now=NOW, writer=WRITER)


def lessons(told: tuple[Recorded, ...]) -> list[LessonId | None]:
    return [one.event.lesson for one in told if isinstance(one.event, FindingTriaged)]


def open_lessons(store: OrgStore) -> list[LessonId]:
    return [work for work in store.open_work() if isinstance(work, LessonId)]


def test_a_false_positive_opens_a_lesson_in_the_same_transaction(store: OrgStore) -> None:
    found(store, finding(1))
    (lesson,) = lessons(store.triage(finding(1).id, WRONG, now=NOW, writer=WRITER))
    assert open_lessons(store) == [lesson]
    assert lesson is not None
    (begun,) = store.history(lesson)
    assert isinstance(begun.event, FindingTriaged)


def test_the_false_positives_of_one_rule_are_one_lesson(store: OrgStore) -> None:
    some = [finding(1), finding(2), finding(3, rule=OTHER)]
    found(store, *some)
    store.triage_many([one.id for one in some], WRONG, now=NOW, writer=WRITER)
    assert sorted(len(store.history(lesson)) for lesson in open_lessons(store)) == [1, 2]


def test_the_same_word_again_opens_nothing_and_another_word_on_it_a_lesson_of_its_own(store: OrgStore) -> None:
    found(store, finding(1))
    store.triage(finding(1).id, WRONG, now=NOW, writer=WRITER)
    store.triage(finding(1).id, WRONG, now=NOW, writer=WRITER)
    assert len(open_lessons(store)) == 1
    store.triage(finding(1).id, Triage(label=TriageLabel.TRUE_POSITIVE), now=NOW, writer=WRITER)
    store.triage(finding(1).id, WRONG, now=NOW, writer=WRITER)
    assert len(set(open_lessons(store))) == 2


def test_words_that_are_no_false_positive_open_no_lesson(store: OrgStore) -> None:
    found(store, finding(1))
    for label in (TriageLabel.TRUE_POSITIVE, TriageLabel.IGNORED):
        assert lessons(store.triage(finding(1).id, Triage(label=label), now=NOW, writer=WRITER)) == [None]
    assert open_lessons(store) == []


def test_what_was_learned_belongs_to_its_lesson(store: OrgStore) -> None:
    work = LessonId.of("a lesson")
    store.commit(Batch(events=(LessonLearned(work=work, lesson="x"),)), now=NOW, writer=WRITER)
    assert [one.name for one in store.history(work)] == ["LessonLearned"]


def test_a_new_version_stays_in_the_state_of_its_rule_whatever_it_bears(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    store.change_rule_state(RULE, RuleState.ACTIVE, reason="looked at", by="ann", now=NOW, writer=WRITER)
    store.commit(Batch(rules=(rule(version=2, state=RuleState.MONITOR),)), now=NOW, writer=WRITER)
    assert (store.rule(RULE).version, store.rule(RULE).state) == (2, RuleState.ACTIVE)
    assert [step.reason for step in store.rule_history(RULE)] == ["learned", "looked at", "version 2"]


def test_a_rule_that_was_retired_meanwhile_is_not_brought_back_by_a_version(store: OrgStore) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    store.change_rule_state(RULE, RuleState.RETIRED, reason="noise", by="ann", now=NOW, writer=WRITER)
    store.commit(Batch(rules=(rule(version=2),)), now=NOW, writer=WRITER)
    assert store.rule(RULE).state is RuleState.RETIRED
