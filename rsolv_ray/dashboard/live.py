"""What does a page show, and when does it show it anew? As soon as the org's log has grown; the log is the truth.

A service that does not answer is waited for; a session that is over, or an org that is gone, ends the watching.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from time import monotonic

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.sessions import Sessions
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.errors import NotAllowed, NotFound, Unavailable
from rsolv_ray.model.events import Recorded
from rsolv_ray.model.ids import OrgId, OrgName
from rsolv_ray.model.org import Org
from rsolv_ray.model.report import OrgMetrics
from rsolv_ray.model.rule import RuleSummary

WATCH_S = 600.0
"""A page watches so long and then begins anew: Serve cuts requests that last longer than 15 minutes."""
NEWS_S, PAUSE_S, RETRY_S = 20.0, 1.0, 2.0
CYCLES, RULES, EVENTS, ORGS = 10, 20, 20, 200


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to see at one moment. `org` is None, and with it all but `orgs`, where there is none at all."""

    orgs: tuple[Org, ...] = ()
    is_admin: bool = False
    org: Org | None = None
    sequence: int = 0
    metrics: OrgMetrics | None = None
    cycles: tuple[Cycle, ...] = ()
    rules: tuple[RuleSummary, ...] = ()
    events: tuple[Recorded, ...] = ()


class Looks:
    """Looks at orgs. Pages that look at one org at the same time share a look: a burst of events wakes them all at once."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._begun: dict[OrgId, asyncio.Task[Look]] = {}

    async def at(self, org: Org) -> Look:
        """An org as it is; the look may have begun a moment ago, and `sequence` says after which event."""
        if org.id not in self._begun:
            self._begun[org.id] = asyncio.create_task(_look_at(self.house, org))
            self._begun[org.id].add_done_callback(lambda _: self._begun.pop(org.id))
        return await asyncio.shield(self._begun[org.id])


async def watch(looks: Looks, sessions: Sessions, session: str | None, asked: str | None) -> AsyncIterator[Look | str]:
    """A look now and whenever something happened; or a sentence, while there is nothing to look at.

    `asked` names the org that an admin's key wants to see; every other key sees its own.
    """
    until = monotonic() + WATCH_S
    while monotonic() < until:
        try:
            seen = await _look(looks, sessions, session, asked)
            yield seen
            await _wait_for_news(looks.house, seen)
        except (NotAllowed, NotFound) as end:
            yield str(end)
            return
        except Unavailable as error:
            yield f"The service does not answer right now ({error}). This page goes on by itself."
            await asyncio.sleep(RETRY_S)


async def _look(looks: Looks, sessions: Sessions, session: str | None, asked: str | None) -> Look:
    principal = await sessions.principal(session)
    if principal is None:
        raise NotAllowed("Your session is over: reload the page to log in again.")
    if principal.org is not None:
        own = await looks.house.org(principal.org)
        return replace(await looks.at(own), orgs=(own,))
    orgs = (await looks.house.orgs(ORGS, None)).items
    if asked is None:
        org = orgs[0] if orgs else None
    elif OrgName.pattern.fullmatch(asked) or OrgId.pattern.fullmatch(asked):
        org = await looks.house.org(asked)
    else:
        raise NotFound(f"There is no organisation {asked[:80]!r}.")
    return replace(Look() if org is None else await looks.at(org), orgs=orgs, is_admin=True)


async def _look_at(house: House, org: Org) -> Look:
    last = await house.last_sequence(org.id)
    metrics, cycles, rules, events = await asyncio.gather(
        house.metrics(org.id),
        house.cycles(org.id, CYCLES, None),
        house.rules(org.id, None, RULES, None),
        house.events_after(org.id, max(0, last - EVENTS), wait_s=0, limit=EVENTS),
    )
    return Look((), False, org, last, metrics, cycles.items, rules.items, events)


async def _wait_for_news(house: House, seen: Look) -> None:
    """Until the org's log has grown, or a while; a burst of events is shown at once."""
    if seen.org is None:
        await asyncio.sleep(RETRY_S)
        return
    await house.events_after(seen.org.id, seen.sequence, wait_s=NEWS_S, limit=1)
    await asyncio.sleep(PAUSE_S)
