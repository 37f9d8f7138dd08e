"""Is what an org has learned shown to people and programs alike?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rsolv_ray.cli import intelligence
from rsolv_ray.intelligence import intelligence_of
from rsolv_ray.model.learning import DayFacts, Judged, LearningFacts
from tests.unit.cli.conftest import Served, rsolv

NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)


def shown(capsys: pytest.CaptureFixture[str], facts: LearningFacts) -> str:
    """What is printed of an answer with these facts."""
    known: dict[str, Any] = intelligence_of(facts, NOW).model_dump(mode="json")
    intelligence.show(known)
    return capsys.readouterr().out


def test_an_org_that_is_new_is_shown_with_a_score_of_0_and_what_to_do(served: Served) -> None:
    assert rsolv("orgs", "create", "acme").exit_code == 0
    result = rsolv("intelligence")
    assert result.exit_code == 0, result.output
    assert "intelligence score 0 of 100" in result.stdout
    assert "no fix yet" in result.stdout
    assert "rsolv learn" in result.stdout


def test_programs_get_the_answer_as_it_is(served: Served) -> None:
    assert rsolv("orgs", "create", "acme").exit_code == 0
    told = json.loads(rsolv("intelligence", "--org", "acme", "--json").stdout)
    assert [card["name"] for card in told["cards"]] == [
        "rules",
        "patterns",
        "found_by_learning",
        "false_positive_rate",
    ]


def test_points_are_shown_beside_those_that_can_be_had(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, LearningFacts(fixes_ended=5, fixes_taught=5))
    assert "15 of 30" in text
    assert "5 of 5 fixes taught a rule" in text


def test_a_rate_is_shown_with_its_denominator_or_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    judged, first = Judged(right=30, wrong=10), Judged(right=5, wrong=5)
    text = shown(capsys, LearningFacts(judged=judged, judged_first=first))
    assert "25% of 40 judged" in text
    assert "-25 points against the first 10 judged" in text
    assert "none judged yet" in shown(capsys, LearningFacts())


def test_days_are_shown_as_bars_as_high_as_beside_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    today = NOW.replace(hour=0, minute=0)
    days = (DayFacts(day=today.replace(day=15), rules=8), DayFacts(day=today, rules=1))
    text = shown(capsys, LearningFacts(began_at=days[0].day, days=days))
    assert "rules accepted by day, 4 to today: █..▂" in text
    assert "patterns stored by day, 4 to today: ...." in text
