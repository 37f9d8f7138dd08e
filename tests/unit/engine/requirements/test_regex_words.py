"""What must a text hold so that a regular expression can match in it?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsolv_ray.engine.requirements.algebra import all_of, any_of
from rsolv_ray.engine.requirements.regex_dialect import translated
from rsolv_ray.engine.requirements.regex_words import regex_requirement
from rsolv_ray.model.requirement import EVERY_FILE, Part, Requirement, Word, meets
from rsolv_ray.repos.token_index.words import words_of


def part(text: str, *, ignore_case: bool = False) -> Part:
    return Part(text=text, ignore_case=ignore_case)


def words(text: str) -> set[str]:
    return {word.decode() for word in words_of(text.encode())}


@pytest.mark.parametrize(
    ("regex", "required"),
    [
        ("AKIA[0-9A-Z]{16}", part("AKIA")),
        (r"\bpassword\b", Word(text="password")),
        (r"^import$", Word(text="import")),
        (r"foo\s*=", part("foo")),
        (r"-foo\s*=", Word(text="foo")),
        ("(foo|bar)_baz", any_of([part("bar_baz"), part("foo_baz")])),
        ("[Pp]assword", any_of([part("Password"), part("password")])),
        ("(?i)select", part("select", ignore_case=True)),
        ("a(?i)select", part("aselect", ignore_case=True)),
        ("ab(cd)+ef", all_of([part("ab"), part("cd"), part("ef")])),
        ("ab(cd)*ef", all_of([part("ab"), part("ef")])),
        ("colou?r", any_of([part("color"), part("colour")])),
        (r"https://hooks\.slack", all_of([Word(text="hooks"), part("https"), part("slack")])),
        (r"\Qa.bc\E\.de", all_of([Word(text="bc"), part("de")])),
        (r"\x41KIA", part("AKIA")),
        (r"\x{41}KIA", part("AKIA")),
        ("(?<key>secret)=", part("secret")),
        ("foo(?!bar)", part("foo")),
        ("foo[[:alpha:]]bar", all_of([part("bar"), part("foo")])),
        (r"foo\p{Lu}+bar", all_of([part("bar"), part("foo")])),
        (r"(ab)\1cd", all_of([part("ab"), part("cd")])),
        ("é-key-é", Word(text="key")),
    ],
)
def test_literals_of_every_match_are_required(regex: str, required: Requirement) -> None:
    assert regex_requirement(regex) == required


@pytest.mark.parametrize(
    "regex",
    [
        ".*", "", r"\d+", "[a-z]+", "foo|", "(foo)?", "foo|.*", "(?x) f o o", "(?#x)foo", "(*UTF)foo", r"\101bcd",
        "foo{,3}bar", "foo{ 1,2 }bar", "(foo", "[foo", "(?R)foo", "(?1)foo", r"[\Qab]cd\E]ef", "x" * 10_001,
    ],
)  # fmt: skip
def test_what_asks_for_nothing_or_cannot_be_read_lets_every_file_through(regex: str) -> None:
    assert regex_requirement(regex) == EVERY_FILE


def test_the_ends_of_a_piece_of_a_file_are_no_ends_of_words() -> None:
    assert regex_requirement("^foo$", anchored=False) == part("foo")


def test_letters_beyond_ascii_that_match_with_case_ignored_are_seen() -> None:
    assert meets(words("x = 'pa\u017f\u017fword'"), regex_requirement(r"(?i)\bpassword\b"))
    assert meets(words("to\u212aen"), regex_requirement("(?i)token"))
    assert meets(words("-x\u017fy\u017f-"), regex_requirement(r"(?i)-xsy\W"))


def test_deep_nesting_does_no_harm() -> None:
    assert regex_requirement("(" * 3000 + "foo" + ")" * 3000) == EVERY_FILE


def test_large_counts_take_no_time() -> None:
    assert regex_requirement("(foo|bar){65535}") == any_of([part("bar"), part("foo")])


LETTERS = "abK_s-. é"
ATOMS = st.sampled_from([
    *LETTERS.replace(".", ""), r"\.", "ab", "bK", "_a", "[aK]", "[^a]", "[a-c]", r"\b", r"\s", r"\w", r"\W", ".", "^", "$",
    r"[\W_]", r"[^\w]", "(?=a)", "(?!b)", r"\S",
])  # fmt: skip


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(parts, min_size=1, max_size=4).map("".join),
        st.lists(parts, min_size=1, max_size=3).map(lambda branches: "(" + "|".join(branches) + ")"),
        st.tuples(parts, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,}", "+?", "{0}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    )


REGEXES = st.tuples(st.sampled_from(["", "", "(?i)"]), st.recursive(ATOMS, joined, max_leaves=12)).map("".join)
TEXTS = st.text(alphabet=LETTERS + "AkS\u017f\u212a\n", max_size=14)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(REGEXES, st.lists(TEXTS, min_size=1, max_size=12))
def test_every_text_that_matches_meets_the_requirement(regex: str, texts: list[str]) -> None:
    """Against Python's own matcher, whose reading of these expressions is PCRE's, in both of its readings of `\\w`."""
    required = regex_requirement(regex)
    for flags in (re.MULTILINE, re.MULTILINE | re.ASCII):
        for text in texts:
            if re.search(regex, text, flags):
                assert meets(words(text), required), (regex, text, required)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(REGEXES.filter(lambda regex: not regex.startswith("(?i)")), TEXTS)
def test_translation_matches_wherever_the_original_does(regex: str, text: str) -> None:
    if re.search(regex, text):
        assert re.search(translated(regex).regex, text)
