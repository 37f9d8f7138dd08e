"""What happens in an org, as it happens? The event stream, followed over interruptions without a gap.

Server-sent events (WHATWG HTML, section 9.2). The id of an event is its sequence number: after a break the stream is
asked for what came after the last one seen.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx

from rsolv_ray.cli.remote import Service, raise_problem
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.noun import JsonObject

SILENCE_S = 45.0
"""The service says something at least every 15 s; after three times that, the connection is taken for dead."""
RETRY_S = 1.0
GIVE_UP_S = 60.0


@dataclass(frozen=True)
class ServerEvent:
    """One event of the stream; `data` is the event as recorded, `{"org", "sequence", "at", "cause", "event"}`."""

    sequence: int
    name: str
    data: JsonObject


def follow(
    service: Service, org: str, *, after: int | None = None, types: str | None = None, give_up_s: float = GIVE_UP_S
) -> Iterator[ServerEvent]:
    """The events of an org after sequence `after`, or from now on, for ever.

    Raises:
        Unavailable: the stream could not be had for `give_up_s` seconds; at once, if it never could.
    """
    seen = after
    deadline: float | None = None
    while True:
        try:
            for event in _once(service, org, seen, types):
                deadline = time.monotonic() + give_up_s
                if isinstance(event, int):
                    seen = event
                else:
                    seen = event.sequence
                    yield event
        except (httpx.TransportError, Unavailable) as error:
            if deadline is None or time.monotonic() > deadline:
                raise Unavailable(f"the event stream of {service.url} cannot be had: {error}") from error
        time.sleep(RETRY_S)


def read_events(lines: Iterable[bytes]) -> Iterator[ServerEvent | int]:
    """The events in the lines of a stream; an id that comes without data is the number alone."""
    name, number, data = "", None, []
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line and field == "data":
            data.append(value)
        elif line and field == "event":
            name = value
        elif line and field == "id" and value.isdecimal():
            number = int(value)
        elif not line and data and number is not None:
            yield ServerEvent(number, name, json.loads("\n".join(data)))
            name, number, data = "", None, []
        elif not line:
            if number is not None:
                yield number
            name, number, data = "", None, []


def _once(service: Service, org: str, after: int | None, types: str | None) -> Iterator[ServerEvent | int]:
    headers = {"Accept": "text/event-stream"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    with service.stream(f"orgs/{org}/events", query={"types": types}, headers=headers, silence_s=SILENCE_S) as response:
        raise_problem(response)
        yield from read_events(_lines(response.iter_bytes()))


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    # Not httpx's iter_lines: it also splits at U+2028 and the like, which JSON may hold as they are.
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
