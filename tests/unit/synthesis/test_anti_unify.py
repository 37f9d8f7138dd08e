"""What two patterns have in common is what both are, with the words that differ bound to those two."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.synthesis.rules.anti_unify import (
    Pairing,
    bound,
    generalised,
    is_made_here,
    metavariables,
    tokens,
    words_of,
)

WORDS = st.sampled_from(["alpha", "beta", "gamma", "1024", "2048", '"text"', '"other"', "'single'"])
ARGUMENTS = st.lists(WORDS, min_size=1, max_size=4)


def merged(first: str, second: str, pairing: Pairing | None = None) -> tuple[Pairing, str]:
    found = generalised(first, second, pairing or Pairing(taken=metavariables([first, second])))
    assert found is not None
    return found


def put_in(pattern: str, pairing: Pairing, side: int) -> str:
    """A pattern with the words of one side in place of the metavariables made for them."""
    for words, name in pairing.made.items():
        pattern = re.sub(re.escape(name) + r"(?!\d)", lambda _, word=words[side]: word, pattern)
    return pattern


@given(st.text(st.sampled_from(list("ab$XY.(){}'\"1 =,\n_")), max_size=40))
def test_tokens_lose_nothing_of_a_pattern(pattern: str) -> None:
    assert "".join(token.text for token in tokens(pattern)) == pattern


@given(ARGUMENTS, st.data())
def test_both_patterns_are_instances_of_their_generalisation(arguments: list[str], data: st.DataObject) -> None:
    others = data.draw(st.lists(WORDS, min_size=len(arguments), max_size=len(arguments)))
    first, second = (f"$O.run(x={', '.join(some)})" for some in (arguments, others))
    found = generalised(first, second, Pairing(taken=metavariables([first, second])))
    if found is not None:
        pairing, pattern = found
        assert [put_in(pattern, pairing, side) for side in (0, 1)] == [first, second]


@given(ARGUMENTS)
def test_a_pattern_with_itself_is_itself(arguments: list[str]) -> None:
    pattern = f"$O.run({', '.join(arguments)})"
    pairing, found = merged(pattern, pattern)
    assert (found, pairing.differences) == (pattern, 0)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4))
def test_a_bound_holds_its_words_and_says_which(words: list[str]) -> None:
    assert words_of(bound(words)) == tuple(words)
    assert all(re.fullmatch(bound(words), word) for word in words if "\n" not in word)


def test_the_same_pair_of_words_is_the_same_metavariable() -> None:
    assert merged("$O.get(a, x=a)", "$O.get(b, x=b)")[1] == "$O.get($EITHER_1, x=$EITHER_1)"


def test_another_pair_is_another_metavariable() -> None:
    assert merged("$O.get(a, a)", "$O.get(b, c)")[1] == "$O.get($EITHER_1, $EITHER_2)"


def test_a_method_of_any_object_is_opened_to_the_two() -> None:
    pairing, pattern = merged("$O.set(...)", "$O.put(...)")
    assert (pattern, pairing.bounds) == ("$O.$EITHER_1(...)", {"$EITHER_1": ("set", "put")})


def test_what_was_opened_before_is_opened_to_a_third() -> None:
    before = Pairing(taken=frozenset({"$O", "$EITHER_1"}), bounds={"$EITHER_1": ("set", "put")})
    pairing, pattern = merged("$O.$EITHER_1(...)", "$O.add(...)", before)
    assert (pattern, pairing.bounds["$EITHER_1"]) == ("$O.$EITHER_1(...)", ("set", "put", "add"))


def test_texts_keep_their_quotes() -> None:
    pairing, pattern = merged('new("md5")', 'new("sha1")')
    assert (pattern, pairing.bounds) == ('new("$EITHER_1")', {"$EITHER_1": ("md5", "sha1")})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("hashlib.md5(...)", "hashlib.sha1(...)"),
        ("pickle.loads(...)", "marshal.loads(...)"),
        ("eval(...)", "exec(...)"),
    ],
)
def test_names_that_imports_may_hide_are_not_opened(first: str, second: str) -> None:
    assert generalised(first, second, Pairing()) is None


@pytest.mark.parametrize(
    ("first", "second"), [("f($X)", "f(x)"), ("f(x)", "f(x, y)"), ("f(1)", "f(x)"), ("f($X)", "f($...X)")]
)
def test_what_does_not_align_gives_nothing(first: str, second: str) -> None:
    assert generalised(first, second, Pairing()) is None


def test_metavariables_of_other_names_are_the_same_where_one_stands_for_the_other() -> None:
    pairing, pattern = merged("$A.f($B, $A)", "$X.f($Y, $X)")
    assert (pattern, pairing.names) == ("$A.f($B, $A)", {"$X": "$A", "$Y": "$B"})


def test_one_metavariable_for_two_is_no_renaming() -> None:
    assert generalised("f($A, $A)", "f($X, $Y)", Pairing()) is None
    assert generalised("f($A, $B)", "f($X, $X)", Pairing()) is None


def test_a_metavariable_that_stands_for_nothing_yet_gives_way_to_one_that_does() -> None:
    pairing, _ = merged("f($A)", "f($X)")
    assert pairing.told("g($A, $X)")[1] == "g($A_1, $A)"


def test_metavariables_within_a_text_are_kept_apart_too() -> None:
    assert generalised('f($A, "$B")', 'f($B, "$B")', Pairing()) is None


def test_only_metavariables_of_our_making_are_known_as_such() -> None:
    assert [is_made_here(name) for name in ("$EITHER_1", "$EITHER", "$X")] == [True, False, False]
