"""What happens by the clock? Roll-ups of every org's learning metrics by day, week and month."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog

from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.names import BANK, CONTROL, SCHEDULER
from rsolv_ray.actors.reach import shard_of
from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.errors import NotFound, Unavailable
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

    async def start(self, generation: int) -> None:
        self._writer = Writer(kind=SCHEDULER, generation=generation)
        self._directory = Directory()

    async def run(self) -> None:
        """Roll up for ever; a bank that is away is asked again the next time."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.roll_up()
            except Unavailable as error:
                log.warning("the roll-up is put off", reason=str(error))

    async def stop(self) -> None:
        """Nothing is open between two roll-ups."""

    async def roll_up(self) -> None:
        """Record the metrics of the running day, week and month of every org."""
        orgs: tuple[OrgId, ...] = await self._directory.call(
            CONTROL, "ask", "all_org_ids", timeout_s=TIMEOUT_S, retry=True
        )
        for org in orgs:
            try:
                await self._roll_up_org(org, datetime.now(UTC))
            except NotFound:
                log.info("an org went while it was rolled up", org=org)

    async def _roll_up_org(self, org: OrgId, now: datetime) -> None:
        bank = f"{BANK}/{shard_of(org, self._shards)}"
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
