"""How does a plain class live as a supervised process?

A child's class knows nothing of Ray. Its conventions:

- `__init__(**args)` keeps its arguments and cannot fail;
- `async start(generation)` does the real work: files, locks, loops. When it returns, the child is ready;
- `async stop()` finishes or lets go of what is under way and closes;
- its other methods are async, public, and called by name through `Directory`;
- optional: `async healthy()`, False once it cannot do its work any more; `async run()`, its own work beside the calls: when
  that returns, the process has ended normally.

An exception that is none of `model/errors.py` is a bug: the caller is told, and the process crashes and is supervised.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import psutil
import ray
import structlog
from ray.exceptions import RayError

from rsolv_ray.actors import ray_metrics
from rsolv_ray.actors.names import actor_name
from rsolv_ray.model.errors import Rejected, RsolvError, Unavailable
from rsolv_ray.supervision.messages import Exit, ExitKind, ProcessIdentity
from rsolv_ray.supervision.spec import StartSpec
from rsolv_ray.telemetry import Sample, configure_logging, snapshot

HEALTH_GROUP = "health"
CRASHED = 70
"""Exit status of a process that met a bug: EX_SOFTWARE of sysexits.h."""
_PR_SET_PDEATHSIG = 1
_ANSWER_S = 0.1
"""How long a crashing process stays so that its caller's answer gets out."""
_TELLINGS = {ExitKind.NORMAL: 30, ExitKind.CRASH: 1}
"""How often a process tries to tell the supervisor why it ends. Untold, a normal end would pass for a crash."""
_TELL_AGAIN_S = 1.0

log = structlog.get_logger(__name__)


def identity() -> ProcessIdentity:
    """This process."""
    return ProcessIdentity(os.getpid(), psutil.Process().create_time(), ray.get_runtime_context().get_node_id())


def arm_death_signal() -> None:
    """End this process with its raylet: an actor that outlives it would go on holding its files.

    The kernel does it on Linux, in milliseconds; elsewhere the parent is looked at every second.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    if parent == 1 or os.getppid() != parent:
        os._exit(CRASHED)


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(CRASHED)


@dataclass(frozen=True)
class Launch:
    """What a process is to be: an incarnation of a child, and the supervisor that it belongs to."""

    id: str
    generation: int
    start: StartSpec
    supervisor: str
    namespace: str


class Process:
    """The body of a child's Ray actor. Its class is imported here, so that the supervisor need not."""

    def __init__(self, launch: Launch) -> None:
        arm_death_signal()
        configure_logging(launch.id)
        ray_metrics.arm(launch.id)
        self._launch = launch
        self._ending: asyncio.Task[None] | None = None
        self._running: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        """What Ray calls this actor in its dashboard, beside the class, which is the same for all."""
        return actor_name(self._launch.id, self._launch.generation)

    async def start(self) -> ProcessIdentity:
        """Bring the child up; whatever this raises is a failed start."""
        module, name = self._launch.start.class_path.split(":")
        self._loop = asyncio.get_running_loop()
        self._child: Any = getattr(import_module(module), name)(**self._launch.start.args)
        await self._child.start(self._launch.generation)
        if hasattr(self._child, "run"):
            self._running = self._loop.create_task(self._see_through(self._child.run()))
        return identity()

    async def call(self, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Have the child do something.

        Raises Rejected where it has no such method; the families of errors that the child raises; and, after which the
        process ends, anything else.
        """
        act = None if method.startswith("_") else getattr(self._child, method, None)
        if act is None:
            raise Rejected(f"{self._launch.id} does not know how to {method}")
        try:
            return await act(*args, **named)
        except RsolvError:
            raise
        except Exception as bug:
            self._crash(bug)
            raise

    @ray.method(concurrency_group=HEALTH_GROUP)
    async def ping(self) -> int:
        """The generation, if the loop on which the child works turns and the child says that it is healthy.

        Asked on a thread of its own, so that a thousand calls under way cannot keep it waiting.
        """
        feeling = asyncio.run_coroutine_threadsafe(self._feels(), self._loop)
        if not await asyncio.wrap_future(feeling):
            raise Unavailable(f"{self._launch.id} says that it is not healthy")
        return self._launch.generation

    @ray.method(concurrency_group=HEALTH_GROUP)
    async def samples(self) -> tuple[Sample, ...]:
        """What this process has counted, asked beside the calls under way as `ping` is."""
        return snapshot()

    async def stop(self) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._child.stop()

    async def _feels(self) -> bool:
        return not hasattr(self._child, "healthy") or await self._child.healthy()

    async def _see_through(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as bug:
            self._crash(bug)
            raise
        self._ending = self._loop.create_task(self._end(Exit(ExitKind.NORMAL), status=0))

    def _crash(self, bug: Exception) -> None:
        log.error("a child met a bug and ends", child=self._launch.id, generation=self._launch.generation, exc_info=bug)
        reason = Exit(ExitKind.CRASH, f"{type(bug).__name__}: {bug}"[:500])
        if self._ending is None:
            self._ending = self._loop.create_task(self._end(reason, status=CRASHED))

    async def _end(self, reason: Exit, *, status: int) -> None:
        """Tell the supervisor why, if it can be told in time; then go. Answers that are under way get a moment."""
        for _ in range(_TELLINGS[reason.kind]):
            told = await self._told(reason)
            await asyncio.sleep(_ANSWER_S if told else _TELL_AGAIN_S)
            if told:
                break
        os._exit(status)

    async def _told(self, reason: Exit) -> bool:
        try:
            supervisor: Any = ray.get_actor(self._launch.supervisor, namespace=self._launch.namespace)
            async with asyncio.timeout(1.0):
                await supervisor.ended.remote(self._launch.id, self._launch.generation, reason)
        except (RayError, ValueError, TimeoutError) as error:
            log.warning("the supervisor cannot be told of an end", child=self._launch.id, reason=repr(error))
            return False
        return True
