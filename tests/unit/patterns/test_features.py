"""Features tell what matters and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.languages import LANGUAGES
from rsolv_ray.patterns.features import CodeSample, features
from rsolv_ray.patterns.syntax import kind_pairs
from rsolv_ray.patterns.tokens import MAX_TOKENS, tokens


def of(code: str, language: str = "python") -> dict[str, float]:
    return features(CodeSample(code, language))


def test_comments_and_layout_tell_nothing():
    assert of("x = f(1)  # why\n\n# and more\n") == of("x = f(1)")


def test_a_slash_comment_is_no_comment_in_python():
    assert of("a // b") != of("a")
    assert of("a; // b", "javascript") == of("a;", "javascript")


def test_a_renamed_local_changes_no_pair_of_tokens():
    def pairs(code: str) -> set[str]:
        return {name for name in of(code) if name.startswith(("pair", "kind"))}

    assert pairs("query = build(1)\nrun(query)") == pairs("text = build(1)\nrun(text)")
    assert pairs("run(query=build(1))") != pairs("run(text=build(1))")


def test_a_called_name_weighs_more_than_a_local_one():
    found = of("rows = execute(rows)")
    assert found["word execute"] > found["word rows"]


def test_names_are_split_into_their_parts():
    assert {"part get", "part user", "part name"} <= of("getUserName").keys() & of("get_user_name").keys()


def test_a_thing_said_often_weighs_sublinearly():
    once, often = of("f(a)")["word f"], of("f(a)\n" * 10)["word f"]
    assert once < often < 10 * once


def test_only_the_first_512_tokens_count():
    code = "a + " * 300
    assert len(tokens(code, "python")) == MAX_TOKENS
    assert of(code) == of(code + "dangerous(b)")


def test_code_of_comments_alone_has_no_features():
    assert of("# nothing here\n") == {}
    assert of("") == {}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_can_be_read(language: str):
    assert of("call(value)", language)


def test_a_language_without_a_grammar_is_read_by_its_words():
    assert not kind_pairs("RUN curl", "dockerfile")
    assert "word curl" in of("RUN curl", "dockerfile")


def test_php_needs_no_opening_tag():
    pairs = kind_pairs("mysql_query($sql);", "php")
    assert any(kind == "function_call_expression" for _, kind in pairs)


@pytest.mark.parametrize(
    "code", ["(" * 100_000, "/*" * 100_000, '"\\"' * 100_000, "'''" * 50_001, "a" * 1_000_000, "\ud800 = '\ud800'"]
)
def test_hostile_text_costs_no_more_than_long_text(code: str):
    began = time.process_time()
    for language in ("python", "javascript"):
        of(code, language)
    assert time.process_time() - began < 2.0


@given(st.text(max_size=400), st.sampled_from(sorted(LANGUAGES)))
def test_any_text_has_positive_features_or_none(code: str, language: str):
    assert all(weight > 0 for weight in of(code, language).values())
