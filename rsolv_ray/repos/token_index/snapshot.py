"""What does the index say at one moment?

A manifest with the segments and the table that it names, mapped into memory. It never changes; a writer makes another one.
Documents are numbered through all segments in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rsolv_ray.model.requirement import Requirement
from rsolv_ray.repos.token_index.file_table import NO_DOCUMENT, FileTable, empty_table, read_table
from rsolv_ray.repos.token_index.index_folder import Damaged, IndexFolder, Manifest
from rsolv_ray.repos.token_index.lookup import meeting
from rsolv_ray.repos.token_index.segments import DOCUMENT, Documents, Mask, Segment


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index at one moment. `documents` are those of all segments."""

    manifest: Manifest
    segments: tuple[Segment, ...]
    table: FileTable
    documents: Documents

    def that_meet(self, requirement: Requirement) -> Mask:
        """For each document of all segments: may it meet the requirement?"""
        return np.concatenate([np.empty(0, bool), *(meeting(segment, requirement) for segment in self.segments)])

    def alive(self) -> Mask:
        """For each document of all segments: is there a file that holds it?"""
        held = self.table.documents[self.table.documents != NO_DOCUMENT]
        return alive(len(self.documents), held)


def alive(documents: int, held: Sequence[int] | np.ndarray) -> Mask:
    """For each of so many documents: is its number among those held?"""
    mask = np.zeros(documents, dtype=bool)
    mask[held] = True
    return mask


def load(folder: IndexFolder) -> Snapshot:
    """The index as it is now; an empty one where there is none.

    Raises:
        Damaged: what is there is not what was written.
    """
    while True:
        manifest = folder.manifest()
        try:
            return snapshot(folder, manifest)
        except Damaged:
            if folder.manifest() == manifest:
                raise
            # Else a writer was quicker: its files are there, and those of before are gone.


def snapshot(folder: IndexFolder, manifest: Manifest, before: Snapshot | None = None) -> Snapshot:
    """What this manifest names, mapped; segments that `before` has already are taken from there.

    Raises:
        Damaged: a file is missing, or not what was written.
    """
    mapped = {} if before is None else dict(zip(before.manifest.segments, before.segments, strict=True))
    segments = tuple(mapped.get(part) or Segment(folder.mapped(part)) for part in manifest.segments)
    table = empty_table() if manifest.table is None else read_table(folder.mapped(manifest.table), manifest.languages)
    documents = np.concatenate([np.empty(0, DOCUMENT), *(segment.documents for segment in segments)])
    return Snapshot(manifest, segments, table, documents)


EMPTY = Snapshot(Manifest(), (), empty_table(), np.empty(0, DOCUMENT))
