"""How is an org's log followed over HTTP? As server-sent events (WHATWG HTML, section 9.2).

The next batch is asked for when the one before has been taken over by the connection, so a slow reader holds one
batch and no more. `id` is the sequence number: a reader that comes back with `Last-Event-ID` misses nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import get_args

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rsolv_ray.actors.client import House
from rsolv_ray.model.errors import NotAllowed, NotFound, Unavailable
from rsolv_ray.model.events import Event, Recorded
from rsolv_ray.model.ids import OrgId
from rsolv_ray.telemetry import METRICS

HEARTBEAT_S = 15.0
BATCH = 500
RETRY_MS = 3000
EVENT_NAMES = frozenset(kind.model_fields["type"].default for kind in get_args(get_args(Event)[0]))


class Seats:
    """So many streams may be open at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0

    def take(self) -> None:
        """Take a seat; give it back with `leave`.

        Raises:
            Unavailable: all are taken.
        """
        if self.taken >= self.most:
            raise Unavailable(f"{self.most} event streams are open, which is the most: try again later")
        self.taken += 1
        METRICS["rsolv_event_streams"].set(self.taken)

    def leave(self) -> None:
        """Give a seat back."""
        self.taken -= 1
        METRICS["rsolv_event_streams"].set(self.taken)


class EventStream(StreamingResponse):
    """A stream that holds a seat until it ends, however it ends."""

    media_type = "text/event-stream"

    def __init__(self, frames: AsyncIterator[bytes], seats: Seats) -> None:
        super().__init__(frames, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._seats = seats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._seats.leave()


async def follow(
    house: House,
    org: OrgId,
    after: int,
    types: frozenset[str] | None,
    *,
    tell_start: bool,
    may_read: Callable[[], Awaitable[object]],
) -> AsyncIterator[bytes]:
    """The org's events after sequence `after`, for as long as `may_read` does not object and the org is there.

    Where nothing happens a comment is sent every `HEARTBEAT_S` seconds. A stream that cannot go on ends; the reader
    comes back after `RETRY_MS` with the last id that it has seen. `tell_start`: it does not know `after` yet, so it is
    told, lest it miss what happens between a first connection without events and the second.
    """
    start = f"id: {after}\n" if tell_start else ""
    yield f"retry: {RETRY_MS}\n{start}\n".encode()
    try:
        while True:
            await may_read()
            events = await house.events_after(org, after, wait_s=HEARTBEAT_S, types=types, limit=BATCH)
            yield b"".join(map(frame, events)) or b": nothing new\n\n"
            after = events[-1].sequence if events else after
    except (NotAllowed, NotFound, Unavailable) as end:
        yield f": {' '.join(str(end).split())}\n\n".encode()


def frame(recorded: Recorded) -> bytes:
    """One event on the wire."""
    return f"id: {recorded.sequence}\nevent: {recorded.name}\ndata: {recorded.model_dump_json()}\n\n".encode()
