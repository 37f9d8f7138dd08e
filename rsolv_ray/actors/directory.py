"""How is a supervised process reached?

By its id: where it is, is asked of the root once and remembered until it fails. A caller that could not reach somebody
says so to the root, asks again, and sends again only what is safe to send twice.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import ActorDiedError, ActorUnavailableError, RayTaskError

from rsolv_ray.actors.names import NAMESPACE, ROOT, Address
from rsolv_ray.actors.watch import is_known_dead
from rsolv_ray.model.errors import RsolvError, Unavailable

DEATHS_BORNE = 2
"""So often may a call end with the death of who was to answer it; then it is taken to be the cause."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 1.0
"""Between attempts to reach a root that restarts, the first wait, doubled up to the longest; the first alone between
attempts to reach a child that Ray cannot reach but does not call dead."""
OF_THE_PROCESS = ("ping", "samples")
"""What the process answers itself, beside whatever its child does."""


@dataclass(frozen=True)
class _Known:
    """One incarnation that was found."""

    id: str
    generation: int
    actor: Any

    def send(self, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if method in OF_THE_PROCESS:
            return getattr(self.actor, method).remote()
        return self.actor.call.options(name=f"{self.id}.{method}").remote(method, args, named)


class Directory:
    """The processes of one tree, by id. For async actors, Serve replicas and drivers alike; cheap to make, holds nothing."""

    def __init__(self, root: str = ROOT, namespace: str = NAMESPACE) -> None:
        self._root_id, self._namespace = root, namespace
        self._root: Any = None
        self._known: dict[str, _Known] = {}

    async def call(
        self,
        id: str,  # noqa: A002 - the word for it everywhere in a tree
        method: str,
        *args: Any,
        timeout_s: float = 30.0,
        retry: bool = False,
        **named: Any,
    ) -> Any:
        """What the process `id` answers. The root itself is asked under its own id.

        `retry`: it does no harm if this is done twice, so it may be sent again after a death. It is not sent a third
        time, lest one poisonous call end a whole tree.

        Raises what the child raises of `model/errors.py`; NotFound for an unknown id; Unavailable if there is no answer
        within `timeout_s` seconds, if a child died and `retry` is not given, or if the call made it crash.
        """
        deadline = time.monotonic() + timeout_s
        if id == self._root_id:
            return await self._ask_root(method, *args, deadline=deadline, **named)
        deaths = dead = 0
        while True:
            known = await self._whereis(id, dead, deadline)
            try:
                return await _answer(known.send(method, args, named), deadline, f"{id}.{method}")
            except (ActorDiedError, ActorUnavailableError) as error:
                self._known.pop(id, None)
                await self._ask_root("report_dead", id, known.generation, deadline=deadline)
                if isinstance(error, ActorDiedError):
                    deaths, dead = deaths + 1, known.generation
                if not retry or deaths == DEATHS_BORNE:
                    raise Unavailable(f"{id} died over {method}; whether it was done is not known") from error
                await asyncio.sleep(FIRST_WAIT_S if dead < known.generation else 0.0)

    async def _whereis(self, child: str, dead: int, deadline: float) -> _Known:
        """Where a child is, in a generation after `dead`. One that Ray calls dead by now is not asked, so no call is lost on it."""
        known = self._known.get(child)
        if known and not is_known_dead(known.actor):
            return known
        dead = known.generation if known else dead
        while True:
            left = deadline - time.monotonic()
            address: Address = await self._ask_root("whereis", child, left, after=dead, deadline=deadline)
            actor = await self._actor(address.name)
            if actor:
                self._known[child] = _Known(child, address.generation, actor)
                return self._known[child]
            await self._ask_root("report_dead", child, address.generation, deadline=deadline)
            dead = address.generation

    async def _ask_root(self, method: str, *args: Any, deadline: float, **named: Any) -> Any:
        """Ask the root, through its own restarts. Its methods may all be sent again, and Ray does that soonest."""
        wait_s = FIRST_WAIT_S
        while True:
            self._root = self._root or await self._actor(self._root_id)
            if self._root:
                try:
                    sent = getattr(self._root, method).options(max_task_retries=-1).remote(*args, **named)
                    return await _answer(sent, deadline, f"{self._root_id}.{method}")
                except (ActorDiedError, ActorUnavailableError):
                    self._root = None
            if time.monotonic() + wait_s > deadline:
                raise Unavailable(f"the supervisor {self._root_id} cannot be reached")
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _actor(self, name: str) -> Any:
        """The Ray actor of that name, or None."""
        try:
            return await asyncio.to_thread(ray.get_actor, name, namespace=self._namespace)
        except ValueError:
            return None


async def _answer(sent: Any, deadline: float, what: str) -> Any:
    """What comes back by the deadline, errors as those of `model/errors.py`."""
    try:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            return await sent
    except RayTaskError as error:
        if isinstance(error.cause, RsolvError):
            raise error.cause from error
        raise Unavailable(f"{what} met a bug, which its log tells") from error
    except TimeoutError:
        raise Unavailable(f"{what} was not answered in time") from None
