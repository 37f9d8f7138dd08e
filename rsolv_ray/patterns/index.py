"""Which known patterns are nearest to a vector? An exact search: one matrix, one product.

A hundred thousand vectors of 256 numbers take about 100 MB and some ten milliseconds a search on a processor.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rsolv_ray.model.ids import PatternId
from rsolv_ray.model.pattern import Neighbour

_FIRST_ROWS = 64


class VectorIndex:
    """The vectors of one org's patterns, in the order in which they were stored.

    Args:
        dim: length of a vector.
        device: where the matrix lies.
    """

    def __init__(self, dim: int, device: torch.device | str = "cpu") -> None:
        self._rows = torch.empty((_FIRST_ROWS, dim), dtype=torch.float32, device=device)
        self._ids: list[PatternId] = []
        self._places: dict[PatternId, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, pattern: object) -> bool:
        return pattern in self._places

    def add(self, pattern: PatternId, vector: Sequence[float] | torch.Tensor) -> None:
        """Put a unit vector of length `dim` behind the others; a pattern that is there already stays as it is."""
        if pattern in self._places:
            return
        place = len(self._ids)
        if place == len(self._rows):
            self._rows = torch.cat([self._rows, torch.empty_like(self._rows)])
        self._rows[place] = torch.as_tensor(vector, dtype=torch.float32, device=self._rows.device)
        self._ids.append(pattern)
        self._places[pattern] = place

    def search(self, vector: torch.Tensor, k: int) -> tuple[Neighbour, ...]:
        """The `k` nearest patterns by cosine, nearest first; of equals the one stored first. `vector` is a unit vector."""
        k = min(k, len(self))
        if k == 0:
            return ()
        similarities = self._similarities(vector, len(self))
        least = torch.topk(similarities, k).values[-1]
        return self._neighbours(similarities, similarities >= least)[:k]

    def above(
        self, vector: torch.Tensor, threshold: float, *, before: PatternId | None = None
    ) -> tuple[Neighbour, ...]:
        """Every pattern whose cosine exceeds `threshold`, nearest first.

        Where `before` is a pattern of this index, only those stored ahead of it are looked at: so it is never its own
        neighbour, and asking again later gives the answer of the first time.
        """
        rows = len(self) if before is None else self._places.get(before, len(self))
        similarities = self._similarities(vector, rows)
        return self._neighbours(similarities, similarities > threshold)

    def _similarities(self, vector: torch.Tensor, rows: int) -> torch.Tensor:
        found = self._rows[:rows] @ vector.to(self._rows.device)
        return found.clamp(-1.0, 1.0)

    def _neighbours(self, similarities: torch.Tensor, wanted: torch.Tensor) -> tuple[Neighbour, ...]:
        places = wanted.nonzero().flatten()
        values, order = torch.sort(similarities[places], descending=True, stable=True)
        pairs = zip(values.tolist(), places[order].tolist(), strict=True)
        return tuple(Neighbour(pattern=self._ids[place], similarity=value) for value, place in pairs)
