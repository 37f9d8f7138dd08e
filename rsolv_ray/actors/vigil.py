"""How is a death learned of?

In four ways, for none is enough: Ray's channel tells within milliseconds but may miss one; a look at Ray's table and at the
processes, every other second, misses none; a probe that goes unanswered finds the process that hangs; and a caller that
could not reach somebody says so. What is learned here is only word of a death; whoever believes it sees the process gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from ray.exceptions import RayActorError, RayTaskError

from rsolv_ray.actors import reaper
from rsolv_ray.actors.children import Children
from rsolv_ray.actors.names import actor_name, parse_actor_name
from rsolv_ray.actors.watch import Sighting, deaths, in_words, sightings
from rsolv_ray.supervision.messages import Exit, ExitKind
from rsolv_ray.supervision.nodes import Node, Phase, Tree

LOOK_EVERY_S = 2.0
MISSES = 3

Believe = Callable[[str, int, Exit], None]


class Vigil:
    """Watches over the children of one tree and passes on what it learns: id, generation, and why it ended."""

    def __init__(self, children: Children, namespace: str, *, standing: Callable[[], Tree], believe: Believe) -> None:
        self._children, self._namespace = children, namespace
        self._standing, self._believe = standing, believe
        self._misses: dict[tuple[str, int], int] = {}

    async def watch(self) -> None:
        """Hear of deaths as they happen."""
        async for seen in deaths(self._namespace):
            known = parse_actor_name(seen.name)
            node = self._standing().nodes.get(known[0]) if known else None
            if known and seen.exit and node and node.process and node.process.pid == seen.pid:
                self._believe(*known, seen.exit)

    async def look(self) -> None:
        """Compare what should run with what does, every other second, and end what should not."""
        while True:
            running = self._standing().running()
            table = await self._table()
            self._compare(running, table)
            for child, generation in self._strays(table.values()):
                await self._children.end(child, generation, None)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look_at(self, child: str, generation: int) -> None:
        """Look whether one incarnation lives."""
        node = self._standing().nodes.get(child)
        if node and node.generation == generation and node.phase is Phase.RUNNING:
            self._compare([node], await self._table())

    async def probe(self, every_s: float) -> None:
        """Ask every child how it feels. One that does not answer three times in a row, `every_s` seconds each, hangs."""
        while True:
            began = time.monotonic()
            nodes = self._standing().running()
            misses = await asyncio.gather(*(self._misses_of(node, every_s) for node in nodes))
            self._misses = {(node.id, node.generation): missed for node, missed in zip(nodes, misses, strict=True)}
            await asyncio.sleep(max(0.0, began + every_s - time.monotonic()))

    async def _misses_of(self, node: Node, wait_s: float) -> int:
        """Probe once; how many probes in a row are now unanswered."""
        missed = 0
        try:
            async with asyncio.timeout(wait_s):
                await self._children.ping(node.id, node.generation)
        except TimeoutError:
            missed = self._misses.get((node.id, node.generation), 0) + 1
        except RayTaskError as error:
            self._believe(node.id, node.generation, Exit(ExitKind.KILLED, in_words(error)))
        except RayActorError:
            await self.look_at(node.id, node.generation)
        if missed >= MISSES:
            self._believe(node.id, node.generation, Exit(ExitKind.KILLED, f"{missed} probes were not answered"))
        return missed

    async def _table(self) -> dict[str, Sighting]:
        """By name; where a name was borne more than once, the living one."""
        seen = await asyncio.to_thread(sightings, self._namespace)
        return {one.name: one for one in sorted(seen, key=lambda one: one.exit is None)}

    def _compare(self, nodes: Iterable[Node], table: dict[str, Sighting]) -> None:
        """Those have died that Ray calls dead or does not know, and those of this node whose process is gone.

        `nodes` ran before `table` was read, so all of them must be in it.
        """
        here = reaper.this_node()
        for node in nodes:
            seen = table.get(actor_name(node.id, node.generation))
            gone = node.process and node.process.node_id == here and not reaper.exists(node.process)
            if seen is None or seen.exit or gone:
                reason = seen.exit if seen and seen.exit else Exit(ExitKind.CRASH, "its process is gone")
                self._believe(node.id, node.generation, reason)

    def _strays(self, table: Iterable[Sighting]) -> list[tuple[str, int]]:
        """Living incarnations of our children that are older than the present one."""
        alive = (parse_actor_name(seen.name) for seen in table if seen.exit is None)
        nodes = self._standing().nodes
        return [known for known in alive if known and known[0] in nodes and known[1] < nodes[known[0]].generation]
