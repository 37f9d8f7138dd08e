"""How do many fixes become rules, one line in and one line out?

One answer for each request line, in the order of the requests, written as soon as it and all before it are ready:
    in   {"id", "language", "cwe": [..], "fixes": [{"path", "before", "after"}, ..]}
    out  {"id", "rules": [<Semgrep rule>, ..], "elapsed_s", "reason"}      or      {"error", "line"}
Each item runs in a process of its own pool place. One that crashes its process, or runs out of time, costs that
item alone: it is answered with a reason, and the next item finds a fresh process.
"""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import Queue, SimpleQueue
from typing import TYPE_CHECKING, BinaryIO, TextIO

from rsolv_ray.cli.batch_item import serve_items
from rsolv_ray.model.noun import JsonObject

if TYPE_CHECKING:
    from rsolv_ray.scanning.clean import CleanCode

MAX_LINE_BYTES = 32 * 2**20
LOOK_AHEAD = 4
"""How many requests for each worker are read before their answers are written."""


@dataclass(frozen=True)
class Unreadable:
    """A line that is no request. Lines count from 1."""

    error: str
    line: int


class Worker:
    """One child process that answers one item at a time."""

    def __init__(self, item_timeout_s: float, clean: CleanCode | None = None) -> None:
        self._item_timeout_s, self._clean = item_timeout_s, clean
        self._child: tuple[BaseProcess, Connection] | None = None

    def ask(self, request: JsonObject) -> JsonObject:
        """The answer to a request: the child's own, or the reason why it gave none."""
        process, pipe = self._child or self._start()
        try:
            pipe.send(request)
            if pipe.poll(self._item_timeout_s):
                return pipe.recv()
            reason = f"it took longer than {self._item_timeout_s:g} s"
        except (EOFError, BrokenPipeError, ConnectionResetError):
            process.join()
            reason = f"its process ended without an answer (exit code {process.exitcode})"
        self.close()
        return {"id": request["id"], "rules": [], "reason": reason}

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            process, _ = self._child
            self._child = None
            process.kill()
            process.join()

    def _start(self) -> tuple[BaseProcess, Connection]:
        # Spawned, not forked: there are threads here, and the engine's children are tied to their parent's life.
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=serve_items, args=(theirs, self._clean), daemon=True)
        process.start()
        theirs.close()
        self._child = process, ours
        return self._child


def synthesize_batch(
    requests: BinaryIO,
    answers: TextIO,
    *,
    workers: int,
    item_timeout_s: float,
    clean: CleanCode | None = None,
) -> None:
    """Answer every line of `requests` on `answers`, in order, until the input ends. Rules have to be quiet on `clean`."""
    waiting: Queue[Future[JsonObject] | None] = Queue(maxsize=workers * LOOK_AHEAD)
    free: SimpleQueue[Worker] = SimpleQueue()
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(workers, thread_name_prefix="item"))
        for _ in range(workers):
            worker = Worker(item_timeout_s, clean)
            stack.callback(worker.close)
            free.put(worker)
        # The reader has a thread of its own: an answer must not wait until the asker sends another line.
        arguments = (requests, waiting, threads, free)
        threading.Thread(target=_read_all, args=arguments, name="reader", daemon=True).start()
        while (future := waiting.get()) is not None:
            answers.write(json.dumps(future.result()) + "\n")
            answers.flush()


def _read_all(
    requests: BinaryIO,
    waiting: Queue[Future[JsonObject] | None],
    threads: ThreadPoolExecutor,
    free: SimpleQueue[Worker],
) -> None:
    try:
        for request in read_requests(requests):
            if isinstance(request, Unreadable):
                answered: Future[JsonObject] = Future()
                answered.set_result({"error": request.error, "line": request.line})
                waiting.put(answered)
            else:
                waiting.put(threads.submit(_ask_a_free_one, free, request))
    finally:
        waiting.put(None)


def _ask_a_free_one(free: SimpleQueue[Worker], request: JsonObject) -> JsonObject:
    worker = free.get()
    started = time.monotonic()
    answer = worker.ask(request)
    free.put(worker)
    return {**answer, "elapsed_s": round(time.monotonic() - started, 3)}


def read_requests(lines: BinaryIO) -> Iterator[JsonObject | Unreadable]:
    """The requests, each with an `id` (None where it has none)."""
    number = 0
    while line := lines.readline(MAX_LINE_BYTES):
        number += 1
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            _skip_line(lines)
            yield Unreadable(f"the line is longer than {MAX_LINE_BYTES} bytes", number)
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Unreadable(f"no JSON: {error}", number)
            continue
        yield {"id": None, **value} if isinstance(value, dict) else Unreadable("no JSON object", number)


def _skip_line(lines: BinaryIO) -> None:
    while (rest := lines.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass
