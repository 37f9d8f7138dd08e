"""How is a tool kept that answers one question after another?

It is started like one that is run once, within the limits of `launch.py`, in a process group of its own that dies with us. A
question and its answer are packets: the length in bytes as a line of digits, then so many bytes. A tool that does not
answer in time, answers too much or ends is killed; whoever asks starts another.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.tools import launch
from rsolv_ray.tools.limited import Stopped

_LARGEST_ANSWER = 16 << 20
_LONGEST_HEADER = 20
_TO_EXIT_S = 0.5


class BrokenOff(ToolFailed):
    """A tool ended instead of answering. `code` is its exit status, negative for the signal that killed it."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Conversation:
    """One tool, running. Not for several threads at once.

    Args:
        argv: the tool, an absolute path first; `cwd` and `env` are all of its surroundings.
        address_space_mb: MiB of address space for each of its processes; `largest_file_mb` MiB for a file it writes.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        address_space_mb: int,
        largest_file_mb: int = 16,
    ) -> None:
        self._name = Path(argv[0]).name
        limits = [str(os.getpid()), "-", str(address_space_mb), str(largest_file_mb)]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", launch.__file__, *limits, *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
        self._question: IO[bytes] = _open(self._process.stdin)
        self._answer: IO[bytes] = _open(self._process.stdout)
        os.set_blocking(self._answer.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, question: bytes, *, wall_s: float) -> bytes:
        """The answer to a question of at most a few kilobytes. After an error the conversation is over.

        Raises:
            Stopped: there was no answer within `wall_s` seconds.
            BrokenOff: the tool ended.
            ToolFailed: what came is no answer.
        """
        until = time.monotonic() + wall_s
        try:
            self._question.write(b"%d\n%s" % (len(question), question))
            self._question.flush()
            header = self._read(until, lambda data: b"\n" in data or len(data) > _LONGEST_HEADER)
            size, begun = self._size(header)
            return self._read(until, lambda data: len(data) >= size, begun)
        except BrokenPipeError:
            raise self._ended() from None
        except ToolFailed:
            self.close()
            raise

    def _size(self, header: bytes) -> tuple[int, bytes]:
        """The size of the answer, and what has come of it."""
        size, _, begun = header.partition(b"\n")
        if not size.isdigit() or len(size) > _LONGEST_HEADER or int(size) > _LARGEST_ANSWER:
            raise ToolFailed(f"{self._name} answered in an unknown form: {header[:60]!r}")
        return int(size), begun

    def _read(self, until: float, is_enough: Callable[[bytearray], bool], begun: bytes = b"") -> bytes:
        data = bytearray(begun)
        with selectors.DefaultSelector() as selector:
            selector.register(self._answer, selectors.EVENT_READ)
            while not is_enough(data):
                left = until - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise Stopped(f"{self._name} was stopped: it did not answer in time", hung=True)
                piece = os.read(self._answer.fileno(), 1 << 16)
                if not piece:
                    raise self._ended()
                data += piece
        return bytes(data)

    def _ended(self) -> BrokenOff:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_TO_EXIT_S)
        code = self.close()
        return BrokenOff(f"{self._name} ended with status {code} instead of answering", code)

    def close(self) -> int:
        """End it, and give its exit status; nothing of its process group is left."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for stream in (self._question, self._answer):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        return self._process.wait()


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream
