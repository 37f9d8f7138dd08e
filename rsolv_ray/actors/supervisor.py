"""Who keeps the processes alive?

One detached actor, the root. It turns what it hears into events for `supervision.step`, writes the outcome down, and then
carries out the commands. It decides nothing itself. Word of a death is believed once the process was seen gone.
The root alone is restarted by Ray; it then reads its ledger and adopts the children that live.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, assert_never

import ray
import structlog

from rsolv_ray.actors import ray_metrics, reaper
from rsolv_ray.actors.children import Children, StartError
from rsolv_ray.actors.counting import count_start
from rsolv_ray.actors.ledger import Ledger, is_disk_trouble
from rsolv_ray.actors.names import Address
from rsolv_ray.actors.process import CRASHED, arm_death_signal, identity
from rsolv_ray.actors.recovery import take_over
from rsolv_ray.actors.standing import describe, health
from rsolv_ray.actors.vigil import Vigil
from rsolv_ray.model.errors import Conflict, NotFound, Unavailable
from rsolv_ray.model.report import TreeNode
from rsolv_ray.supervision import step
from rsolv_ray.supervision.messages import (
    Command,
    Died,
    Event,
    Exit,
    GiveUp,
    ProcessIdentity,
    Report,
    Start,
    Started,
    StartFailed,
    StartTree,
    Stop,
    StopTree,
    TryAgain,
    TryLater,
)
from rsolv_ray.supervision.nodes import Node, Phase, Tree
from rsolv_ray.supervision.spec import SupervisorSpec
from rsolv_ray.telemetry import Sample, configure_logging, snapshot

PROBE_EVERY_S = 5.0
DISK_AGAIN_S = 2.0
LEAVING_S = 1.0
"""How long a child that has announced its end may take to go by itself."""
LEDGER = "supervision.sqlite"

log = structlog.get_logger(__name__)


class Supervisor:
    """The root of a tree, as a Ray actor. Its methods do not wait for one another."""

    async def __init__(self, tree: SupervisorSpec, *, data_dir: str, namespace: str, probe_every_s: float) -> None:
        arm_death_signal()
        configure_logging(tree.id)
        ray_metrics.arm(tree.id)
        self._spec, self._data_dir, self._probe_every_s = tree, Path(data_dir), probe_every_s
        self._tree = Tree.of(tree)
        self._children = Children(self._tree.plan, namespace)
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._changed, self._ready = asyncio.Condition(), asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._burying: set[tuple[str, int]] = set()
        self._vigil = Vigil(self._children, namespace, standing=lambda: self._tree, believe=self._believe)
        self._spawn(self._live())

    async def start(self, tree: SupervisorSpec) -> None:
        """Bring the tree up; returns when every child is ready.

        Raises Conflict if another tree runs here, Unavailable with the reason if a child cannot be started.
        """
        if tree != self._spec:
            raise Conflict("another tree runs under this name: stop it first")
        await self._ready.wait()
        self._events.put_nowait(StartTree())
        await self._until(lambda: self._events.empty() and self._tree.root.phase in (Phase.RUNNING, Phase.DOWN))
        if self._tree.root.phase is not Phase.RUNNING:
            raise Unavailable(f"the tree could not be started: {self._tree.root.last_exit}")

    async def stop_tree(self) -> None:
        """Stop all children in reverse order; returns when every process was seen gone."""
        await self._ready.wait()
        self._events.put_nowait(StopTree())
        await self._until(lambda: self._events.empty() and self._tree.root.phase is Phase.DOWN)

    async def whereis(self, child: str, wait_s: float = 0.0, *, after: int = 0) -> Address:
        """Where a child is, waiting up to `wait_s` seconds for one that restarts. `after`: a generation known to be dead.

        Raises NotFound for an id that is not in the tree; Unavailable where it does not run in time.
        """
        if child not in (node.id for node in self._tree.workers()):
            raise NotFound(f"there is no process {child!r} in this tree")
        try:
            async with asyncio.timeout(wait_s):
                await self._ready.wait()
                await self._until(lambda: self._runs(child, after) or health(self._tree) == "degraded")
        except TimeoutError:
            raise Unavailable(f"{child} is {self._node(child).phase}") from None
        if not self._runs(child, after):
            raise Unavailable(f"{child} is down: its supervisor has given up ({self._tree.root.last_exit})")
        return Address(child, self._node(child).generation)

    async def addresses(self, prefix: str = "") -> tuple[Address, ...]:
        """Where the running children are whose ids begin with `prefix`."""
        await self._ready.wait()
        return tuple(Address(node.id, node.generation) for node in self._tree.running() if node.id.startswith(prefix))

    async def tree(self) -> list[TreeNode]:
        await self._ready.wait()
        return [describe(self._tree, time.monotonic()).model_copy(update={"pid": os.getpid()})]

    async def health(self) -> str:
        """`running`, `starting`, `stopping`, `stopped`, `down`, or `degraded`: it gave up and nothing runs any more."""
        await self._ready.wait()
        return health(self._tree)

    async def identity(self) -> ProcessIdentity:
        return identity()

    async def samples(self) -> tuple[Sample, ...]:
        """What the root itself has counted."""
        return snapshot()

    async def report_dead(self, child: str, generation: int) -> None:
        """A caller could not reach this incarnation. It is looked at; the caller's word alone ends nothing."""
        await self._ready.wait()
        await self._vigil.look_at(child, generation)

    async def ended(self, child: str, generation: int, reason: Exit) -> None:
        """A child says that it is about to end, and why."""
        await self._ready.wait()
        self._believe(child, generation, reason, patience_s=LEAVING_S)

    # The loop

    async def _live(self) -> None:
        await self._take_over()
        for job in (self._vigil.watch(), self._vigil.look(), self._vigil.probe(self._probe_every_s)):
            self._spawn(job)
        while True:
            self._hear(await self._events.get())
            async with self._changed:
                self._changed.notify_all()

    async def _take_over(self) -> None:
        root = str(ray.get_runtime_context().get_actor_id())
        while True:
            try:
                self._ledger = Ledger(self._data_dir / LEDGER)
                self._tree, unfinished = await take_over(self._ledger, self._children, self._spec, root=root)
            except sqlite3.OperationalError as error:
                if not is_disk_trouble(error):
                    raise
                log.warning("the supervisor waits for room on the disk", reason=str(error))
            else:
                break
            await asyncio.sleep(DISK_AGAIN_S)
        for one in unfinished:
            if isinstance(one, Stop):
                self._carry_out(one)
            else:
                self._events.put_nowait(one)
        self._ready.set()

    def _hear(self, event: Event) -> None:
        """Decide, write down, act: in this order."""
        before = self._tree
        after, commands = step(before, event, time.monotonic())
        self._ledger.write(node for node in after.nodes.values() if node != before.nodes[node.id])
        self._tree = after
        for command in commands:
            self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        match command:
            case Start():
                count_start(self._node(command.id))
                self._starting[command.id] = self._spawn(self._start(command))
            case Stop():
                self._spawn(self._stop(command))
            case TryLater():
                self._spawn(self._try_later(command))
            case Report():
                who = {"supervisor": command.supervisor, "child": command.child, "generation": command.generation}
                log.warning(command.kind, reason=str(command.reason), **who)
            case GiveUp():
                log.error("the tree has given up: nothing runs any more", reason=str(command.reason))
            case _:
                assert_never(command)

    async def _start(self, command: Start) -> None:
        try:
            process = await self._children.start(command.id, command.generation)
        except StartError as error:
            await self._children.end(command.id, command.generation, None)
            self._events.put_nowait(StartFailed(command.id, command.generation, str(error)))
        else:
            self._events.put_nowait(Started(command.id, command.generation, process))

    async def _stop(self, command: Stop) -> None:
        node = self._node(command.id)
        starting = self._starting.pop(command.id, None)
        if starting and not starting.done():
            starting.cancel()
            await asyncio.wait([starting])
        reason = await self._children.stop(node.id, node.generation, node.process, command.shutdown)
        self._events.put_nowait(Died(node.id, node.generation, reason))

    async def _try_later(self, command: TryLater) -> None:
        await asyncio.sleep(command.delay_s)
        self._events.put_nowait(TryAgain(command.id, command.generation))

    def _believe(self, child: str, generation: int, reason: Exit, *, patience_s: float = 0.0) -> None:
        """Bury a running child; one that is starting or stopping is already being waited for."""
        node = self._tree.nodes.get(child)
        if node is None or (node.generation, node.phase) != (generation, Phase.RUNNING):
            return
        if (child, generation) not in self._burying:
            self._burying.add((child, generation))
            self._spawn(self._bury(node, reason, patience_s))

    async def _bury(self, node: Node, reason: Exit, patience_s: float) -> None:
        if patience_s and node.process and node.process.node_id == reaper.this_node():
            await reaper.gone_within(node.process, patience_s)
        await self._children.end(node.id, node.generation, node.process)
        self._burying.discard((node.id, node.generation))
        self._events.put_nowait(Died(node.id, node.generation, reason))

    def _node(self, child: str) -> Node:
        return self._tree.nodes[child]

    def _runs(self, child: str, after: int) -> bool:
        """Whether a child is ready, newer than `after`, and not about to be buried."""
        node = self._node(child)
        return node.phase is Phase.RUNNING and node.generation > after and (child, node.generation) not in self._burying

    async def _until(self, holds: Any) -> None:
        async with self._changed:
            await self._changed.wait_for(holds)

    def _spawn(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run beside the loop. A job that breaks is a bug: the process ends, and Ray starts the root again."""
        task = asyncio.get_running_loop().create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        bug = None if task.cancelled() else task.exception()
        if bug:
            log.error("the supervisor met a bug and ends", exc_info=bug)
            os._exit(CRASHED)
