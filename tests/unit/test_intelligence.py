"""Do score, velocity, cards and days say what docs/metrics.md says, whatever the facts?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray import intelligence
from rsolv_ray.intelligence import WEIGHTS, intelligence_of, score_of, velocity_of
from rsolv_ray.model.intelligence import Card, Intelligence, ScorePart
from rsolv_ray.model.learning import FIRST_JUDGED, DayFacts, Judged, LearningFacts
from rsolv_ray.model.weakness import label

NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
"""A Wednesday."""
TODAY = NOW.replace(hour=0, minute=0)
EMPTY = LearningFacts()
METRICS_PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")


def ago(days: int) -> datetime:
    return TODAY - timedelta(days=days)


def a_day(days_ago: int, *, rules: int = 0, patterns: int = 0, found: int = 0) -> DayFacts:
    return DayFacts(day=ago(days_ago), rules=rules, patterns=patterns, found=found)


def part(facts: LearningFacts, name: str) -> ScorePart:
    return next(one for one in score_of(facts, NOW).parts if one.name == name)


def card(facts: LearningFacts, name: str) -> Card:
    return next(one for one in intelligence_of(facts, NOW).cards if one.name == name)


def points(facts: LearningFacts, name: str) -> list[float]:
    series = next(one for one in intelligence_of(facts, NOW).learning if one.name == name)
    return [point.value for point in series.points]


_COUNT = st.integers(0, 2000)
_JUDGED = st.builds(Judged, right=_COUNT, wrong=_COUNT)


@st.composite
def all_facts(draw: st.DrawFn) -> LearningFacts:
    """Facts that an org's file could give."""
    taught, known, untaught = (draw(_COUNT) for _ in range(3))
    fixed, patched, bare = (draw(_COUNT) for _ in range(3))
    used = draw(_COUNT)
    ages = sorted(draw(st.sets(st.integers(0, 400), max_size=20)), reverse=True)
    counts = st.integers(0, 50)
    days = tuple(a_day(age, rules=draw(counts), patterns=draw(counts), found=draw(counts)) for age in ages)
    return LearningFacts(
        began_at=days[0].day if days else None,
        days=days,
        fixes_ended=taught + known + untaught,
        fixes_taught=taught,
        fixes_known=known,
        rules_in_use=used,
        quality_in_use=used * draw(st.floats(0, 1)),
        judged_in_use=draw(_JUDGED),
        places_by_rule=tuple(draw(st.lists(st.integers(1, 500), max_size=30))),
        findings=fixed + patched + bare,
        findings_fixed=fixed,
        findings_patched=patched,
        judged=draw(_JUDGED),
        judged_first=draw(_JUDGED),
        patterns=draw(st.dictionaries(st.sampled_from(("", "CWE-89", "CWE-79", "CWE-1")), st.integers(1, 99))),
    )


def numbers(known: Intelligence) -> list[float]:
    return [
        *(one.value for one in known.cards),
        *(one.delta for one in known.cards if one.delta is not None),
        *(one.value for one in known.score.parts),
        known.velocity.per_week,
        known.velocity.before,
        *(point.value for series in known.learning for point in series.points),
    ]


# The score


def test_an_org_that_did_nothing_has_no_score_and_every_part_says_why() -> None:
    score = score_of(EMPTY, NOW)
    assert score.value == 0
    assert [one.told for one in score.parts] == [
        "no fix yet",
        "no rule in use",
        "no place to mend",
        "no place found",
        "0 rules accepted in the last 30 days",
    ]


def test_the_weights_sum_up_to_one() -> None:
    assert math.fsum(WEIGHTS.values()) == pytest.approx(1.0)


@given(all_facts())
def test_the_score_is_the_weighted_sum_of_its_parts_from_0_to_100(facts: LearningFacts) -> None:
    score = score_of(facts, NOW)
    assert 0 <= score.value <= 100
    assert score.value == pytest.approx(100 * sum(one.value * one.weight for one in score.parts), abs=0.51)
    assert [one.name for one in score.parts] == list(WEIGHTS)


@given(all_facts())
def test_all_numbers_are_finite_and_none_is_below_zero_but_a_change(facts: LearningFacts) -> None:
    known = intelligence_of(facts, NOW)
    assert all(math.isfinite(number) for number in numbers(known))
    assert all(one.value >= 0 for one in known.cards)


def _a_fix_teaches(facts: LearningFacts) -> dict[str, object]:
    return {"fixes_ended": facts.fixes_ended + 1, "fixes_taught": facts.fixes_taught + 1}


def _a_fix_is_known(facts: LearningFacts) -> dict[str, object]:
    return {"fixes_ended": facts.fixes_ended + 1, "fixes_known": facts.fixes_known + 1}


def _a_finding_is_true(facts: LearningFacts) -> dict[str, object]:
    judged = facts.judged_in_use
    return {"judged_in_use": Judged(right=judged.right + 1, wrong=judged.wrong)}


def _a_place_is_found(facts: LearningFacts) -> dict[str, object]:
    first, *others = facts.places_by_rule or (0,)
    return {"places_by_rule": (first + 1, *others)}


def _another_rule_finds(facts: LearningFacts) -> dict[str, object]:
    return {"places_by_rule": (*facts.places_by_rule, 1)}


def _a_place_is_fixed(facts: LearningFacts) -> dict[str, object]:
    return {"findings": facts.findings + 1, "findings_fixed": facts.findings_fixed + 1}


def _a_rule_is_accepted_today(facts: LearningFacts) -> dict[str, object]:
    before = tuple(one for one in facts.days if one.day < TODAY)
    today = sum(one.rules for one in facts.days if one.day == TODAY)
    return {"days": (*before, a_day(0, rules=today + 1))}


@pytest.mark.parametrize(
    ("name", "happens"),
    [
        ("coverage", _a_fix_teaches),
        ("coverage", _a_fix_is_known),
        ("proof", _a_finding_is_true),
        ("reach", _a_place_is_found),
        ("reach", _another_rule_finds),
        ("mending", _a_place_is_fixed),
        ("freshness", _a_rule_is_accepted_today),
    ],
)
@given(facts=all_facts())
def test_what_is_good_lowers_no_part(
    name: str, happens: Callable[[LearningFacts], dict[str, object]], facts: LearningFacts
) -> None:
    after = facts.model_copy(update=happens(facts))
    assert part(after, name).value >= part(facts, name).value
    assert score_of(after, NOW).value >= score_of(facts, NOW).value


def _a_finding_is_false(facts: LearningFacts) -> dict[str, object]:
    judged = facts.judged_in_use
    return {"judged_in_use": Judged(right=judged.right, wrong=judged.wrong + 1)}


def _a_fix_teaches_nothing(facts: LearningFacts) -> dict[str, object]:
    return {"fixes_ended": facts.fixes_ended + 1}


def _a_place_is_left_alone(facts: LearningFacts) -> dict[str, object]:
    return {"findings": facts.findings + 1}


@pytest.mark.parametrize(
    ("name", "happens"),
    [("coverage", _a_fix_teaches_nothing), ("proof", _a_finding_is_false), ("mending", _a_place_is_left_alone)],
)
@given(facts=all_facts())
def test_what_is_bad_raises_no_part(
    name: str, happens: Callable[[LearningFacts], dict[str, object]], facts: LearningFacts
) -> None:
    assert part(facts.model_copy(update=happens(facts)), name).value <= part(facts, name).value


def test_coverage_says_how_many_fixes_taught_and_doubts_the_few() -> None:
    few = LearningFacts(fixes_ended=1, fixes_taught=1)
    many = LearningFacts(fixes_ended=9, fixes_taught=7, fixes_known=1)
    assert part(few, "coverage").value == pytest.approx(1 / 6)
    assert part(few, "coverage").told == "1 of 1 fix taught a rule"
    assert part(many, "coverage").value == pytest.approx(8 / 14)
    assert part(many, "coverage").told == "7 of 9 fixes taught a rule, 1 more was found by a rule already"
    assert part(many, "coverage").n == 9


def test_a_noisy_rule_buys_no_more_reach_than_ten_places() -> None:
    noisy, modest = LearningFacts(places_by_rule=(9999,)), LearningFacts(places_by_rule=(10,))
    assert part(noisy, "reach").value == part(modest, "reach").value == pytest.approx(0.5)
    assert part(noisy, "reach").told == "9999 places found by 1 rule, 10 counted: at most 10 of each rule"


def test_what_people_say_outweighs_the_quality_on_cases() -> None:
    rules = {"rules_in_use": 95, "quality_in_use": 95.0}
    assert part(LearningFacts(**rules), "proof").value == pytest.approx(0.95)
    disproved = part(LearningFacts(**rules, judged_in_use=Judged(wrong=90)), "proof")
    assert disproved.value == pytest.approx(0.095)
    assert disproved.told == "95 rules in use, mean quality 1.00 on their cases; 0 of 90 judged findings true"
    assert disproved.n == 185


def test_judged_findings_of_rules_that_are_out_of_use_prove_nothing() -> None:
    assert part(LearningFacts(judged_in_use=Judged(right=50)), "proof").value == 0


def test_mending_counts_what_is_fixed_and_what_has_a_patch() -> None:
    mending = part(LearningFacts(findings=11, findings_fixed=3, findings_patched=6), "mending")
    assert mending.value == pytest.approx(9 / 16)
    assert mending.told == "3 of 11 places fixed, 6 more with a patch"


def test_freshness_looks_at_thirty_days() -> None:
    facts = LearningFacts(began_at=ago(40), days=(a_day(30, rules=5), a_day(29, rules=3)))
    assert part(facts, "freshness").value == pytest.approx(0.5)
    assert part(facts, "freshness").told == "3 rules accepted in the last 30 days"


# Velocity


def test_velocity_is_of_28_days_and_the_28_before_them() -> None:
    facts = LearningFacts(
        began_at=ago(100), days=(a_day(56, rules=99), a_day(55, rules=4), a_day(28, rules=4), a_day(27, rules=1), a_day(0, rules=1))
    )  # fmt: skip
    velocity = velocity_of(facts, NOW)
    assert (velocity.per_week, velocity.before) == (0.5, 2.0)
    assert (velocity.window_days, velocity.rules, velocity.rules_before) == (28, 2, 8)


def test_velocity_of_a_young_org_is_of_its_age_but_of_a_week_at_least() -> None:
    def window(age: int) -> int:
        return velocity_of(LearningFacts(began_at=ago(age) + timedelta(hours=3)), NOW).window_days

    assert [window(age) for age in (0, 6, 7, 13, 27, 28)] == [7, 7, 8, 14, 28, 28]
    assert velocity_of(EMPTY, NOW).per_week == 0


# Cards


def test_counts_change_by_month_or_by_week_from_monday() -> None:
    days = (
        a_day(18, rules=7),
        a_day(17, rules=2),
        a_day(3, patterns=5, found=6),
        a_day(2, patterns=1, found=4),
        a_day(0, rules=1),
    )
    facts = LearningFacts(began_at=ago(18), days=days, rules_in_use=9, patterns={"CWE-89": 6})
    changes = {one.name: (one.value, one.delta, one.window) for one in intelligence_of(facts, NOW).cards[:3]}
    assert changes == {
        "rules": (9, 3, "this month"),
        "patterns": (6, 1, "this week"),
        "found_by_learning": (10, 4, "this week"),
    }


def test_the_rate_of_false_positives_bears_its_denominator() -> None:
    shown = card(LearningFacts(judged=Judged(right=3, wrong=1)), "false_positive_rate")
    assert (shown.value, shown.n, shown.unit, shown.better) == (0.25, 4, "rate", "less")


def test_a_rate_of_nothing_says_so() -> None:
    shown = card(EMPTY, "false_positive_rate")
    assert (shown.value, shown.n, shown.delta) == (0, 0, None)


def test_the_rate_is_compared_with_the_first_judged_once_there_are_twice_as_many() -> None:
    first = Judged(right=5, wrong=5)
    few = LearningFacts(judged=Judged(right=14, wrong=5), judged_first=first)
    enough = LearningFacts(judged=Judged(right=15, wrong=5), judged_first=first)
    assert card(few, "false_positive_rate").delta is None
    assert card(enough, "false_positive_rate").delta == pytest.approx(-0.25)


# Days


def test_days_go_from_the_first_event_to_today_with_a_nought_where_nothing_happened() -> None:
    facts = LearningFacts(began_at=ago(4) + timedelta(hours=23), days=(a_day(3, rules=2), a_day(1, rules=1)))
    assert points(facts, "rules_per_day") == [0, 2, 0, 1, 0]
    assert points(facts, "rules_total") == [0, 2, 2, 3, 3]


def test_at_most_ninety_days_are_shown_and_growth_counts_those_before() -> None:
    facts = LearningFacts(began_at=ago(200), days=(a_day(90, patterns=5), a_day(89, patterns=1), a_day(0, patterns=1)))
    per_day, total = points(facts, "patterns_per_day"), points(facts, "patterns_total")
    assert (len(per_day), sum(per_day)) == (90, 2)
    assert (total[0], total[-1]) == (6, 7)


def test_an_org_that_did_nothing_has_no_days() -> None:
    assert [series.points for series in intelligence_of(EMPTY, NOW).learning] == [(), (), (), ()]


@given(all_facts())
def test_growth_never_falls_and_ends_with_all(facts: LearningFacts) -> None:
    growth = points(facts, "rules_total")
    assert growth == sorted(growth)
    assert not growth or growth[-1] == sum(day.rules for day in facts.days)


# Distribution


def test_weaknesses_are_named_and_the_most_frequent_comes_first() -> None:
    facts = LearningFacts(patterns={"": 1, "CWE-79": 2, "CWE-89": 5, "CWE-9999": 2})
    assert [(one.name, one.count) for one in intelligence_of(facts, NOW).distribution] == [
        ("CWE-89 SQL injection", 5),
        ("CWE-79 Cross-site scripting", 2),
        ("CWE-9999", 2),
        ("no weakness named", 1),
    ]


def test_the_weaknesses_that_synthesis_knows_have_short_names() -> None:
    from rsolv_ray.synthesis.catalogue.weaknesses import WEAKNESSES

    assert sorted(cwe for cwe in WEAKNESSES if label(cwe) == cwe) == []


# The document


def test_the_documented_parts_and_weights_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d\.\d\d) \|", METRICS_PAGE, flags=re.MULTILINE)
    assert [(name, float(weight)) for name, weight in rows] == list(WEIGHTS.items())


@pytest.mark.parametrize(
    "name",
    [
        "DOUBT",
        "JUDGEMENTS_OF_CASES",
        "PLACES_A_RULE",
        "HALF_OF_PLACES",
        "HALF_OF_FRESH_RULES",
        "FRESH_DAYS",
        "VELOCITY_DAYS",
        "LEAST_VELOCITY_DAYS",
        "SERIES_DAYS",
        "FIRST_JUDGED",
        "JUDGED_TO_COMPARE",
    ],
)
def test_the_documented_numbers_are_those_of_the_code(name: str) -> None:
    told = re.search(rf"`{name}` = (\d+)", METRICS_PAGE)
    assert told
    assert int(told[1]) == (FIRST_JUDGED if name == "FIRST_JUDGED" else getattr(intelligence, name))


def test_the_documented_cards_and_series_are_those_of_the_code() -> None:
    known = intelligence_of(EMPTY, NOW)
    for name in [*(one.name for one in known.cards), *(one.name for one in known.learning)]:
        assert f"`{name}`" in METRICS_PAGE
