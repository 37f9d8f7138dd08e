"""How does an index on disk change without a moment in which it is half of one?

Its files are never changed: new ones are written beside them, and then a manifest that names them replaces the one
before in one step. Who reads goes on with what was mapped. One writer at a time, held by a lock that ends with its
process. The manifest tells size and checksum of each file, so that damage is seen before anything is believed. Nothing
is forced to the disk: after a power failure the checksums tell, and the index is made anew from the source.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path

from pydantic import ValidationError

from rsolv_ray.model.errors import RsolvError, StorageFull, Unavailable
from rsolv_ray.model.noun import Noun

FORM = 2
"""The form of the files, and how words are read; an index of another form is made anew."""
LOCK_WAIT_S = 600.0
_MANIFEST = "manifest.json"
_PUT_ASIDE = "manifest.damaged.json"
_LOCK = "lock"
_OURS = (".part", ".part.new", ".json.new")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Damaged(RsolvError):
    """The index on disk is not what was written."""


class FilePart(Noun):
    """One file of the index. `size` is in bytes."""

    name: str
    size: int
    crc32: int


class Manifest(Noun):
    """What an index consists of. `root` is the folder that was read, `languages` those that the table's rows refer to."""

    form: int = FORM
    generation: int = 0
    root: str = ""
    languages: tuple[str, ...] = ()
    table: FilePart | None = None
    segments: tuple[FilePart, ...] = ()


class IndexFolder:
    """The folder that one index lives in."""

    def __init__(self, folder: Path) -> None:
        self.path = folder

    def manifest(self) -> Manifest:
        """What is there now; an empty one where nothing is.

        Raises:
            Damaged: it cannot be understood.
        """
        try:
            text = (self.path / _MANIFEST).read_bytes()
        except FileNotFoundError:
            return Manifest()
        try:
            manifest = Manifest.model_validate_json(text)
        except ValidationError as error:
            raise Damaged("its manifest cannot be read") from error
        if manifest.form != FORM:
            raise Damaged(f"it has form {manifest.form}, and this version reads form {FORM}")
        return manifest

    def mapped(self, part: FilePart) -> mmap:
        """The file, in memory as it is read.

        Raises:
            Damaged: it is missing or not what was written.
        """
        try:
            with (self.path / part.name).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                found = mmap(file.fileno(), 0, access=ACCESS_READ) if size == part.size > 0 else None
        except FileNotFoundError as error:
            raise Damaged(f"{part.name} is missing") from error
        if found is None or zlib.crc32(found) != part.crc32:
            raise Damaged(f"{part.name} is not what was written")
        return found

    def write(self, name: str, pieces: Sequence[bytes | memoryview]) -> FilePart:
        """Write a new file of the index, which counts once a manifest names it."""
        target = self.path / f"{name}.part"
        target.unlink(missing_ok=True)  # never overwritten: somebody may have it mapped
        size = crc = 0
        with target.open("xb") as file:
            for piece in pieces:
                file.write(piece)
                size += len(memoryview(piece).cast("B"))
                crc = zlib.crc32(piece, crc)
        return FilePart(name=target.name, size=size, crc32=crc)

    def publish(self, manifest: Manifest) -> None:
        """Let this be the index from now on, and remove what no longer belongs to it."""
        new = self.path / f"{_MANIFEST}.new"
        new.write_text(manifest.model_dump_json(), encoding="utf-8")
        new.replace(self.path / _MANIFEST)
        self.sweep(manifest)

    def sweep(self, manifest: Manifest) -> None:
        """Remove files that the manifest does not name: of former generations, and of writers that were interrupted."""
        keep: Collection[str] = {part.name for part in (manifest.table, *manifest.segments) if part is not None}
        for path in self.path.iterdir():
            if path.name.endswith(_OURS) and path.name not in keep:
                path.unlink(missing_ok=True)

    def put_aside(self) -> None:
        """Let the index count no longer; its manifest is kept under another name, for who wants to know."""
        with suppress(FileNotFoundError):
            (self.path / _MANIFEST).replace(self.path / _PUT_ASIDE)

    def bytes_on_disk(self, manifest: Manifest) -> int:
        """Size of all files of the index, in bytes."""
        parts = [part.size for part in (manifest.table, *manifest.segments) if part is not None]
        return sum(parts) + (len(manifest.model_dump_json()) if parts else 0)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only writer; waits for another one.

        Raises:
            Unavailable: another writer did not end within `LOCK_WAIT_S`, or the folder cannot be written.
        """
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._acquire(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _acquire(self, descriptor: int) -> None:
        until = time.monotonic() + LOCK_WAIT_S
        pause = 0.001
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Unavailable(f"the token index in {self.path} is being written by another process") from None
                time.sleep(pause)
                pause = min(2 * pause, 0.1)
            else:
                return


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Tell in our words why the index in `folder` cannot be written; it stays as it was.

    Raises:
        StorageFull: the disk is full. Unavailable: another reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"the token index in {folder} stays as it was: {error.strerror}: free some space"
            ) from error
        raise Unavailable(f"the token index in {folder} cannot be written: {error.strerror or error}") from error
