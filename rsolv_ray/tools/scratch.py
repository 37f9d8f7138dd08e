"""Where do temporary files go in a process that may be killed at any moment? Into a folder that somebody else can clear.

The folder is locked for as long as its process lives; the lock goes with the process, however that ends. Whoever comes
next to the same temporary folder removes those that nobody holds. The lock is on the folder itself, so that it means the
same to processes that do not see each other's numbers.
Source: flock(2): a lock is released when the last descriptor of it is closed, and tools do not inherit it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "rsolv-scratch-"
_YOUNG_S = 60.0
"""Such a folder may have been made a moment ago, and not be locked yet."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in which all temporary files of this process are made meanwhile; it is gone afterwards."""
    before = tempfile.tempdir
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        tempfile.tempdir = str(folder)
        yield folder
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def clear_away() -> tuple[Path, ...]:
    """Remove the folders that ended processes have left in the temporary folder of this one, and say which."""
    left = [folder for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_left(folder)]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(left)


def _is_left(folder: Path) -> bool:
    """Is nobody there any more? What is another user's, or gone by now, is none of ours."""
    try:
        if time.time() - folder.stat().st_mtime < _YOUNG_S:
            return False
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(held)
    return True
