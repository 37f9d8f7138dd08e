"""What does a file hold, and will a look at its status tell when it holds something else?

Size, times and inode of a file are its stamp. A file with the same stamp has the same content, unless it was changed
within the grain of the clock in which it was read: so a stamp is believed only if it was 2 seconds old at that time.
Content is known by its hash, whatever the file is called. Source: git, Documentation/technical/racy-git.txt.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from hashlib import blake2b
from stat import S_ISREG

Stamp = tuple[int, int, int, int]
"""Size in bytes, time of modification and of change of status in ns, inode."""
SETTLED_NS = 2_000_000_000
HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Content:
    """What was read of a file. `settled` says that while it has this stamp it holds this."""

    data: bytes
    stamp: Stamp
    settled: bool


def content_hash(data: bytes) -> bytes:
    """What tells one content from another: BLAKE2b, `HASH_BYTES` long."""
    return blake2b(data, digest_size=HASH_BYTES).digest()


def stamp_of(status: os.stat_result) -> Stamp:
    """What tells one state of a file from another."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def read(path: str, limit: int) -> Content | None:
    """A regular file of at most `limit` bytes as it is; None for anything else, and where it cannot be read.

    Links are not followed, and nothing that a pipe may hold is waited for.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _read(descriptor, limit)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int, limit: int) -> Content | None:
    began = time.time_ns()
    before = os.fstat(descriptor)
    if not S_ISREG(before.st_mode):
        return None
    data = b""
    while len(data) <= limit and (piece := os.read(descriptor, limit + 1 - len(data))):
        data += piece
    if len(data) > limit:
        return None
    stamp = stamp_of(before)
    is_old = max(before.st_mtime_ns, before.st_ctime_ns) + SETTLED_NS <= began
    return Content(data, stamp, is_old and stamp == stamp_of(os.fstat(descriptor)) and len(data) == before.st_size)
