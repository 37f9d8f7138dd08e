"""How is a tool run that may hang, swell or crash?

In a process group of its own, which is killed as a whole when the time is up; with limits on CPU time, address space
and output set by `launch.py`; its answer goes to a file, never through an unbounded pipe. One that is slow to start can be
started before it is needed, and wait at a pipe for what it is to work on.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import resource
import selectors
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
_LOOK_EVERY_S = 0.001


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
    running = Running(
        argv,
        output=output,
        cwd=cwd,
        env=env,
        cpu_s=cpu_s,
        address_space_mb=address_space_mb,
        largest_file_mb=largest_file_mb,
    )
    return running.ended(wall_s=wall_s, stall_s=stall_s)


class Running:
    """A tool that was started, with arguments as of `run_limited`. It dies with the thread that started it."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        output: Path,
        cwd: Path,
        env: Mapping[str, str],
        cpu_s: float | None,
        address_space_mb: int,
        largest_file_mb: int = 512,
    ) -> None:
        self._name, self._output = Path(argv[0]).name, output
        cpu = "-" if cpu_s is None else str(math.ceil(cpu_s))
        limits = [str(os.getpid()), cpu, str(address_space_mb), str(largest_file_mb)]
        with output.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", launch.__file__, *limits, *argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=env,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def hand(self, pipe: Path, file: Path, *, within_s: float) -> bool:
        """Let a tool that waits at the named pipe `pipe` read the content of `file`; from then on the file stands in the
        pipe's place, so that it may be read again. False: the tool did not come to read it."""
        until = time.monotonic() + within_s
        while self.is_alive and time.monotonic() < until:
            try:
                gate = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                time.sleep(_LOOK_EVERY_S)
                continue
            content = file.read_bytes()
            file.replace(pipe)
            try:
                return _is_fed(gate, content, until)
            finally:
                os.close(gate)
        return False

    def limit_cpu(self, cpu_s: float) -> None:
        """Let it take so many seconds of CPU time, and no more. Linux has this, for a process that runs."""
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(self.pid, resource.RLIMIT_CPU, (math.ceil(cpu_s), math.ceil(cpu_s)))

    def ended(self, *, wall_s: float, stall_s: float | None = None) -> Ended:
        """Its end, and nothing of it is left. Raises as `run_limited` does."""
        try:
            complaint = self._complaint(wall_s, stall_s)
        finally:
            self.kill()
        return Ended(self._process.returncode, self._output.read_bytes(), complaint.decode("utf-8", "replace"))

    def kill(self) -> None:
        """End it, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _complaint(self, wall_s: float, stall_s: float | None) -> bytes:
        """What the tool says on its standard error until its end."""
        grew, size, until = time.monotonic(), 0, time.monotonic() + wall_s
        while True:
            left = until - time.monotonic()
            try:
                return self._process.communicate(timeout=min(left, _HEAR_EVERY_S))[1]
            except subprocess.TimeoutExpired:
                now, is_of = time.monotonic(), self._output.stat().st_size
                if now >= until:
                    raise Stopped(f"{self._name} was stopped: it did not end within {wall_s:g} s") from None
                if is_of > size:
                    grew, size = now, is_of
                elif stall_s is not None and now - grew >= stall_s:
                    raise Stopped(
                        f"{self._name} was stopped: it made no progress for {stall_s:g} s", hung=True
                    ) from None


def _is_fed(gate: int, content: bytes, until: float) -> bool:
    """Was all of it taken in time by whoever reads at the other end?"""
    with selectors.DefaultSelector() as selector:
        selector.register(gate, selectors.EVENT_WRITE)
        while content:
            left = until - time.monotonic()
            if left <= 0 or not selector.select(left):
                return False
            try:
                content = content[os.write(gate, content) :]
            except BrokenPipeError:
                return False
    return True
