"""Which files does the index know, and which document does each of them hold?

A row is a path with its stamp and the number of its document. Files that were read and are not worth scanning have rows without a
document, so that they are not read again.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from mmap import mmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rsolv_ray.repos.reading import Stamp

NO_DOCUMENT = 0xFFFF_FFFF
_ROW = np.dtype([
    ("document", "<u4"), ("language", "u1"), ("settled", "?"),
    ("size", "<u4"), ("mtime", "<i8"), ("ctime", "<i8"), ("inode", "<u8"),
])  # fmt: skip
_HEADER = struct.Struct("<8sQ")
_MAGIC = b"rsolvtab"


class Row(NamedTuple):
    """One file. `document` is the document's number over all segments, or `NO_DOCUMENT`."""

    path: str
    document: int
    language: str
    settled: bool
    stamp: Stamp


class FileTable:
    """All rows, by path."""

    def __init__(self, paths: list[str], columns: NDArray[np.void], languages: Sequence[str]) -> None:
        self.paths = paths
        self.documents: NDArray[np.uint32] = columns["document"]
        self.language_numbers: NDArray[np.uint8] = columns["language"]
        self.languages = tuple(languages)
        self._columns = columns

    def rows(self) -> list[Row]:
        """The rows in order."""
        return [
            Row(path, document, self.languages[language], settled, (size, mtime, ctime, inode))
            for path, (document, language, settled, size, mtime, ctime, inode) in zip(
                self.paths, self._columns.tolist(), strict=True
            )
        ]


def empty_table() -> FileTable:
    """A table without rows."""
    return FileTable([], np.empty(0, _ROW), ())


def table_pieces(rows: Sequence[Row], languages: Sequence[str]) -> list[bytes | memoryview]:
    """The file of a table. Languages are written as their places in `languages`."""
    number = {language: place for place, language in enumerate(languages)}
    columns = np.array(
        [(row.document, number[row.language], row.settled, *row.stamp) for row in rows], dtype=_ROW
    )  # fmt: skip
    paths = zlib.compress("\0".join(row.path for row in rows).encode(), 1)
    return [_HEADER.pack(_MAGIC, len(rows)), columns.tobytes(), paths]


def read_table(data: mmap, languages: Sequence[str]) -> FileTable:
    """The table in a file."""
    _, count = _HEADER.unpack_from(data)
    columns = np.frombuffer(data, _ROW, count, _HEADER.size)
    paths = zlib.decompress(data[_HEADER.size + columns.nbytes :]).decode()
    return FileTable(paths.split("\0") if count else [], columns, languages)
