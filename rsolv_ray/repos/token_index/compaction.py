"""When are segments of the index made into one, and what is left out then?

A segment that no file refers to is dropped. One of which more than half is dead, and the smallest ones when there are more
than eight, are merged without what is dead; so a document is written anew a few times at most while the index grows.
What would not fit into the memory allowed is left as it is.
Source: O'Neil et al., "The Log-Structured Merge-Tree" (1996); the tiered merge policy of Lucene.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rsolv_ray.repos.token_index.file_table import NO_DOCUMENT, Row
from rsolv_ray.repos.token_index.index_folder import IndexFolder, Manifest
from rsolv_ray.repos.token_index.segments import Mask, Segment, merged
from rsolv_ray.repos.token_index.snapshot import Snapshot, alive

MOST_SEGMENTS = 8
_MEMORY_A_BYTE = 20
"""Bytes of memory that a merge takes at most for each byte of the segments' files; measured, from above."""


def compacted(folder: IndexFolder, now: Snapshot, rows: list[Row], memory: int) -> tuple[Manifest, list[Row]]:
    """The manifest and the rows after what is to be merged or dropped is; the rows refer to documents of `now`."""
    held = [row.document for row in rows if row.document != NO_DOCUMENT]
    ends = np.cumsum([len(segment.documents) for segment in now.segments], dtype=np.int64)
    living = np.split(alive(len(now.documents), held), ends[:-1])
    chosen = _chosen(now.segments, living, memory)
    kept = [place for place, mask in enumerate(living) if mask.any() and place not in chosen]
    if len(kept) == len(now.segments):
        return now.manifest, rows
    parts = [now.manifest.segments[place] for place in kept]
    if chosen:
        name = f"segment-{now.manifest.generation}-merged"
        masks = [living[place] for place in chosen]
        parts.append(folder.write(name, merged([now.segments[place] for place in chosen], masks)))
    numbers = _renumbered(living, kept, chosen)
    return now.manifest.model_copy(update={"segments": tuple(parts)}), [
        row if row.document == NO_DOCUMENT else row._replace(document=int(numbers[row.document])) for row in rows
    ]


def _chosen(segments: Sequence[Segment], living: Sequence[Mask], memory: int) -> list[int]:
    """Places of the segments to merge, in order."""
    half_dead = {place for place, mask in enumerate(living) if 0 < 2 * mask.sum() < len(mask)}
    by_size = sorted((place for place, mask in enumerate(living) if mask.any()), key=lambda one: segments[one].size)
    too_many = len(by_size) > MOST_SEGMENTS
    chosen: list[int] = []
    total = 0
    for rank, place in enumerate(by_size):
        size = segments[place].size
        is_in_tier = too_many and (rank < 2 or size <= total or len(by_size) - rank >= MOST_SEGMENTS)
        if (place in half_dead or is_in_tier) and (total + size) * _MEMORY_A_BYTE <= memory:
            chosen.append(place)
            total += size
    return sorted(chosen) if len(chosen) > 1 or half_dead.intersection(chosen) else []


def _renumbered(living: Sequence[Mask], kept: Sequence[int], chosen: Sequence[int]) -> np.ndarray:
    """For each old number of a document its new one: segments kept as they are, then those merged without what is dead."""
    numbers = [np.full(len(mask), NO_DOCUMENT, dtype=np.int64) for mask in living]
    base = 0
    for place in kept:
        numbers[place] = np.arange(len(living[place])) + base
        base += len(living[place])
    for place in chosen:
        numbers[place] = np.cumsum(living[place]) - 1 + base
        base += int(living[place].sum())
    return np.concatenate([np.empty(0, np.int64), *numbers])
