"""Did two scans find the same?

The same rules at the same places of the same files. Left out is a rule on a file where a peer itself says that it ran out
of time or room there, since what it tells of it is left to chance; how many such pairs there were is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rsolv_ray.bench.peer import Place, TimedScan

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the two differ in, each in order, and how many (rule, file) pairs were left out."""

    missed: tuple[Place, ...]
    added: tuple[Place, ...]
    left_out: int

    @property
    def same(self) -> bool:
        return not self.missed and not self.added

    def told(self) -> dict[str, object]:
        """For an answer: `same_findings`, and the first differences where there are any."""
        if self.same:
            return {"same_findings": True, "left_out": self.left_out}
        differences = {
            name: {"count": len(places), "first": [list(place) for place in places[:_MOST_SHOWN]]}
            for name, places in (("missed", self.missed), ("added", self.added))
        }
        return {"same_findings": False, "left_out": self.left_out, **differences}


def compared(own: TimedScan, peers: Sequence[TimedScan]) -> Comparison:
    """What our scan missed of what any of the peers found, and what it added to what any of them found."""
    unsure = frozenset(pair for peer in peers for pair in peer.unsure)

    def sure(places: frozenset[Place]) -> set[Place]:
        return {one for one in places if unsure.isdisjoint(((one.rule, one.path), ("*", one.path)))}

    mine = sure(own.places)
    theirs = [sure(peer.places) for peer in peers]
    missed = {place for places in theirs for place in places - mine}
    added = {place for places in theirs for place in mine - places}
    return Comparison(tuple(sorted(missed)), tuple(sorted(added)), len(unsure))
