"""How is the engine's start kept out of the way of whoever asks?

The core takes a tenth of a second to start, which is most of a short run. So one is started ahead, and waits until whoever
asks has written its rules and targets; the next one starts when its work is done. It waits at the last file that it reads before its
rules: that of trusted certificates (`SSL_CERT_FILE`), of which it makes no use here and which is a named pipe at first. One
that has ended, or does not come to read, is passed over: the run then starts an engine of its own.
Source: the order in which semgrep-core 1.182 opens its files, seen with strace; fifo(7).
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from rsolv_ray.engine.surroundings import CERTIFICATES, some_certificates
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.tools import Running

__all__ = ["Spare", "Standby"]

_TO_COME_S = 2.0
"""So long after its start may an engine take to come to its pipe."""


@dataclass(frozen=True, slots=True)
class Spare:
    """An engine that waits, and the folder in which it will work."""

    folder: Path
    running: Running

    def begin(self, *, cpu_s: float) -> bool:
        """Let it go on: all that it is to read has to be there. False: it does not come, and is ended."""
        self.running.limit_cpu(cpu_s)
        certificates = self.folder / "certificates"
        certificates.write_text(some_certificates(), encoding="ascii")
        if self.running.hand(self.folder / CERTIFICATES, certificates, within_s=_TO_COME_S):
            return True
        self.running.kill()
        return False

    def end(self) -> None:
        """Nothing of it stays."""
        self.running.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Standby:
    """Keeps `count` engines waiting; for several threads.

    Args:
        start: starts an engine in a folder that is empty but for its pipe.
        count: how many wait. None do on systems that cannot limit a process that runs.
    """

    def __init__(self, start: Callable[[Path], Running], count: int) -> None:
        self._start, self._count = start, count if sys.platform.startswith("linux") else 0
        self._spares: deque[Future[Spare]] = deque()
        self._at_work = 0
        self._lock = threading.Lock()
        self._is_open = True
        self._replenish()
        atexit.register(self.close)

    @contextmanager
    def taken(self) -> Iterator[Spare | None]:
        """One that waits, which is ended afterwards; None where none does.

        Others are started when all that were taken are back: their start would slow down those that are at work.
        """
        with self._lock:
            spare = self._spares.popleft() if self._spares else None
            self._at_work += 1
        ready = None if spare is None else _alive(spare)
        try:
            yield ready
        finally:
            if ready is not None:
                ready.end()
            with self._lock:
                self._at_work -= 1
                self._replenish()

    def settle(self) -> None:
        """Wait until all that are to wait do, where none is at work."""
        with self._lock:
            starting = list(self._spares)
        wait(starting)

    def _replenish(self) -> None:
        while self._is_open and not self._at_work and len(self._spares) < self._count:
            self._spares.append(_starter().submit(self._started))

    def close(self) -> None:
        """End those that wait; none is started any more."""
        atexit.unregister(self.close)
        with self._lock:
            self._is_open = False
            left, self._spares = self._spares, deque()
        for spare in left:
            if not spare.cancel() and spare.exception() is None:
                spare.result().end()

    def _started(self) -> Spare:
        folder = Path(mkdtemp(prefix="rsolv-engine-"))
        try:
            os.mkfifo(folder / CERTIFICATES)
            return Spare(folder, self._start(folder))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


@cache
def _starter() -> ThreadPoolExecutor:
    """One thread for all: a tool dies with the thread that started it, and this one lasts as long as the process."""
    return ThreadPoolExecutor(1, thread_name_prefix="engine-standby")


def _alive(spare: Future[Spare]) -> Spare | None:
    try:
        ready = spare.result()
    except (OSError, ToolFailed):
        return None
    if ready.running.is_alive:
        return ready
    ready.end()
    return None
