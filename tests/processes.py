"""Has a process ended?"""

from __future__ import annotations

import time

import psutil

__all__ = ["ends_soon", "has_ended"]


def has_ended(pid: int) -> bool:
    """A zombie has: only its parent has not looked yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def ends_soon(pid: int, within_s: float = 5.0) -> bool:
    """The system takes a moment to end a process that is killed."""
    until = time.monotonic() + within_s
    while not has_ended(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
