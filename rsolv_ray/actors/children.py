"""How is a child's process started, asked, stopped and ended?

Each incarnation is a detached Ray actor of its own, named with its generation and never restarted by Ray. Started means that
it answered; stopped means asked, waited for, then killed; ended means that its process was seen gone.
"""

from __future__ import annotations

import asyncio
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayActorError, RayError

from rsolv_ray.actors import reaper
from rsolv_ray.actors.names import actor_name
from rsolv_ray.actors.process import HEALTH_GROUP, Launch, Process
from rsolv_ray.actors.watch import in_words, sightings
from rsolv_ray.supervision.messages import Exit, ExitKind, ProcessIdentity
from rsolv_ray.supervision.nodes import Plan
from rsolv_ray.supervision.spec import Shutdown

LOOK_S = 0.02


class StartError(Exception):
    """A child did not become ready."""


class Children:
    """The processes of one tree, as Ray actors."""

    def __init__(self, plan: Plan, namespace: str) -> None:
        self._plan, self._namespace = plan, namespace
        as_actor: Any = ray.remote
        self._actor: Any = as_actor(concurrency_groups={HEALTH_GROUP: 2})(Process)
        self._handles: dict[str, tuple[int, ActorHandle]] = {}

    async def start(self, child: str, generation: int) -> ProcessIdentity:
        """Start one incarnation and wait until it is ready. Raises StartError; something may be left of it then."""
        spec = self._plan.child(child)
        launch = Launch(child, generation, spec.start, self._plan.root.id, self._namespace)
        options = {
            "num_cpus": 0,
            **spec.start.options,
            "name": actor_name(child, generation),
            "namespace": self._namespace,
            "lifetime": "detached",
            "max_restarts": 0,
        }
        try:
            handle = self._actor.options(**options).remote(launch)
            self._handles[child] = (generation, handle)
            async with asyncio.timeout(spec.start_timeout_s):
                return await handle.start.remote()
        except TimeoutError:
            raise StartError(f"not ready within {spec.start_timeout_s:g} s") from None
        except (RayError, ValueError, TypeError) as error:
            raise StartError(in_words(error)) from error

    def adopt(self, child: str, generation: int) -> None:
        """Take over an incarnation that an earlier root process started, if Ray still has it."""
        handle = self._find(child, generation)
        if handle:
            self._handles[child] = (generation, handle)

    async def ping(self, child: str, generation: int) -> None:
        """Returns if the child feels well. Raises RayTaskError if it says otherwise, RayActorError if it cannot say."""
        answer = await self._handle(child, generation).ping.remote()
        assert answer == generation

    async def stop(self, child: str, generation: int, process: ProcessIdentity | None, shutdown: Shutdown) -> Exit:
        """Stop one incarnation, and say how it went once its process is gone."""
        reason = await self._ask_to_stop(child, generation, process, shutdown)
        await self.end(child, generation, process)
        return reason

    async def _ask_to_stop(
        self, child: str, generation: int, process: ProcessIdentity | None, shutdown: Shutdown
    ) -> Exit:
        if shutdown == "brutal" or process is None:
            return Exit(ExitKind.KILLED)
        try:
            async with asyncio.timeout(None if shutdown == "infinity" else float(shutdown)):
                await self._handle(child, generation).stop.remote()
        except TimeoutError:
            return Exit(ExitKind.KILLED, f"did not stop within {shutdown} s")
        except RayError as error:
            return Exit(ExitKind.CRASH, f"while it stopped: {in_words(error)}")
        return Exit(ExitKind.SHUTDOWN)

    async def end(self, child: str, generation: int, process: ProcessIdentity | None) -> None:
        """Kill one incarnation, whatever there is of it, and return once it was seen gone."""
        handle = self._find(child, generation)
        if handle:
            ray.kill(handle, no_restart=True)
        if process:
            await reaper.end(process)
        else:
            await self._end_unrecorded(actor_name(child, generation))

    async def _end_unrecorded(self, name: str) -> None:
        """A process that never said who it is is found through Ray's table, until Ray too calls it dead."""
        while True:
            found = [one for one in await asyncio.to_thread(sightings, self._namespace) if one.name == name]
            for one in found:
                process = reaper.identify(one.pid, one.node_id) if one.pid else None
                if process and (one.died_at is None or process.started_at < one.died_at):
                    await reaper.end(process)
            if all(one.exit for one in found):
                return
            await asyncio.sleep(LOOK_S)

    def _handle(self, child: str, generation: int) -> Any:
        handle = self._find(child, generation)
        if handle is None:
            raise RayActorError(error_msg=f"Ray does not have {actor_name(child, generation)}")
        return handle

    def _find(self, child: str, generation: int) -> Any:
        known, handle = self._handles.get(child, (0, None))
        if known == generation:
            return handle
        try:
            return ray.get_actor(actor_name(child, generation), namespace=self._namespace)
        except ValueError:
            return None
