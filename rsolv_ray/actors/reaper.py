"""Is a process gone, and how is it made to go?

Ray's word that an actor is dead is no proof: a stopped process outlives it by seconds and keeps its locks. A process is
gone when its pid is free, belongs to a later process, or is a zombie, which holds nothing any more.
"""

from __future__ import annotations

import asyncio
import os
import signal

import psutil
import ray
import structlog
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rsolv_ray.supervision.messages import ProcessIdentity

CLOCK_SLACK_S = 2.0
"""Start times are told by a clock that may be set; no pid comes round again this fast."""
FIRST_LOOK_S, LONGEST_LOOK_S, COMPLAIN_AFTER_S = 0.001, 0.05, 10.0

log = structlog.get_logger(__name__)


def this_node() -> str:
    """The id of the Ray node that this process is on."""
    return ray.get_runtime_context().get_node_id()


def identify(pid: int, node_id: str) -> ProcessIdentity | None:
    """The process that has a pid now, or None; None too for another node, where Ray alone can look."""
    if node_id != this_node():
        return None
    try:
        return ProcessIdentity(pid, psutil.Process(pid).create_time(), node_id)
    except psutil.NoSuchProcess:
        return None


def exists(process: ProcessIdentity) -> bool:
    """Whether a process of this node still runs, or is stopped."""
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.started_at) < CLOCK_SLACK_S
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def end(process: ProcessIdentity) -> None:
    """Kill a process, wherever it is, and return once it was seen gone. A node that is no more has no processes."""
    if process.node_id == this_node():
        await end_here(process)
        return
    there = NodeAffinitySchedulingStrategy(process.node_id, soft=False)
    try:
        await _end_there.options(scheduling_strategy=there).remote(process)
    except RayError as error:
        log.warning("a process's node does not answer and is taken for gone", process=process, reason=repr(error))


async def end_here(process: ProcessIdentity) -> None:
    """`end` for a process of this node."""
    waited_s, look_s = 0.0, FIRST_LOOK_S
    while exists(process):
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        await asyncio.sleep(look_s)
        waited_s, look_s = waited_s + look_s, min(2 * look_s, LONGEST_LOOK_S)
        if waited_s > COMPLAIN_AFTER_S:
            log.error("a killed process does not go", process=process)
            waited_s = 0.0


async def gone_within(process: ProcessIdentity, wait_s: float) -> bool:
    """Whether a process of this node ends by itself in time."""
    for _ in range(round(wait_s / LONGEST_LOOK_S)):
        if not exists(process):
            break
        await asyncio.sleep(LONGEST_LOOK_S)
    return not exists(process)


@ray.remote(num_cpus=0, max_retries=3)
def _end_there(process: ProcessIdentity) -> None:
    asyncio.run(end_here(process))
