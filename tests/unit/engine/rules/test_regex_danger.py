"""Which regular expressions are refused, and how are they read?"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.engine.rules.pcre.nodes import Node, UnreadableError
from rsolv_ray.engine.rules.pcre.paths import Effort, paths_of
from rsolv_ray.engine.rules.pcre.reader import read_pcre
from rsolv_ray.engine.rules.regex_danger import LONGEST_REGEX, danger_of, matches_nothing
from rsolv_ray.engine.semgrep import Engine, SourceText
from tests.unit.engine.samples import definition

DOUBLING = [
    "(a+)+b", "(a+)+$", "(a*)*b", "(a|a)*b", "(a|ab?)*c", "(a?b?)*c", "((a?)*c)*b", r"(\w+\s*)+;", r"(?:\d|[0-9])+x", "(.*,)*x",
    "((a|a)*b)*", "x(?=(a+)+b)", "(?!(a+)+b)x", "(?<n>(?:a+)+)b", "(a{1,20}){1,20}b", "(?i)(a|A)+b", "([[:alpha:]]|z)*!",
    r"(\Qa\E|a)*b", "(?x) ( a + ) + b # c", "(?:(?i)a|A)*b", "(?s)(.|\\n)*x", "(?>(a+)+b)", "(a+){2,}b", r"(\Ba+)+b", r"^(([a-z])+.)+[A-Z]([a-z])+$",
]  # fmt: skip
GROWING = [
    "a*a*a*a*b",
    ".*.*.*.*x",
    r"\s*\s*\s*\s*x",
    r"\w+\d+\w+\d+!",
    "(a+){5}b",
    ".*a.*a.*a.*ab",
    r"(.*)\1(.*)(.*)(.*)x",
]
MULTIPLYING = {
    "(?:a?){20}a{20}|zzz": "a" * 20,
    r"(?:\w{1,9}\s?){9}!|zzz": "a" * 60,
    "(?:a|a){20}!|zzz": "a" * 20,
    "(?:(?:ab){1,9}){7}!|zzz": "ab" * 60,
    f"{'a?' * 20}{'a' * 20}|zzz": "a" * 20,
}
"""Expressions with counted repetitions, and the text on which the engine gives them up."""
HARMLESS = [
    "(?:a?){20}", "(?:a?){10}a{10}", r"(?:\w{1,9}\s){9}!", r"(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}!", r"(?:\d{1,3}[.-]?){4}x",
    "(a+)+", "(a|a)*", "(a+b)*c", "(ab|cd)+x", "(a+a+b)*", "(?>a+)+b", "(a+)++b", "a*+a*+a*+a*+b", r"\s*=\s*", ".*foo.*", "a{2,5}b{3}",
    r"(?i)(password|secret)\s*[:=]\s*['\"][^'\"]{8,}['\"]", r"https?://([a-z0-9-]+\.)+[a-z]{2,}", r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+com",
    r"[A-Za-z0-9+/]{40,}={0,2}", r"(?:[^\\']|\\.)*'", "(^|,)x", "(?:a|b|ab)c", r"(\b\w+\s*)+;", r"(?:\bI?LIKE|[A-Z ])*!",
    r"AKIA[0-9A-Z]{16}", r"(\d{1,3}\.){3}\d{1,3}", "", "^$",
]  # fmt: skip


@pytest.mark.parametrize("pattern", DOUBLING)
def test_ways_that_double_are_refused(pattern: str) -> None:
    assert "double" in (danger_of(pattern) or "")


@pytest.mark.parametrize("pattern", GROWING)
def test_ways_that_grow_with_a_high_power_are_refused(pattern: str) -> None:
    assert "power" in (danger_of(pattern) or "")


@pytest.mark.parametrize(("pattern", "text"), MULTIPLYING.items())
def test_counted_repetitions_that_the_engine_gives_up_on_are_refused(tmp_path: Path, pattern: str, text: str) -> None:
    assert "multiply" in (danger_of(pattern) or "")
    assert _found(tmp_path, pattern, "b") == ["zzz"]
    assert _found(tmp_path, pattern, text) == []


def _found(folder: Path, pattern: str, text: str) -> list[str]:
    """What the engine finds in a file where `zzz` stands below a text."""
    rule = {key: value for key, value in definition().items() if key != "pattern"}
    run = Engine("core").run_texts(
        [{**rule, "pattern-regex": pattern}], [SourceText("a.py", "python", f"{text}\n\nzzz\n")]
    )
    return [match.text for match in run.matches]


@pytest.mark.parametrize("pattern", HARMLESS)
def test_an_ordinary_pattern_is_let_through(pattern: str) -> None:
    read_pcre(pattern)
    assert danger_of(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["(", "a)", "[a", "*a", "\\", "a{2,1}", "(?<n", "[[:nope:]]", "(?y)a", "\\x{110000}", "(" * 101]
)
def test_what_cannot_be_read_is_left_to_the_engine(pattern: str) -> None:
    with pytest.raises(UnreadableError):
        read_pcre(pattern)
    assert danger_of(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["a{60000}{60000}", "(?:a{60000}b){60000}", "(x?){9}" * 300 + "y", "|".join(["ab"] * 3000)]
)
def test_a_huge_pattern_is_told_of_or_done_with_soon(pattern: str) -> None:
    began = time.thread_time()
    danger_of(pattern)
    assert time.thread_time() - began < 1


def test_a_long_pattern_is_refused_unread() -> None:
    assert "longer than" in (danger_of("a" * (LONGEST_REGEX + 1)) or "")


def test_an_effort_that_is_spent_refuses_what_comes_after() -> None:
    effort = Effort(200)
    told = [danger_of("(ab|cd)+x", effort) for _ in range(20)]
    assert told[0] is None
    assert "too large to be checked" in (told[-1] or "")


@pytest.mark.parametrize(
    ("pattern", "is_empty"), [("a*", True), ("a*|b", True), ("(a?){3}", True), ("^", False), ("a*b", False)]
)
def test_what_matches_the_empty_text_is_known(pattern: str, is_empty: bool) -> None:
    assert matches_nothing(pattern) is is_empty


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\s", "c"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda each: f"(?:{'|'.join(each)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}"])).map(
            lambda each: f"(?:{each[0]}){each[1]}"
        )
    ),
    max_leaves=8,
)


def matched(node: Node, text: str) -> bool:
    """Does the automaton of the node match the whole text?"""
    paths = paths_of(node, Effort(10**6), endless_from=10)
    first = paths_of_first(node)
    here = first
    for at, char in enumerate(text):
        here = {each for each in here if paths.sets[each] >> min(ord(char), 256) & 1}
        if at == len(text) - 1:
            return bool(here & paths.ends)
        here = {after for each in here for after in paths.ways[each]}
    return matches_empty(node)


def paths_of_first(node: Node) -> set[int]:
    from rsolv_ray.engine.rules.pcre.paths import _Builder

    return set(_Builder(Effort(10**6), 10).span(node).first)


def matches_empty(node: Node) -> bool:
    from rsolv_ray.engine.rules.pcre.paths import _Builder

    return bool(_Builder(Effort(10**6), 10).span(node).empty)


@given(PATTERNS, st.text("abc _", max_size=8))
def test_the_automaton_matches_what_the_pattern_matches(pattern: str, text: str) -> None:
    assert matched(read_pcre(pattern), text) == (re.fullmatch(pattern, text) is not None)


@given(st.text("ab.*+?|()[]{}^$\\:=!<>P12,-Qxi ", max_size=20))
def test_no_text_breaks_the_reader(pattern: str) -> None:
    danger_of(pattern)
    matches_nothing(pattern)
