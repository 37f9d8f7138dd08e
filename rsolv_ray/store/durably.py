"""How does a small file get onto the disk, so that it is there after a loss of power?

The file's content is flushed before it is told, and so is the folder that names it (fsync(2)).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rsolv_ray.model.errors import StorageFull, Unavailable

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_durably(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, over what was there.

    Raises:
        StorageFull: there is no room for it.
        Unavailable: it may not be written.
    """
    with writing_to(path):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _flush_folder(path)


def rename_durably(path: Path, to: Path) -> None:
    """Give a file another name in its folder, over what was there.

    Raises:
        StorageFull, Unavailable: as `write_durably`.
    """
    with writing_to(to):
        path.replace(to)
        _flush_folder(to)


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Say who must act where a file or folder cannot be written to."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull from error
        raise Unavailable(f"{path} cannot be written to ({error.strerror}): give this user access to it") from error


def _flush_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
