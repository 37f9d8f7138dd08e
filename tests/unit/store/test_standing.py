"""How did rules and findings come into their states, and how do they stand now?"""

from __future__ import annotations

import pytest

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.finding import FindingCounts, FindingState, Triage, TriageLabel
from rsolv_ray.model.ids import RuleId
from rsolv_ray.model.rule import RuleState
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import NOW, RULE, WRITER, after, finding, result, rule, scan

OTHER_RULE = RuleId("javascript-cwe-79-0123456789")
FALSE_POSITIVE = Triage(label=TriageLabel.FALSE_POSITIVE, reason="a constant", by="ann")


def _scan(store: OrgStore, number: int, *found: object) -> None:
    store.start_scan(scan(number), now=after(number), writer=WRITER)
    store.complete_scan(result(number, *found), now=after(number), writer=WRITER)  # type: ignore[arg-type]


def _add(store: OrgStore, *rules: object) -> None:
    store.commit(Batch(rules=rules), now=NOW, writer=WRITER)  # type: ignore[arg-type]


def test_a_rule_tells_how_it_came_into_its_state(store: OrgStore) -> None:
    _add(store, rule())
    store.change_rule_state(RULE, RuleState.ACTIVE, reason="seen to be right", by="ann", now=after(1), writer=WRITER)
    steps = store.rule_history(RULE)
    assert [(one.state, one.reason, one.by) for one in steps] == [
        (RuleState.MONITOR, "learned", "syntax"),
        (RuleState.ACTIVE, "seen to be right", "ann"),
    ]
    assert [one.at for one in steps] == [NOW, after(1)]


def test_versions_are_told_newest_first_in_the_present_state(store: OrgStore) -> None:
    _add(store, rule())
    _add(store, rule(version=2))
    store.change_rule_state(RULE, RuleState.RETIRED, reason="r", by="ann", now=after(1), writer=WRITER)
    assert [(one.version, one.state) for one in store.rule_versions(RULE)] == [(2, "retired"), (1, "retired")]


def test_versions_of_an_unknown_rule_are_not_found(store: OrgStore) -> None:
    with pytest.raises(NotFound, match="there is no rule"):
        store.rule_versions(RULE)


def test_rules_are_searched_in_whatever_case(store: OrgStore) -> None:
    _add(store, rule(), rule(OTHER_RULE))
    assert [one.id for one in store.rules(text="JavaScript").items] == [OTHER_RULE]
    assert {one.id for one in store.rules(text="BUILT sql").items} == {RULE, OTHER_RULE}
    assert {one.id for one in store.rules(text="cwe-89").items} == {RULE, OTHER_RULE}


def test_the_search_does_not_find_the_names_of_fields(store: OrgStore) -> None:
    _add(store, rule())
    assert store.rules(text="confidence").items == ()


def test_a_search_takes_its_text_as_it_is(store: OrgStore) -> None:
    _add(store, rule())
    assert store.rules(text="%").items == ()


def test_a_finding_tells_how_it_came_into_its_state(store: OrgStore) -> None:
    _scan(store, 1, finding(1))
    store.triage(finding(1).id, FALSE_POSITIVE, now=after(5), writer=WRITER)
    assert [(one.state, one.triage, one.at) for one in store.finding_history(finding(1).id)] == [
        (FindingState.OPEN, None, after(1)),
        (FindingState.TRIAGED, FALSE_POSITIVE, after(5)),
    ]


def test_a_finding_keeps_its_history_when_its_file_is_renamed(store: OrgStore) -> None:
    _scan(store, 1, finding(1, path="a.py"))
    store.triage(finding(1, path="a.py").id, FALSE_POSITIVE, now=after(2), writer=WRITER)
    _scan(store, 3, finding(1, path="b.py"))
    _scan(store, 4, finding(1, path="c.py"))
    told = store.finding_history(finding(1, path="c.py").id)
    assert [(one.state, one.at) for one in told] == [("open", after(1)), ("triaged", after(2))]
    assert store.finding_history(finding(1, path="a.py").id) == told


def test_findings_are_counted_by_how_they_stand(store: OrgStore) -> None:
    _scan(store, 1, finding(1), finding(2), finding(3))
    _scan(store, 2, finding(2), finding(3))
    store.triage(finding(2).id, FALSE_POSITIVE, now=after(3), writer=WRITER)
    counted = store.finding_counts([RULE, OTHER_RULE])
    assert counted == {
        RULE: FindingCounts(open=1, fixed=1, false_positive=1),
        OTHER_RULE: FindingCounts(),
    }


def test_a_renamed_finding_is_counted_once(store: OrgStore) -> None:
    _scan(store, 1, finding(1, path="a.py"))
    _scan(store, 2, finding(1, path="b.py"))
    assert store.finding_counts([RULE]) == {RULE: FindingCounts(open=1)}
