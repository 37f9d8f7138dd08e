"""Into which pieces is a scan cut, so that every processor has as much to do and a word comes soon?

Files that are looked at side by side are dealt out by size: the largest first, each to the pile that is lightest so far
(Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17(2), 1969: at most a third over the best).
What follows one another begins with short pieces, and goes on with such as take the time that people wait for a word.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TypeVar

from rsolv_ray.repos.corpus import IndexedFile
from rsolv_ray.scanning.planning import PlanPart

__all__ = ["Pace", "piles", "spread"]

_T = TypeVar("_T")
_SHORT = 400
_LONG = 20_000
_FEW = 25
"""Fewer files are not worth a start of the engine of their own."""


class Pace:
    """Cuts what is done one after the other into pieces that take about `every_s` seconds, by the speed of the last one.

    Args:
        every_s: how long a person waits for a word, in seconds.
        at_least: the size of the first piece, and of all after a slow one.
        at_most: of the largest.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        every_s: float,
        *,
        at_least: int = _SHORT,
        at_most: int = _LONG,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._every_s, self._at_least, self._at_most, self._clock = every_s, at_least, at_most, clock
        self._size = at_least

    def pieces(self, items: Sequence[_T]) -> Iterator[Sequence[_T]]:
        """All items in their order; from one piece to the next, the time is taken."""
        start = 0
        while start < len(items):
            some = items[start : start + self._size]
            began = self._clock()
            yield some
            took = max(self._clock() - began, 0.001)
            start += len(some)
            self._size = min(self._at_most, max(self._at_least, int(len(some) * self._every_s / took)))


def piles(files: Sequence[IndexedFile], count: int) -> list[tuple[IndexedFile, ...]]:
    """The files in at most `count` piles (1 or more) of about equal bytes, none of them empty, each by path."""
    loads = [(0, number) for number in range(min(count, len(files)))]
    dealt: list[list[IndexedFile]] = [[] for _ in loads]
    for file in sorted(files, key=lambda one: (-one.size, one.path)):
        load, number = loads[0]
        dealt[number].append(file)
        heapq.heapreplace(loads, (load + max(file.size, 1), number))
    return [tuple(sorted(pile, key=attrgetter("path"))) for pile in dealt]


def spread(parts: Sequence[PlanPart], tasks: int) -> tuple[PlanPart, ...]:
    """The parts cut for so many processes that take the next whenever they are done: few files are looked at side by side,
    too, and of many the first are soon told of."""
    files = sum(len(part.files) for part in parts)
    size = min(_SHORT, max(_FEW, -(-files // tasks)))
    return tuple(replace(part, files=some) for part in parts for some in piles(part.files, -(-len(part.files) // size)))
