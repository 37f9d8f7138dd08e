"""Do requirements keep their meaning when they are put together?"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rsolv_ray.engine.requirements.algebra import all_of, any_of
from rsolv_ray.model.requirement import EVERY_FILE, NO_FILE, AllOf, AnyOf, Part, Requirement, Word, meets

TEXTS = st.text(alphabet="aB_", min_size=1, max_size=3)
LEAVES = st.builds(Word, text=TEXTS, ignore_case=st.booleans()) | st.builds(Part, text=TEXTS, ignore_case=st.booleans())
TREES: st.SearchStrategy[Requirement] = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda of: AllOf(of=tuple(of)))
        | st.lists(inner, max_size=4).map(lambda of: AnyOf(of=tuple(of)))
    ),
    max_leaves=8,
)
FILES = st.sets(st.text(alphabet="abAB_", min_size=1, max_size=4), max_size=5)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(TREES, max_size=5), FILES)
def test_all_of_small_ones_means_that_each_holds(members: list[Requirement], words: set[str]) -> None:
    assert meets(words, all_of(members)) == all(meets(words, member) for member in members)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(TREES, max_size=5), FILES)
def test_any_of_small_ones_means_that_one_holds(members: list[Requirement], words: set[str]) -> None:
    assert meets(words, any_of(members)) == any(meets(words, member) for member in members)


def test_what_another_implies_is_left_out() -> None:
    assert all_of([Word(text="foobar"), Part(text="oba")]) == Word(text="foobar")
    assert any_of([Word(text="foobar"), Part(text="oba")]) == Part(text="oba")


def test_a_disjunction_too_large_to_be_worth_it_lets_every_file_through() -> None:
    assert any_of(Word(text=f"w{at}") for at in range(1000)) == EVERY_FILE


def test_a_conjunction_too_large_is_thinned_out_to_one_that_still_excludes() -> None:
    required = all_of(Word(text=f"w{at}") for at in range(1000))
    assert isinstance(required, AllOf)
    assert 0 < len(required.of) <= 400


def test_nothing_to_choose_from_is_met_by_no_file() -> None:
    assert any_of([]) == NO_FILE
    assert all_of([Word(text="a"), NO_FILE]) == NO_FILE
