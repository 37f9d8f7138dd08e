"""The index finds the nearest of what was put in."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.ids import PatternId
from rsolv_ray.patterns.index import VectorIndex

DIM = 8


def unit(seed: int) -> torch.Tensor:
    vector = torch.randn(DIM, generator=torch.Generator().manual_seed(seed))
    return vector / vector.norm()


def filled(count: int) -> tuple[VectorIndex, list[PatternId]]:
    index, ids = VectorIndex(DIM), [PatternId.of(number) for number in range(count)]
    for number, one in enumerate(ids):
        index.add(one, unit(number))
    return index, ids


def test_an_empty_index_has_no_neighbours():
    assert VectorIndex(DIM).search(unit(0), 5) == ()
    assert VectorIndex(DIM).above(unit(0), -1.0) == ()


@given(st.integers(1, 200), st.integers(0, 250), st.integers(0, 1000))
def test_the_k_nearest_are_those_of_a_plain_search(count: int, k: int, seed: int):
    index, ids = filled(count)
    asked = unit(seed)
    plain = sorted(range(count), key=lambda number: -float(unit(number) @ asked))
    found = index.search(asked, k)
    assert len(found) == min(k, count)
    for neighbour, number in zip(found, plain, strict=False):
        assert abs(neighbour.similarity - float(unit(number) @ asked)) < 1e-5
    if k and count > 1 and seed < count:
        assert found[0].pattern == ids[seed]


def test_it_grows_without_losing_a_vector():
    index, ids = filled(300)
    assert len(index) == 300
    assert all(index.search(unit(number), 1)[0].pattern == one for number, one in enumerate(ids))


def test_of_equals_the_one_stored_first_comes_first():
    index = VectorIndex(DIM)
    ids = [PatternId.of(number) for number in range(5)]
    for one in ids:
        index.add(one, unit(1))
    assert [found.pattern for found in index.search(unit(1), 5)] == ids


def test_a_pattern_added_twice_is_there_once():
    index, ids = filled(3)
    index.add(ids[1], unit(99))
    assert len(index) == 3
    assert index.search(unit(1), 1)[0].pattern == ids[1]


def test_above_gives_all_over_the_threshold_and_no_other():
    index, ids = filled(50)
    expected = {one for number, one in enumerate(ids) if float(unit(number) @ unit(7)) > 0.3}
    assert {found.pattern for found in index.above(unit(7), 0.3)} == expected


def test_before_leaves_out_the_pattern_itself_and_all_stored_later():
    index, ids = filled(20)
    found = {one.pattern for one in index.above(unit(7), -1.0, before=ids[7])}
    assert found == set(ids[:7])


def test_rounding_never_gives_a_cosine_over_one():
    index = VectorIndex(DIM)
    index.add(PatternId.of(0), torch.full((DIM,), 0.36))
    assert index.search(torch.full((DIM,), 0.36), 1)[0].similarity == 1.0
