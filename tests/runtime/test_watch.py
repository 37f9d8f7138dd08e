"""Does Ray still tell of actors and their deaths in the way that `actors/watch.py` reads?"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest
import ray

from rsolv_ray.actors import watch
from rsolv_ray.actors.names import NAMESPACE
from rsolv_ray.supervision.messages import ExitKind

pytestmark = pytest.mark.usefixtures("ray_cluster")


class Somebody:
    async def pid(self) -> int:
        return os.getpid()

    async def leave(self) -> None:
        ray.actor.exit_actor()


def appear(name: str) -> Any:
    actor: Any = ray.remote(Somebody)
    return actor.options(name=name, lifetime="detached", num_cpus=0).remote()


async def _next_death(name: str) -> watch.Sighting:
    async for seen in watch.deaths(NAMESPACE):
        if seen.name == name:
            return seen
    raise AssertionError("the channel ended")


@pytest.mark.parametrize(
    ("how", "kind"), [("signal", ExitKind.CRASH), ("exit_actor", ExitKind.NORMAL), ("ray.kill", ExitKind.KILLED)]
)
async def test_a_death_is_heard_with_its_reason(how: str, kind: ExitKind) -> None:
    actor = appear(f"heard/{how}#1")
    pid = await actor.pid.remote()
    hearing = asyncio.create_task(_next_death(f"heard/{how}#1"))
    await asyncio.sleep(0.3)
    match how:
        case "signal":
            os.kill(pid, signal.SIGKILL)
        case "exit_actor":
            actor.leave.remote()
        case _:
            ray.kill(actor)
    seen = await asyncio.wait_for(hearing, 3.0)
    assert (seen.pid, seen.exit and seen.exit.kind) == (pid, kind)


async def test_the_table_tells_the_living_from_the_dead() -> None:
    actor = appear("table/0#1")
    pid = await actor.pid.remote()
    (living,) = [seen for seen in watch.sightings(NAMESPACE) if seen.name == "table/0#1"]
    assert (living.pid, living.exit, living.died_at) == (pid, None, None)
    assert living.node_id == ray.get_runtime_context().get_node_id()
    assert not watch.is_known_dead(actor)
    ray.kill(actor)
    async with asyncio.timeout(3.0):
        while not watch.is_known_dead(actor):
            await asyncio.sleep(0.01)
    (dead,) = [seen for seen in watch.sightings(NAMESPACE) if seen.name == "table/0#1"]
    assert dead.exit is not None
    assert dead.died_at is not None


async def test_without_the_channel_there_is_nothing_to_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "GcsAioActorSubscriber", None)
    assert [seen async for seen in watch.deaths(NAMESPACE)] == []
