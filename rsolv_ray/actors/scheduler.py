"""What happens by the clock? Roll-ups of every org's learning metrics by day, week and month; deletions that were broken off.

Deleting an org is two steps in two processes: control says that it is gone, then its bank removes the file. The second
one is done from here where whoever asked for it did not live to see it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import structlog

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.names import BANK, CONTROL, SCHEDULER
from rsolv_ray.actors.reach import shard_of
from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.errors import NotFound, RsolvError
from rsolv_ray.model.events import MetricsRolledUp, Period
from rsolv_ray.model.ids import OrgId
from rsolv_ray.periods import start_of

TIMEOUT_S = 30.0
log = structlog.get_logger(__name__)


class Scheduler:
    """Rolls up every `every_s` seconds. A roll-up that says nothing new is not recorded again."""

    def __init__(self, *, shards: int, every_s: float) -> None:
        self._shards, self._every_s = shards, every_s
        self._told: dict[tuple[OrgId, Period], MetricsRolledUp] = {}
        self._forgotten: set[OrgId] = set()

    async def start(self, generation: int) -> None:
        self._writer = Writer(kind=SCHEDULER, generation=generation)
        self._directory: Caller = Directory()

    async def run(self) -> None:
        """Go round for ever; whoever is away is asked again the next time."""
        while True:
            await asyncio.sleep(self._every_s)
            for work in (self.roll_up, self.finish_deletions):
                try:
                    await work()
                except RsolvError as error:
                    log.warning("put off until the next round", work=work.__name__, reason=str(error))

    async def stop(self) -> None:
        """Nothing is open between two rounds."""

    async def roll_up(self) -> None:
        """Record the metrics of the running day, week and month of every org. One that cannot be asked keeps no other."""
        orgs: tuple[OrgId, ...] = await self._ask_control("all_org_ids")
        for org in orgs:
            try:
                await self._roll_up_org(org, datetime.now(UTC))
            except NotFound:
                log.info("an org went while it was rolled up", org=org)
            except RsolvError as error:
                log.warning("an org is not rolled up", org=org, reason=str(error))

    async def finish_deletions(self) -> None:
        """Have the files of all deleted orgs removed; once for each, as long as this process lives."""
        deleted: tuple[OrgId, ...] = await self._ask_control("deleted_org_ids")
        for org in deleted:
            if org in self._forgotten:
                continue
            try:
                await self._directory.call(self._bank(org), "forget", org, timeout_s=TIMEOUT_S, retry=True)
            except RsolvError as error:
                log.warning("a deleted org's file is not removed", org=org, reason=str(error))
            else:
                self._forgotten.add(org)

    def _bank(self, org: OrgId) -> str:
        return f"{BANK}/{shard_of(org, self._shards)}"

    async def _ask_control(self, question: str) -> Any:
        return await self._directory.call(CONTROL, "ask", question, timeout_s=TIMEOUT_S, retry=True)

    async def _roll_up_org(self, org: OrgId, now: datetime) -> None:
        bank = self._bank(org)
        for period in Period:
            start = start_of(period, now)
            values: dict[str, float] = await self._directory.call(
                bank, "ask", org, "learning_metrics", start, timeout_s=TIMEOUT_S, retry=True
            )
            event = MetricsRolledUp(period=period, start=start, values=values)
            if self._told.get((org, period)) == event:
                continue
            await self._directory.call(
                bank,
                "tell",
                org,
                "commit",
                Batch(events=(event,)),
                writer=self._writer,
                timeout_s=TIMEOUT_S,
                retry=True,
            )
            self._told[org, period] = event
