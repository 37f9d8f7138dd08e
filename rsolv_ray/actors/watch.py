"""Which actors has Ray seen, and which of them die?

Ray has no public notice of an actor's death. What its own dashboard reads is read here: the table of actors and the
channel of their changes. All that is private to Ray is in this file; `tests/runtime/test_watch.py` holds it to its word, and
without the channel the table alone, read every other second, is enough.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
import ray
import structlog
from ray._private.state import state as actor_state
from ray.actor import ActorHandle
from ray.core.generated import gcs_pb2 as _gcs
from ray.core.generated import gcs_service_pb2 as _gcs_service
from ray.exceptions import RayTaskError

from rsolv_ray.supervision.messages import Exit, ExitKind

try:
    from ray._private.gcs_pubsub import GcsAioActorSubscriber
except ImportError:
    GcsAioActorSubscriber = None

POLL_S = 1.0
"""After so long without news the subscription is renewed: one that the control store forgot over a restart hears nothing."""
BATCH = 1000

gcs: Any = _gcs
gcs_service: Any = _gcs_service
"""Made by protobuf at run time, so no checker sees what is in it."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A named actor as Ray's control store knows it. `pid` is 0 before it has a process.

    `exit` and `died_at` (seconds since the epoch) are None while Ray takes it for living.
    """

    name: str
    pid: int
    node_id: str
    exit: Exit | None
    died_at: float | None


def sightings(namespace: str) -> tuple[Sighting, ...]:
    """All named actors of a namespace that Ray still knows of, dead ones included. Blocks for about a millisecond."""
    rows = actor_state._connect_and_get_accessor().get_actor_table(None, None)  # noqa: SLF001
    table = (gcs.ActorTableData.FromString(row) for row in rows)
    return tuple(_sighting(row) for row in table if row.name and row.ray_namespace == namespace)


async def deaths(namespace: str) -> AsyncIterator[Sighting]:
    """Named actors as they die. May tell of one twice, and may miss some; ends at once where Ray has no such channel."""
    while GcsAioActorSubscriber is not None:
        subscriber = _quiet(GcsAioActorSubscriber)(address=ray.get_runtime_context().gcs_address)
        try:
            await subscriber.subscribe()
            while True:
                changes = await subscriber.poll(BATCH, timeout=POLL_S)
                for _, row in changes:
                    if row.state == gcs.ActorTableData.DEAD and row.ray_namespace in ("", namespace) and row.name:
                        yield _sighting(row)
                if not changes:
                    await subscriber.subscribe()
        except grpc.RpcError as error:
            log.warning("the channel of actors' changes broke and is opened again", reason=repr(error)[:300])
            await asyncio.sleep(POLL_S)
        finally:
            await subscriber.close()


def _quiet(subscriber: Any) -> Any:
    """A subscriber whose polls end empty at their deadline: Ray 2.60 leaves some of them behind to fail unheard."""

    class Quiet(subscriber):
        async def _poll_call(self, req: Any, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - Ray's signature
            try:
                return await super()._poll_call(req, timeout=timeout)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise
                return gcs_service.GcsSubscriberPollReply(publisher_id=self._publisher_id)

    return Quiet


def is_known_dead(actor: ActorHandle) -> bool:
    """Whether this process has already heard that an actor it has called before is dead. Asks nobody."""
    return actor._get_local_state() == gcs.ActorTableData.DEAD  # noqa: SLF001


def in_words(error: Exception) -> str:
    """An error of Ray in a line: what was raised over there, or what happened to the actor."""
    cause = error.cause if isinstance(error, RayTaskError) else error
    lines = str(cause).strip().splitlines() or [""]
    return f"{type(cause).__name__}: {lines[0]}"[:500]


def _sighting(row: Any) -> Sighting:
    dead = row.state == gcs.ActorTableData.DEAD
    return Sighting(
        name=row.name,
        pid=row.pid,
        node_id=row.address.node_id.hex(),
        exit=_exit(row.death_cause) if dead else None,
        died_at=row.end_time / 1000 if dead else None,
    )


def _exit(cause: Any) -> Exit:
    """Ray's death cause in OTP's words. How a worker ended is told only in the text of a message."""
    kind = cause.WhichOneof("context")
    if kind != "actor_died_error_context":
        return Exit(ExitKind.CRASH, (kind or "unknown").removesuffix("_context"))
    died = cause.actor_died_error_context
    reason: str = died.DESCRIPTOR.fields_by_name["reason"].enum_type.values_by_number[died.reason].name
    if reason == "RAY_KILL":
        return Exit(ExitKind.KILLED, "by Ray")
    if "INTENDED_USER_EXIT" in died.error_message:
        return Exit(ExitKind.NORMAL)
    detail = re.search(r"Worker exit detail: ([^.]*)", died.error_message)
    return Exit(ExitKind.CRASH, f"{reason.lower()}: {detail[1]}" if detail else reason.lower())
