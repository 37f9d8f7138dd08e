"""How is a tool run that may hang, swell or crash?

In a process group of its own, which is killed as a whole when the time is up; with limits on CPU time, address space
and output set by `launch.py`; its answer goes to a file, never through an unbounded pipe.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.tools import launch

CANNOT_START = launch.CANNOT_START
"""The exit status of a tool that is not there, or cannot be started."""


_HEAR_EVERY_S = 0.2
"""So often Python is let in while a tool runs: to hear that this process is to stop, and to see the tool's progress."""


class Stopped(ToolFailed):
    """A tool was ended because its time was up, or before that because it hung."""

    def __init__(self, message: str, *, hung: bool = False) -> None:
        super().__init__(message)
        self.hung = hung


@dataclass(frozen=True, slots=True)
class Ended:
    """A tool that ended by itself. `code` is its exit status, negative for the signal that killed it."""

    code: int
    output: bytes
    complaint: str


def run_limited(
    argv: Sequence[str],
    *,
    output: Path,
    cwd: Path,
    env: Mapping[str, str],
    wall_s: float,
    cpu_s: float | None,
    address_space_mb: int,
    largest_file_mb: int = 512,
    stall_s: float | None = None,
) -> Ended:
    """Run `argv` (an absolute path first) with its standard output going to the file `output`.

    `address_space_mb` holds for each of its processes, `largest_file_mb` for each file that it writes; both in MiB.
    A tool that adds nothing to its output for `stall_s` seconds is taken to hang (None: it may be silent).

    Raises:
        Stopped: the time was up, or the tool hung, and nothing of the process group is left.
    """
    cpu = "-" if cpu_s is None else str(math.ceil(cpu_s))
    limits = [str(os.getpid()), cpu, str(address_space_mb), str(largest_file_mb)]
    starter = [sys.executable, "-I", "-S", launch.__file__, *limits, *argv]
    with output.open("wb") as out:
        process = subprocess.Popen(
            starter,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
        try:
            complaint = _complaint(Path(argv[0]).name, process, output, wall_s, stall_s)
        finally:
            _end(process)
    return Ended(process.returncode, output.read_bytes(), complaint.decode("utf-8", "replace"))


def _complaint(
    name: str, process: subprocess.Popen[bytes], output: Path, wall_s: float, stall_s: float | None
) -> bytes:
    """What the tool says on its standard error until its end."""
    grew, size, until = time.monotonic(), 0, time.monotonic() + wall_s
    while True:
        left = until - time.monotonic()
        try:
            return process.communicate(timeout=min(left, _HEAR_EVERY_S))[1]
        except subprocess.TimeoutExpired:
            now, is_of = time.monotonic(), output.stat().st_size
            if now >= until:
                raise Stopped(f"{name} was stopped: it did not end within {wall_s:g} s") from None
            if is_of > size:
                grew, size = now, is_of
            elif stall_s is not None and now - grew >= stall_s:
                raise Stopped(f"{name} was stopped: it made no progress for {stall_s:g} s", hung=True) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
