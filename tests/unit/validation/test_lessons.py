"""What a rule learns from being wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.finding import FindingCounts
from rsolv_ray.model.rule import Case, CaseKind, CaseSource, Rule, RuleState
from rsolv_ray.validation import Hit
from rsolv_ray.validation.gates import Evidence
from rsolv_ray.validation.lessons import cases_with, fall, is_spared, narrowed_rule, upper_bound
from tests.unit.store.samples import rule
from tests.unit.validation.samples import NOW, candidate


def said(kind: CaseKind, code: str = "run(x)\n") -> Case:
    return Case(kind=kind, path="a.py", language="python", code=code, source=CaseSource.TRIAGE)


def a_rule(*cases: Case) -> Rule:
    return rule().model_copy(update={"cases": (*rule().cases, *cases)})


def test_a_place_that_was_wrong_becomes_a_case_of_the_next_version() -> None:
    cases = cases_with(rule(), (), (said(CaseKind.SILENT),))
    narrower = narrowed_rule(rule(), {"id": "x", "patterns": []}, cases, NOW)
    assert (narrower.version, narrower.cases[-1], narrower.definition["id"]) == (2, said(CaseKind.SILENT), rule().id)
    assert (narrower.state, narrower.quality.fp) == (rule().state, 0)


def test_the_cases_that_were_there_stay() -> None:
    assert set(rule().cases) < set(cases_with(rule(), (said(CaseKind.FIRES, "f()\n"),), (said(CaseKind.SILENT),)))


def test_a_word_that_was_taken_back_goes_with_its_case() -> None:
    cases = cases_with(a_rule(said(CaseKind.SILENT)), (said(CaseKind.FIRES),), ())
    assert [case.kind for case in cases if case.source is CaseSource.TRIAGE] == [CaseKind.FIRES]


@given(st.sets(st.integers(0, 3)))
def test_spared_is_only_who_is_right_on_every_case(hits: set[int]) -> None:
    cases = cases_with(rule(), (said(CaseKind.FIRES, "f()\n"),), (said(CaseKind.SILENT),))
    fires = {index for index, case in enumerate(cases) if case.kind is CaseKind.FIRES}
    evidence = Evidence(candidate(), cases, {index: [Hit(1, 1)] for index in hits})
    assert is_spared(evidence) is (hits == fires)


@pytest.mark.parametrize(
    ("state", "right", "wrong", "below"),
    [
        (RuleState.MONITOR, 0, 3, None),
        (RuleState.MONITOR, 0, 4, RuleState.RETIRED),
        (RuleState.MONITOR, 5, 5, None),
        (RuleState.ACTIVE, 0, 1, None),
        (RuleState.ACTIVE, 0, 2, RuleState.MONITOR),
        (RuleState.ACTIVE, 9, 1, None),
        (RuleState.ACTIVE, 10, 20, RuleState.MONITOR),
        (RuleState.RETIRED, 0, 50, None),
    ],
)
def test_a_rule_falls_when_there_is_no_doubt(state: RuleState, right: int, wrong: int, below: RuleState | None) -> None:
    fallen = fall(state, FindingCounts(true_positive=right, false_positive=wrong))
    assert (fallen[0] if fallen else None) is below


def test_why_a_rule_falls_is_told_in_numbers() -> None:
    fallen = fall(RuleState.MONITOR, FindingCounts(true_positive=1, false_positive=9))
    assert fallen is not None
    assert fallen[1].startswith("of 10 findings that people judged 1 were right: at best 40%, and 50% is asked")


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_bound_is_a_share_above_what_was_measured(right: int, wrong: int) -> None:
    bound = upper_bound(right, right + wrong)
    assert 0 < bound <= 1
    assert right + wrong == 0 or bound >= right / (right + wrong) - 1e-9


def test_more_words_leave_less_doubt() -> None:
    assert upper_bound(0, 1) > upper_bound(0, 2) > upper_bound(0, 10)
