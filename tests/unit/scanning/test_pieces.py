"""Into which pieces is a scan cut?"""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.repos.corpus import IndexedFile
from rsolv_ray.scanning.pieces import Pace, piles, spread
from rsolv_ray.scanning.planning import PlanPart


def files(*sizes: int) -> tuple[IndexedFile, ...]:
    return tuple(IndexedFile(f"f{at:04}.py", "0" * 32, "python", 1, size) for at, size in enumerate(sizes))


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def sizes_at(speeds: list[float], items: int, *, at_least: int = 10, at_most: int = 100) -> list[int]:
    """The sizes of the pieces where the nth goes at so many items a second, and a word is due every second."""
    clock, sizes = Clock(), list[int]()
    for piece in Pace(1.0, at_least=at_least, at_most=at_most, clock=clock).pieces(range(items)):
        clock.now += len(piece) / speeds[min(len(sizes), len(speeds) - 1)]
        sizes.append(len(piece))
    return sizes


def test_a_piece_takes_as_long_as_a_word_is_waited_for_at_the_last_speed() -> None:
    assert sizes_at([50.0, 20.0, 30.0], 120) == [10, 50, 20, 30, 10]


def test_pieces_are_neither_too_short_nor_too_long() -> None:
    assert sizes_at([1.0, 1_000_000.0], 250) == [10, 10, 100, 100, 30]


def test_the_speed_is_known_from_one_share_of_work_to_the_next() -> None:
    clock = Clock()
    pace = Pace(1.0, at_least=10, clock=clock)
    for _ in pace.pieces(range(10)):
        clock.now += 0.2
    assert [len(piece) for piece in pace.pieces(range(70))] == [50, 20]


@given(st.lists(st.floats(0.1, 1e6), min_size=1), st.integers(0, 1000))
def test_pieces_are_all_items_in_order(speeds: list[float], items: int) -> None:
    clock = Clock()
    pieces: list[range] = []
    for piece in Pace(1.0, at_least=10, at_most=100, clock=clock).pieces(range(items)):
        clock.now += speeds[len(pieces) % len(speeds)]
        pieces.append(range(piece[0], piece[-1] + 1))
    assert list(chain.from_iterable(pieces)) == list(range(items))


@given(st.lists(st.integers(0, 10_000)), st.integers(1, 9))
def test_piles_hold_each_file_once_and_none_is_empty(sizes: list[int], count: int) -> None:
    dealt = piles(files(*sizes), count)
    assert sorted(file.path for pile in dealt for file in pile) == [file.path for file in files(*sizes)]
    assert len(dealt) == min(count, len(sizes))
    assert all(dealt)


@given(st.lists(st.integers(1, 10_000), min_size=1), st.integers(1, 9))
def test_no_pile_is_heavier_than_its_even_share_and_one_file(sizes: list[int], count: int) -> None:
    heaviest = max(sum(file.size for file in pile) for pile in piles(files(*sizes), count))
    assert heaviest <= sum(sizes) / count + max(sizes)


def test_one_large_file_stands_alone_beside_many_small_ones() -> None:
    assert [[file.size for file in pile] for pile in piles(files(1, 1, 100, 1), 2)] == [[100], [1, 1, 1]]


def counts(parts: tuple[PlanPart, ...]) -> list[tuple[str, int]]:
    return [(part.rules[0], len(part.files)) for part in parts]


def test_few_files_are_spread_over_the_tasks_and_a_handful_is_not() -> None:
    parts = (PlanPart(("many",), files(*[9] * 80)), PlanPart(("few",), files(*[9] * 20)))
    assert counts(spread(parts, 4)) == [("many", 20)] * 4 + [("few", 20)]
    assert counts(spread(parts, 40)) == [("many", 20)] * 4 + [("few", 20)]


def test_many_files_are_cut_into_more_pieces_than_there_are_tasks() -> None:
    assert counts(spread((PlanPart(("all",), files(*[9] * 2_000)),), 2)) == [("all", 400)] * 5
