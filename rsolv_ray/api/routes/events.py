"""What happens in an org, as it happens?"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response, Security

from rsolv_ray.api.auth import KEY, Reader
from rsolv_ray.api.paths import OF_ORG
from rsolv_ray.api.problems import Flaw, Flawed
from rsolv_ray.api.sse import EVENT_NAMES, EventStream, follow

router = APIRouter(prefix=OF_ORG + "/events", tags=["events"])
Sequence = Annotated[
    int | None, Query(ge=0, le=2**63 - 1, description="Begin after this sequence number; 0 is the whole log")
]


@router.get("", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
async def follow_events(
    *,
    visit: Reader,
    request: Request,
    secret: Annotated[str | None, Security(KEY)],
    types: Annotated[str | None, Query(max_length=2000, description="Names of events, with commas between")] = None,
    after: Sequence = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**63 - 1)] = None,
) -> EventStream:
    """Follow the org's log as server-sent events: from now on, or from where `Last-Event-ID` or `after` says."""
    wanted = _known(types)
    given = last_event_id if last_event_id is not None else after
    start = await visit.house.last_sequence(visit.org.id) if given is None else given
    seats = request.app.state.seats
    seats.take()
    frames = follow(
        visit.house,
        visit.org.id,
        start,
        wanted,
        tell_start=given is None,
        may_read=lambda: visit.gate.principal(secret),
    )
    return EventStream(frames, seats)


def _known(types: str | None) -> frozenset[str] | None:
    if types is None:
        return None
    wanted = frozenset(name.strip() for name in types.split(",") if name.strip())
    for name in sorted(wanted - EVENT_NAMES):
        near = get_close_matches(name, EVENT_NAMES, n=1)
        hint = f", did you mean {near[0]!r}?" if near else f": one of {', '.join(sorted(EVENT_NAMES))}"
        detail = f"unknown event {name[:80]!r}{hint}"
        raise Flawed(detail, flaws=(Flaw(parameter="types", detail=detail),))
    return wanted or None
