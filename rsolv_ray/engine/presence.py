"""Is a target there, a plain file, and after the run still what it was before?

The engine passes over a file that is gone without a word, waits for ever on a pipe, and tells places by offset: where
the file was written to meanwhile, they point at other code.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress

from rsolv_ray.engine.match import CHANGED, NO_FILE, EngineError, Target

_Mark = tuple[int, int, int]


class Presence:
    """The targets (by index) as they were when this was made."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = targets
        self._marks: dict[int, _Mark] = {}
        self._absent: dict[int, str] = {}
        self._changed: set[int] = set()
        for index, target in enumerate(targets):
            try:
                status = target.file.stat()
            except OSError as error:
                self._absent[index] = error.strerror or str(error)
                continue
            if stat.S_ISREG(status.st_mode):
                self._marks[index] = _mark(status)
            else:
                self._absent[index] = "not a plain file"

    @property
    def there(self) -> list[int]:
        """The targets that can be read."""
        return list(self._marks)

    def read(self, index: int) -> bytes | None:
        """The content of a target; None where it is no longer what it was."""
        with suppress(OSError), self._targets[index].file.open("rb") as file:
            data = file.read()
            if _mark(os.fstat(file.fileno())) == self._marks[index]:
                return data
        self._changed.add(index)
        return None

    def is_kept(self, index: int) -> bool:
        """Is the target still what it was?"""
        if index not in self._changed and self._mark_now(index) != self._marks[index]:
            self._changed.add(index)
        return index not in self._changed

    def errors(self) -> tuple[EngineError, ...]:
        """The targets that were not there or changed, by index."""
        told = {index: (NO_FILE, reason) for index, reason in self._absent.items()}
        told |= {index: (CHANGED, "it changed during the run") for index in self.there if not self.is_kept(index)}
        return tuple(
            EngineError(kind=kind, message=message, path=self._targets[index].path, target=index)
            for index, (kind, message) in sorted(told.items())
        )

    def _mark_now(self, index: int) -> _Mark | None:
        try:
            return _mark(self._targets[index].file.stat())
        except OSError:
            return None


def _mark(status: os.stat_result) -> _Mark:
    return status.st_ino, status.st_size, status.st_mtime_ns
