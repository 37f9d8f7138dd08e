"""Is what a browser sends looked at before it is believed?"""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from rsolv_ray.dashboard.asking import one_of, reason_of, text_of
from rsolv_ray.dashboard.clicks import MOST_MARKED, Click, clicked
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.rule import RuleState


def _event(told: Any) -> gr.EventData:
    return gr.EventData(None, told)


def test_a_click_tells_what_it_is_for_and_what_is_marked_once_each() -> None:
    told = {"do": "triage:ignored", "id": "x", "marked": ["a", "b", "a"]}
    assert clicked(_event(told)) == Click("triage:ignored", "x", ("a", "b"))


@pytest.mark.parametrize(
    "told",
    [None, [], "x", {}, {"do": 1, "id": "", "marked": []}, {"do": "x", "id": "", "marked": [1]}, {"do": "x", "id": ""}],
)
def test_what_is_no_click_is_refused(told: Any) -> None:
    with pytest.raises(Rejected, match="load it anew"):
        clicked(_event(told))


def test_too_many_marks_are_refused_in_words() -> None:
    told = {"do": "triage:ignored", "id": "", "marked": [str(one) for one in range(1000)]}
    with pytest.raises(Rejected, match=f"1,000 findings are marked: at most {MOST_MARKED}"):
        clicked(_event(told))


def test_as_many_marks_as_are_taken_are_taken() -> None:
    marked = [str(one) for one in range(MOST_MARKED)]
    assert len(clicked(_event({"do": "x", "id": "", "marked": marked})).marked) == MOST_MARKED


def test_a_reason_is_kept_without_the_blanks_around_it() -> None:
    assert reason_of("  why \n") == "why"
    assert reason_of("  ") is None
    assert reason_of(None) is None


def test_a_reason_that_is_too_long_is_refused_with_both_lengths() -> None:
    assert reason_of("x" * 2000) == "x" * 2000
    with pytest.raises(Rejected, match=r"3,000 characters: at most 2,000"):
        reason_of("x" * 3000)


def test_a_parameter_that_is_none_of_its_values_is_refused_with_them() -> None:
    assert one_of(RuleState, {"state": "active"}, "state") is RuleState.ACTIVE
    assert one_of(RuleState, {"state": ""}, "state") is None
    with pytest.raises(Rejected, match="'gone': it is one of draft, monitor"):
        one_of(RuleState, {"state": "gone"}, "state")


def test_a_parameter_that_is_too_long_is_refused() -> None:
    with pytest.raises(Rejected, match="5,000 characters"):
        text_of({"q": "x" * 5000}, "q")
