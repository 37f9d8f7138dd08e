"""How good a rule is, in numbers and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Confidence
from rsolv_ray.validation.quality import Tally, confidence, missing_fields, quality, recommendations, structure_score
from tests.unit.validation.samples import CASES, candidate

WHOLE = candidate().definition


def _without(name: str) -> JsonObject:
    return {key: value for key, value in WHOLE.items() if key != name}


def test_a_whole_rule_has_the_full_structure_score() -> None:
    assert structure_score(WHOLE) == 1.0


@pytest.mark.parametrize(("field", "named"), [("id", "id"), ("message", "message"), ("patterns", "pattern")])
def test_a_missing_field_is_named_and_costs(field: str, named: str) -> None:
    assert missing_fields(_without(field)) == (named,)
    assert structure_score(_without(field)) < 1.0


def test_a_taint_rule_needs_no_pattern() -> None:
    taint: JsonObject = {**_without("patterns"), "mode": "taint", "pattern-sources": [], "pattern-sinks": []}
    assert missing_fields(taint) == ()


def test_an_operator_beside_patterns_costs() -> None:
    assert structure_score({**WHOLE, "pattern-not": "f()"}) < structure_score(WHOLE)


def test_effectiveness_weighs_specificity_and_coverage() -> None:
    numbers = quality(WHOLE, Tally(CASES, (True, False, True, False, True)))
    assert numbers.effectiveness == pytest.approx(0.4 * 1 / 2 + 0.6 * 2 / 3, abs=1e-3)


def test_counts_and_shares_are_those_of_the_cases() -> None:
    numbers = quality(WHOLE, Tally(CASES, (True, True, True, False, False)))
    assert (numbers.tp, numbers.fn, numbers.tn, numbers.fp) == (2, 1, 1, 1)
    assert numbers.accuracy == pytest.approx(3 / 5)
    assert numbers.precision == pytest.approx(2 / 3, abs=1e-3)


@given(st.lists(st.booleans(), min_size=5, max_size=5))
def test_overall_is_the_mean_of_its_three_parts(right: list[bool]) -> None:
    numbers = quality(WHOLE, Tally(CASES, tuple(right)))
    mean = (numbers.structure + numbers.effectiveness + numbers.accuracy) / 3
    assert numbers.overall == pytest.approx(mean, abs=1e-3)


def test_a_sure_form_that_is_right_everywhere_is_of_high_confidence() -> None:
    cases = (*CASES, CASES[2])
    assert confidence("taint:family", Tally(cases, (True,) * 6)) is Confidence.HIGH


def test_a_ladder_rule_is_of_low_confidence() -> None:
    assert confidence("ladder:2", Tally(CASES, (True,) * 5)) is Confidence.LOW


def test_missed_variants_are_told_in_words() -> None:
    said = recommendations(WHOLE, Tally(CASES, (True, True, True, False, True)))
    assert any("misses 50%" in text for text in said)


def test_a_rule_without_autofix_is_told() -> None:
    assert any("no autofix" in text for text in recommendations(WHOLE, Tally(CASES, (True,) * 5)))
    assert not any("no autofix" in text for text in recommendations({**WHOLE, "fix": "g()"}, Tally(CASES, (True,) * 5)))
