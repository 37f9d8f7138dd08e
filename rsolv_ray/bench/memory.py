"""How much memory does the service take? The proportional set size of its processes: shared pages count once in all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

_MIB = 2**20
_SAMPLED_EVERY_S = 0.05
Result = TypeVar("Result")


def peak_pss_mib(work: Callable[[], Result], *, with_own: bool) -> tuple[Result, float]:
    """What `work` gives, and the most MiB that was seen of the processes that it started; `with_own` of this one, too.

    Seen every 0.05 s, which costs time: what is measured so is not timed.
    """
    over, most = threading.Event(), [0.0]

    def watch() -> None:
        own = psutil.Process()
        while not over.wait(_SAMPLED_EVERY_S):
            seen = [*_children(own), *([own] if with_own else [])]
            most.append(sum(size for size in map(_pss, seen) if size is not None) / _MIB)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        result = work()
    finally:
        over.set()
        watching.join()
    return result, max(most)


def pss_mib(folder: Path) -> tuple[float, int]:
    """MiB of all processes that this one started, and of those that name `folder` in their command line; how many.

    The second kind are Ray's processes that no longer hang below the one that started them.
    """
    own = psutil.Process()
    found = {one.pid: one for one in own.children(recursive=True)}
    for one in psutil.process_iter():
        if one.pid != own.pid and one.pid not in found and _names(one, folder):
            found[one.pid] = one
            found |= {child.pid: child for child in _children(one)}
    sizes = [size for size in map(_pss, found.values()) if size is not None]
    return sum(sizes) / _MIB, len(sizes)


def _names(process: psutil.Process, folder: Path) -> bool:
    try:
        return any(str(folder) in part for part in process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _pss(process: psutil.Process) -> int | None:
    """Bytes; None for a process that has just ended."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return None
