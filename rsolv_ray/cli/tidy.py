"""What does a command leave in the temporary folder when it is ended from outside?

Nothing, where it is asked to end: SIGTERM and SIGHUP end it as SIGINT does, so that its tools are ended and its files go.
Runs of the engine that others wait for may hold that up; then it ends without them, and they end with it. What a killed
one left is removed by the next that comes, as `tools.scratch` says.
Source: bash(1): the exit status of a command that a signal n has ended is 128+n; nohup(1) lets SIGHUP be ignored.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from rsolv_ray.tools.scratch import clear_away, scratch

__all__ = ["tidy"]

_ASKED = (signal.SIGTERM, signal.SIGHUP)
_GRACE_S = 3.0
"""So long may an orderly end take."""


@contextmanager
def tidy() -> Iterator[None]:
    """All temporary files that are made meanwhile are gone afterwards. For the main thread.

    Raises:
        SystemExit: it was asked to end by a signal; the code is 128 and the signal's number.
    """
    clear_away()
    with scratch() as folder, _ending(folder):
        yield


@contextmanager
def _ending(folder: Path) -> Iterator[None]:
    asked: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        asked.append(number)
        late = threading.Timer(_GRACE_S, _end_now, (folder, 128 + number))
        late.daemon = True
        late.start()
        raise SystemExit(128 + number)

    before = _handled(end)
    try:
        yield
    finally:
        # What was asked to end goes on to its end: being asked once more, it must not leave half of it.
        for one, handler in before.items() if not asked else ():
            signal.signal(one, handler)


def _handled(end: Callable[[int, FrameType | None], None]) -> dict[signal.Signals, Any]:
    """What handled the signals before; those that are ignored stay so."""
    heeded = [one for one in _ASKED if signal.getsignal(one) is not signal.SIG_IGN]
    return {one: signal.signal(one, end) for one in heeded}


def _end_now(folder: Path, code: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(code)
