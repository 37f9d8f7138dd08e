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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.tools import launch

CANNOT_START = launch.CANNOT_START
"""The exit status of a tool that is not there, or cannot be started."""


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
) -> Ended:
    """Run `argv` (an absolute path first) with its standard output going to the file `output`.

    `address_space_mb` holds for each of its processes, `largest_file_mb` for each file that it writes; both in MiB.

    Raises:
        ToolFailed: the time was up, and nothing of the process group is left.
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
            complaint = process.communicate(timeout=wall_s)[1]
        except subprocess.TimeoutExpired:
            raise ToolFailed(f"{Path(argv[0]).name} was stopped: it did not end within {wall_s:g} s") from None
        finally:
            _end(process)
    return Ended(process.returncode, output.read_bytes(), complaint.decode("utf-8", "replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
