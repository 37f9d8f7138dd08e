"""How does the index come to say what a folder holds now?

The folder is listed; files whose stamps are known and settled are believed, the others are read. Content is known by its
hash, so that a file that was renamed, copied or touched is read and nothing else. Words of new content go into new segments,
which are written whenever they fill the memory allowed; then one manifest makes all of it count at once.
Files that vanish or cannot be read meanwhile are passed over; those that are changed meanwhile are read again next time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rsolv_ray.model.errors import Unavailable
from rsolv_ray.repos.reading import HASH_BYTES, content_hash, read, stamp_of
from rsolv_ray.repos.targets import LARGEST_FILE, Listed, is_code, listed
from rsolv_ray.repos.token_index.compaction import compacted
from rsolv_ray.repos.token_index.file_table import NO_DOCUMENT, Row, table_pieces
from rsolv_ray.repos.token_index.index_folder import FilePart, IndexFolder, Manifest, writing
from rsolv_ray.repos.token_index.segments import DOCUMENT, pieces
from rsolv_ray.repos.token_index.snapshot import Snapshot, snapshot
from rsolv_ray.repos.token_index.words import WordTable, words_of

Progress = Callable[[int, int], None]
_TOLD_EVERY = 64


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed, in files; `lines` are those whose words were indexed anew."""

    added: int
    removed: int
    unchanged: int
    lines: int
    elapsed_s: float


def refreshed(
    folder: IndexFolder, before: Snapshot, root: Path, progress: Progress, memory: int
) -> tuple[Snapshot, Refreshed]:
    """The index `before`, brought to what `root` holds now; the folder must be locked. `memory` is in bytes.

    Raises:
        StorageFull, Unavailable: it cannot be written, and stays as it was.
    """
    began = time.monotonic()
    known = {row.path: row for row in before.table.rows()}
    is_same_root = before.manifest.root == str(root)
    rows: dict[str, Row] = {}
    unread: list[Listed] = []
    for one in listed(root):
        row = known.get(one.path)
        if is_same_root and row and row.settled and row.stamp == stamp_of(one.status) and row.language == one.language:
            rows[one.path] = row
        else:
            unread.append(one)
    intake = _Intake(folder, before, memory)
    for number, one in enumerate(unread):
        if number % _TOLD_EVERY == 0:
            progress(number, len(unread))
        row = intake.row(root, one)
        if row is not None:
            rows[one.path] = row
    progress(len(unread), len(unread))
    after = sorted(rows.values())
    if is_same_root and not intake.lines and after == list(known.values()):
        made = before
    elif _says(after) == _says(known.values()):
        made = _published_if_possible(folder, before, intake.manifest(root), after, memory)
    else:
        made = _published(folder, before, intake.manifest(root), after, memory)
    return made, _difference(known, after, intake.lines, time.monotonic() - began)


def _says(rows: Iterable[Row]) -> list[tuple[str, int, str]]:
    """What an index with these rows answers by."""
    return [(row.path, row.document, row.language) for row in rows]


def _difference(known: dict[str, Row], after: list[Row], lines: int, elapsed_s: float) -> Refreshed:
    held = {row.path: row.document for row in known.values() if row.document != NO_DOCUMENT}
    holds = {row.path: row.document for row in after if row.document != NO_DOCUMENT}
    unchanged = sum(held.get(path) == document for path, document in holds.items())
    return Refreshed(
        added=len(holds) - unchanged,
        removed=len(held.keys() - holds.keys()),
        unchanged=unchanged,
        lines=lines,
        elapsed_s=elapsed_s,
    )


class _Intake:
    """Reads files, and writes segments with the words of content that was not known."""

    def __init__(self, folder: IndexFolder, before: Snapshot, memory: int) -> None:
        self._folder = folder
        self._before = before
        self._memory = memory
        self._generation = before.manifest.generation + 1
        self._numbers: dict[bytes, int] | None = None
        self._words = WordTable()
        self._documents: list[tuple[bytes, int, int]] = []
        self._written: list[FilePart] = []
        self.lines = 0

    def row(self, root: Path, one: Listed) -> Row | None:
        """What the file holds now; None where it is none that can be read."""
        content = read(f"{root}/{one.path}", LARGEST_FILE)
        if content is None or not content.data:
            return None
        document = self._document(content.data) if is_code(one.language, content.data) else NO_DOCUMENT
        return Row(one.path, document, one.language, content.settled, content.stamp)

    def manifest(self, root: Path) -> Manifest:
        """All segments, those before and new ones, without a table of files."""
        self._flush()
        segments = (*self._before.manifest.segments, *self._written)
        return Manifest(generation=self._generation, root=str(root), segments=segments)

    def _document(self, data: bytes) -> int:
        numbers = self._known()
        key = content_hash(data)
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(numbers)
            lines = data.count(b"\n") + (not data.endswith(b"\n"))
            self._words.add(words_of(data))
            self._documents.append((key, lines, len(data)))
            self.lines += lines
            if self._words.memory > self._memory:
                self._flush()
        return number

    def _known(self) -> dict[bytes, int]:
        if self._numbers is None:
            keys = self._before.documents["key"].tobytes()
            starts = range(0, len(keys), HASH_BYTES)
            self._numbers = {keys[start : start + HASH_BYTES]: place for place, start in enumerate(starts)}
        return self._numbers

    def _flush(self) -> None:
        if self._documents:
            name = f"segment-{self._generation}-{len(self._written)}"
            table = np.array(self._documents, dtype=DOCUMENT)
            with writing(self._folder.path):
                self._written.append(self._folder.write(name, pieces(table, *self._words.sorted())))
            self._words, self._documents = WordTable(), []


def _published(folder: IndexFolder, before: Snapshot, manifest: Manifest, rows: list[Row], memory: int) -> Snapshot:
    languages = tuple(sorted({row.language for row in rows}))
    with writing(folder.path):
        whole = snapshot(folder, manifest, before)
        manifest, rows = compacted(folder, whole, rows, memory)
        table = folder.write(f"files-{manifest.generation}", table_pieces(rows, languages))
        manifest = manifest.model_copy(update={"table": table, "languages": languages})
        made = snapshot(folder, manifest, whole)
        folder.publish(manifest)
    return made


def _published_if_possible(
    folder: IndexFolder, before: Snapshot, manifest: Manifest, rows: list[Row], memory: int
) -> Snapshot:
    """The same for rows with new stamps alone: where they cannot be kept, the files are read again next time."""
    try:
        return _published(folder, before, manifest, rows, memory)
    except Unavailable:
        return before
