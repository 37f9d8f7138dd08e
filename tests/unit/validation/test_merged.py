"""A merged rule loses no case and is no louder."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FixId, RuleId
from rsolv_ray.model.rule import Candidate, Case, CaseKind, Density, Rule
from rsolv_ray.synthesis.rules.merging import Merger
from rsolv_ray.validation import Hit
from rsolv_ray.validation.gates import Evidence
from rsolv_ray.validation.merged import cases_of, merged_rule, too_loud, why_not
from tests.unit.store.samples import rule
from tests.unit.validation.samples import NOW, candidate

CODES = st.sampled_from(["a\n", "b\n", "c\n", "d\n", "e\n"])
CASES = st.builds(Case, kind=st.sampled_from(CaseKind), path=st.just("x.py"), language=st.just("python"), code=CODES)


def a_rule(name: str, *cases: Case, **changed: Any) -> Rule:
    both = tuple(Case(kind=kind, path="x.py", language="python", code=f"{name} {kind}\n") for kind in CaseKind)
    return rule(RuleId(name)).model_copy(update={"cases": (*both, *cases), **changed})


def evidence(cases: tuple[Case, ...], hits: set[int], one: Candidate | None = None) -> Evidence:
    return Evidence(one or candidate(), cases, {index: [Hit(1, 1)] for index in hits})


def dense(per_100k_lines: float) -> Density:
    return Density(findings=50, lines=1_000_000, per_100k_lines=per_100k_lines)


def right_on(cases: tuple[Case, ...]) -> set[int]:
    return {index for index, case in enumerate(cases) if case.kind is CaseKind.FIRES}


@given(st.lists(CASES, max_size=6), st.lists(CASES, max_size=6), st.data())
def test_merging_never_loses_a_case(older: list[Case], newer: list[Case], data: st.DataObject) -> None:
    """Whatever the engine finds: either every case of both is kept and right, or there is no merged rule."""
    one, other = a_rule("older", *older), a_rule("newer", *newer)
    cases = cases_of(one, other)
    hits = data.draw(st.sets(st.integers(0, len(cases) - 1)) | st.just(right_on(cases)))
    seen = evidence(cases, hits)
    if why_not(seen) is None:
        merged = merged_rule(one, other, seen, None, NOW)
        assert set(merged.cases) == set(one.cases) | set(other.cases)
        assert (merged.quality.fn, merged.quality.fp) == (0, 0)
        assert hits == right_on(cases)
    else:
        with pytest.raises(ValueError, match=r"it is wrong on|matches anything"):
            merged_rule(one, other, seen, None, NOW)


@given(st.lists(CASES, max_size=4), st.lists(CASES, max_size=4), st.lists(CASES, max_size=4))
def test_cases_stay_through_several_mergers(first: list[Case], second: list[Case], third: list[Case]) -> None:
    merged, *others = (a_rule(f"rule-{number}", *cases) for number, cases in enumerate((first, second, third)))
    seen_before: set[Case] = set(merged.cases)
    for other in others:
        cases = cases_of(merged, other)
        if len({(case.code, case.kind) for case in cases}) > len({case.code for case in cases}):
            return  # the same code must fire for one and be silent for the other: no rule does both
        merged = merged_rule(merged, other, evidence(cases, right_on(cases)), None, NOW)
        seen_before |= set(other.cases)
    assert set(merged.cases) == seen_before


def test_a_merged_rule_is_the_next_version_of_the_older_with_the_fixes_of_both() -> None:
    one = a_rule("older", version=3, severity=Severity.MEDIUM, cwe=("CWE-89",))
    other = a_rule("newer", severity=Severity.CRITICAL, cwe=("CWE-564",), origin_fixes=(FixId.of("another"),))
    cases = cases_of(one, other)
    merged = merged_rule(one, other, evidence(cases, right_on(cases)), None, NOW)
    assert (merged.id, merged.version, merged.severity) == ("older", 4, Severity.CRITICAL)
    assert merged.definition["id"] == "older"
    assert (merged.cwe, merged.origin_fixes) == (("CWE-89", "CWE-564"), (*one.origin_fixes, *other.origin_fixes))


def test_the_message_says_what_is_wrong_in_either_case() -> None:
    one, other = (a_rule(name, message=f"`{name}` is called: it is weak. Instead, stop.") for name in ("a", "b"))
    cases = cases_of(one, other)
    merged = merged_rule(one, other, evidence(cases, right_on(cases)), None, NOW)
    assert (
        merged.message == merged.definition["message"] == "`a` is called, or `b` is called: it is weak. Instead, stop."
    )


def test_a_merged_rule_is_as_sure_as_the_less_sure_form() -> None:
    one, other = a_rule("older", form="taint:family"), a_rule("newer", form="ladder:2")
    cases = cases_of(one, other)
    assert merged_rule(one, other, evidence(cases, right_on(cases)), None, NOW).form == "ladder:2"


def test_a_definition_that_matches_anything_is_refused() -> None:
    cases = cases_of(a_rule("a"), a_rule("b"))
    assert "matches anything" in (why_not(evidence(cases, right_on(cases), candidate("$X(...)"))) or "")


@pytest.mark.parametrize(
    ("is_exact", "merged", "before", "reason"),
    [
        (True, None, (None, None), None),
        (False, None, (None, None), "may be louder"),
        (False, 2.0, (1.0, None), "may be louder"),
        (False, 3.0, (1.0, 2.0), None),
        (False, 3.1, (1.0, 2.0), "louder than the two"),
        (True, 3.1, (1.0, 2.0), "louder than the two"),
        (True, 12.0, (6.0, 6.0), "too loud"),
    ],
)
def test_a_merged_rule_is_no_louder_than_the_two(
    is_exact: bool, merged: float | None, before: tuple[float | None, float | None], reason: str | None
) -> None:
    older, newer = (
        a_rule(name, density=None if told is None else dense(told)) for name, told in zip("ab", before, strict=True)
    )
    said = too_loud(Merger({}, is_exact=is_exact), None if merged is None else dense(merged), older, newer)
    assert said is None if reason is None else reason in (said or "")
