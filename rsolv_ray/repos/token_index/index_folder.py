"""How does an index on disk change without a moment in which it is half of one?

Its files are never changed: new ones are written beside them, and then a manifest that names them replaces the one
before in one step. Who reads goes on with what was mapped. One writer at a time, held by a lock that ends with its
process; without it nothing is written. The manifest tells size and checksum of each file, so that damage is seen before
anything is believed. Nothing is forced to the disk: after a power failure the checksums tell, and the index is made anew
from the source. What is no regular file is never waited for: it is damage, and put aside where its name is needed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, count
from mmap import ACCESS_READ, mmap
from pathlib import Path
from stat import S_ISREG

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
_UNWRITABLE = _FULL | {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_FILE = frozenset({errno.ENXIO, errno.ENODEV, errno.ELOOP})
"""Errors of opening a socket, a device that is not there, or a link to itself."""
_AT_ONCE = os.O_NONBLOCK | os.O_CLOEXEC


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
        self._refusal: OSError | None = None
        """Why the lock could not be had, and so nothing may be written."""

    def manifest(self) -> Manifest:
        """What is there now; an empty one where nothing is.

        Raises:
            Damaged: it cannot be understood.
        """
        try:
            with os.fdopen(_regular(self.path / _MANIFEST), "rb") as file:
                text = file.read()
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
            with os.fdopen(_regular(self.path / part.name), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                found = mmap(file.fileno(), 0, access=ACCESS_READ) if size == part.size > 0 else None
        except FileNotFoundError as error:
            raise Damaged(f"{part.name} is missing") from error
        if found is None or zlib.crc32(found) != part.crc32:
            raise Damaged(f"{part.name} is not what was written")
        return found

    def write(self, name: str, pieces: Sequence[bytes | memoryview]) -> FilePart:
        """Write a new file of the index, which counts once a manifest names it."""
        target = self._free(f"{name}.part")
        size = crc = 0
        with target.open("xb") as file:
            for piece in pieces:
                file.write(piece)
                size += len(memoryview(piece).cast("B"))
                crc = zlib.crc32(piece, crc)
        return FilePart(name=target.name, size=size, crc32=crc)

    def publish(self, manifest: Manifest) -> None:
        """Let this be the index from now on, and remove what no longer belongs to it."""
        new = self._free(f"{_MANIFEST}.new")
        new.write_text(manifest.model_dump_json(), encoding="utf-8")
        new.replace(self.path / _MANIFEST)
        self.sweep(manifest)

    def _free(self, name: str) -> Path:
        """The path of a file that is to be written; nothing is there. Never overwritten: somebody may have it mapped."""
        self._check_writable()
        path = self.path / name
        if path.is_dir() and not path.is_symlink():
            _move_aside(path, f"{name}.damaged")
        path.unlink(missing_ok=True)
        return path

    def _check_writable(self) -> None:
        if self._refusal is not None:
            raise self._refusal

    def sweep(self, manifest: Manifest) -> None:
        """Remove files that the manifest does not name: of former generations, and of writers that were interrupted."""
        keep: Collection[str] = {part.name for part in (manifest.table, *manifest.segments) if part is not None}
        for path in self.path.iterdir():
            is_file = path.is_symlink() or not path.is_dir()
            if is_file and path.name.endswith(_OURS) and path.name not in keep:
                path.unlink(missing_ok=True)

    def put_aside(self) -> None:
        """Let the index count no longer; its manifest is kept under another name, for who wants to know."""
        self._check_writable()
        with suppress(FileNotFoundError):
            _move_aside(self.path / _MANIFEST, _PUT_ASIDE)

    def bytes_on_disk(self, manifest: Manifest) -> int:
        """Size of all files of the index, in bytes."""
        parts = [part.size for part in (manifest.table, *manifest.segments) if part is not None]
        return sum(parts) + (len(manifest.model_dump_json()) if parts else 0)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only writer; waits for another one. Where there may be none, go on, and refuse what would be written.

        Raises:
            Unavailable: another writer did not end within `LOCK_WAIT_S`, or the lock cannot be had for another reason.
        """
        with writing(self.path):
            descriptor = self._opened_lock()
        try:
            if descriptor is not None:
                with writing(self.path):
                    self._acquire(descriptor)
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _opened_lock(self) -> int | None:
        """The lock's file, read-only where it cannot be written; None where there is none, and nothing may be written."""
        path = self.path / _LOCK
        self._refusal = None
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with suppress(IsADirectoryError):
                return os.open(path, os.O_RDWR | os.O_CREAT | _AT_ONCE, 0o600)
            with suppress(FileNotFoundError, NotADirectoryError):  # another one was quicker
                _move_aside(path, f"{_LOCK}.damaged")
            return os.open(path, os.O_RDWR | os.O_CREAT | _AT_ONCE, 0o600)
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            refusal = error
        try:
            return os.open(path, os.O_RDONLY | _AT_ONCE)
        except OSError:
            self._refusal = refusal
            return None

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


def _regular(path: Path) -> int:
    """The descriptor of a regular file, open for reading.

    Raises:
        FileNotFoundError: nothing is there. Damaged: something else is there.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise Damaged(f"{path.name} is no regular file") from error
        raise
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Damaged(f"{path.name} is no regular file")
    return descriptor


def _move_aside(path: Path, name: str) -> None:
    """Call what is there by another name; a file that had it before is replaced, and beside a folder a number is added."""
    is_folder = path.is_dir() and not path.is_symlink()
    target = path.with_name(name)
    if is_folder or target.is_dir():
        numbered = (path.with_name(f"{name}.{number}") for number in count(1))
        target = next(one for one in chain((target,), numbered) if not os.path.lexists(one))
    # With the slash a folder alone is renamed, never a file that another one put in its place meanwhile.
    os.rename(f"{path}/" if is_folder else path, target)  # noqa: PTH104 - a Path has no slash at its end


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Tell in our words why the index in `folder` cannot be written; it stays as it was.

    Raises:
        StorageFull: the disk is full. Unavailable: another reason.
    """
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise Unavailable(
            f"the token index cannot be kept in {folder}: something that is no folder stands there or above: "
            "move it away, or keep the index in another folder"
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"the token index in {folder} stays as it was: {error.strerror}: "
                "free some space there, or keep the index in another folder"
            ) from error
        raise Unavailable(
            f"the token index in {folder} cannot be written: {error.strerror or error}: "
            "make the folder writable, or keep the index in another one"
        ) from error
