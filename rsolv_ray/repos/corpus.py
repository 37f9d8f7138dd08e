"""Which files of a folder can a rule match at all?

For a folder of source, the words that each of its files holds are kept in an index of its own. A requirement of a rule picks
files by it: none that meets the requirement is left out; a file that holds words too long to be kept may be named in vain.
Source: Cox, "Regular Expression Matching with a Trigram Index" (2012), with whole words in place of trigrams.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.languages import canonical_language
from rsolv_ray.model.requirement import Requirement
from rsolv_ray.repos.token_index.file_table import NO_DOCUMENT
from rsolv_ray.repos.token_index.index_folder import Damaged, IndexFolder, writing
from rsolv_ray.repos.token_index.refreshing import Refreshed, refreshed
from rsolv_ray.repos.token_index.snapshot import EMPTY, Snapshot, load

__all__ = ["LEAST_MEMORY_MB", "Corpus", "IndexedFile", "Refreshed"]

LEAST_MEMORY_MB = 16
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file as it was when the index was refreshed. `path` is relative to the root, with `/`; `key` is the hash of its
    content (BLAKE2b, 32 hexadecimal digits); `size` is in bytes."""

    path: str
    key: str
    language: str
    lines: int
    size: int


class Corpus:
    """Which files of one folder hold which words. Lives in a folder of its own on disk, memory-mapped.

    It says what it said when it was opened or refreshed last, also while another process refreshes the same index.
    """

    def __init__(self, folder: IndexFolder, snapshot: Snapshot, damage: str | None) -> None:
        self._folder = folder
        self._view = _View(snapshot)
        self.damage = damage
        """Why what was found on opening is not used and the index begins anew; None where all was well."""

    @classmethod
    def open(cls, folder: Path) -> Corpus:
        """The index that lives in `folder`; an empty one where there is none yet, or a damaged one.

        Raises:
            Unavailable: the folder cannot be made or read.
        """
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            home = IndexFolder(folder)
            try:
                return cls(home, load(home), None)
            except Damaged as damage:
                return cls(home, EMPTY, str(damage))

    def refresh(
        self, root: Path, *, progress: Callable[[int, int], None] = lambda _done, _all: None, memory_mb: int = 256
    ) -> Refreshed:
        """Bring the index to what `root` holds now: only files that changed are read. Waits for another one that refreshes it.

        `progress` is told how many of the files that have to be read are read. `memory_mb` bounds what the words of new
        content take before they are written, in MiB, at least `LEAST_MEMORY_MB`. Interrupted at any point, the index
        stays as it was.

        Raises:
            NotFound: `root` is no folder. StorageFull, Unavailable: the index cannot be written. It stays as it was.
        """
        if not root.is_dir():
            raise NotFound(f"there is no folder {root}: nothing can be indexed")
        memory = max(memory_mb, LEAST_MEMORY_MB) * _MIB
        with self._folder.locked():
            snapshot, told = refreshed(self._folder, self._latest(), root.absolute(), progress, memory)
        if snapshot is not self._view.snapshot:
            self._view = _View(snapshot)
        return told

    def _latest(self) -> Snapshot:
        """What the index says now; a damaged one is put aside. The folder must be locked."""
        with writing(self._folder.path):
            try:
                mine = self._view.snapshot
                return mine if self._folder.manifest() == mine.manifest else load(self._folder)
            except Damaged:
                self._folder.put_aside()
                return EMPTY

    @property
    def files(self) -> Sequence[IndexedFile]:
        """All files in known languages that are worth scanning, by path."""
        return self._view.files(self._view.held)

    @property
    def lines(self) -> int:
        """Lines of all files."""
        return self._view.sum_of("lines")

    @property
    def source_bytes(self) -> int:
        """Size of all files, in bytes."""
        return self._view.sum_of("size")

    @property
    def bytes_on_disk(self) -> int:
        """Size of the index, in bytes."""
        return self._folder.bytes_on_disk(self._view.snapshot.manifest)

    def that_meet(self, requirement: Requirement, languages: Collection[str]) -> Sequence[IndexedFile]:
        """The files in these languages that may meet the requirement, by path. None that meets it is missing."""
        return self._view.that_meet(requirement, {canonical_language(language) for language in languages})


class _View:
    """A snapshot by files in place of documents."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        table = snapshot.table
        self.held = np.flatnonzero(table.documents != NO_DOCUMENT)
        """Places in the table of files that are worth scanning."""
        self._files: list[IndexedFile | None] = [None] * len(table.paths)

    def that_meet(self, requirement: Requirement, languages: Collection[str | None]) -> Sequence[IndexedFile]:
        table = self.snapshot.table
        is_wanted = np.array([language in languages for language in (*table.languages, None)], dtype=bool)
        held = self.held[is_wanted[table.language_numbers[self.held]]]
        if not len(held):
            return ()
        return self.files(held[self.snapshot.that_meet(requirement)[table.documents[held]]])

    def sum_of(self, column: str) -> int:
        documents = self.snapshot.table.documents[self.held]
        return int(self.snapshot.documents[column][documents].sum(dtype=np.int64))

    def files(self, places: np.ndarray) -> Sequence[IndexedFile]:
        return tuple(self._files[place] or self._file(place) for place in places.tolist())

    @cached_property
    def _documents(self) -> list[tuple[bytes, int, int]]:
        return self.snapshot.documents.tolist()

    def _file(self, place: int) -> IndexedFile:
        table = self.snapshot.table
        key, lines, size = self._documents[table.documents[place]]
        language = table.languages[table.language_numbers[place]]
        file = IndexedFile(path=table.paths[place], key=key.hex(), language=language, lines=lines, size=size)
        self._files[place] = file
        return file
