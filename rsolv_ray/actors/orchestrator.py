"""Who sees to it that an accepted fix is learned from? An `Orchestrator` drives the open works of one shard.

It decides nothing: `workflow.next_commands` does. It records an attempt, carries the command out, records the outcome
once, and asks again. After a crash a successor reads the same log and goes on; nothing is kept here that is not there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.counting import count_attempt
from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.names import BANK, ORCHESTRATOR
from rsolv_ray.actors.steps import Steps
from rsolv_ray.actors.turns import PATIENT, URGENT, Turns
from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.cycle import Step, WorkId
from rsolv_ray.model.errors import Broken, Fenced, NotFound, RsolvError, Unavailable
from rsolv_ray.model.events import (
    CommandAbandoned,
    CommandAttempted,
    CommandFailed,
    CycleCompleted,
    Event,
    FindingTriaged,
    FixReceived,
    Recorded,
    ScanStarted,
)
from rsolv_ray.model.finding import Scan, ScanTrigger
from rsolv_ray.model.fix import Origin, OriginKind
from rsolv_ray.model.ids import CycleId, OrgId
from rsolv_ray.progress import FOLDED
from rsolv_ray.workflow import Abandon, Finish, Send, next_commands

POLL_S = 20.0
BANK_TIMEOUT_S = 120.0
RETRY_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
SCAN_ENDS_S = 60.0
"""A scan ends by itself when its time is up; so long may it take to do so and to have its end recorded."""

log = structlog.get_logger(__name__)


class Orchestrator:
    """Drives cycles and scans of one shard, at most `at_once` at a time: oldest first, and backfill last."""

    def __init__(
        self,
        *,
        shard: int,
        validators: int,
        at_once: int,
        attempts: int,
        step_timeout_s: float,
        cycle_timeout_s: float,
        scanning: dict[str, Any],
        spending: dict[str, int] | None = None,
        caller: Caller | None = None,
    ) -> None:
        self._shard, self._bank = shard, f"{BANK}/{shard}"
        self._attempts, self._cycle_timeout_s, self._caller = attempts, cycle_timeout_s, caller
        self._timeouts = dict.fromkeys(Step, step_timeout_s) | {
            Step.SCAN: float(scanning["scan_timeout_s"]) + SCAN_ENDS_S
        }
        self._turns = Turns(at_once)
        self._validators, self._scanning = validators, scanning
        self._spending = spending or {"per_day": 0, "per_fix": 0}
        self._driven: set[tuple[OrgId, WorkId]] = set()

    async def start(self, generation: int) -> None:
        self._writer = Writer(kind=f"{ORCHESTRATOR}/{self._shard}", generation=generation)
        self._directory = self._caller or Directory()
        self._steps = Steps(
            self._directory,
            self._bank,
            self._writer,
            self._validators,
            scanning=self._scanning,
            spending=self._spending,
        )

    async def run(self) -> None:
        """Follow the shard's open works for ever. A driver that breaks ends them all: a successor takes them up again."""
        async with asyncio.TaskGroup() as driving:
            await self._follow(driving)

    async def stop(self) -> None:
        """What is unfinished needs no handing back: it is an event without a successor."""

    async def _follow(self, driving: asyncio.TaskGroup) -> None:
        seen = 0
        while True:
            seen, works = await self._directory.call(
                self._bank, "open_work", seen, wait_s=POLL_S, timeout_s=BANK_TIMEOUT_S, retry=True
            )
            for org, work in works:
                if (org, work) not in self._driven:
                    self._driven.add((org, work))
                    driving.create_task(self._drive(org, work))

    async def _drive(self, org: OrgId, work: WorkId) -> None:
        """One work, from wherever it stands to its end. An org that was deleted meanwhile needs nothing any more."""
        try:
            history = await self._history(org, work)
            async with self._turns.turn(_rank(history)), asyncio.TaskGroup() as steps:
                await self._see_through(org, work, steps)
        except* NotFound:
            log.info("the org of a work is gone", org=org, work=work)
        except* Broken:
            log.error("a work cannot be driven and stays open", org=org, work=work)  # noqa: TRY400 - the bank has it
        finally:
            self._driven.discard((org, work))

    async def _see_through(self, org: OrgId, work: WorkId, steps: asyncio.TaskGroup) -> None:
        began = time.monotonic()
        running: dict[Step, asyncio.Task[None]] = {}
        while not await self._advance(org, work, running, steps, began + self._cycle_timeout_s):
            await asyncio.wait(running.values(), return_when=asyncio.FIRST_COMPLETED)
            for step in [step for step, task in running.items() if task.done()]:
                del running[step]

    async def _advance(
        self,
        org: OrgId,
        work: WorkId,
        running: dict[Step, asyncio.Task[None]],
        steps: asyncio.TaskGroup,
        until: float,
    ) -> bool:
        """Carry out what is due now; True when the work has come to its end.

        A work has until `until` (monotonic seconds) from when this process took it up: time that nobody worked on it
        does not count against it.
        """
        while True:
            history = await self._history(org, work)
            overdue = f"the work ran out of its {self._cycle_timeout_s:g} s" if time.monotonic() > until else None
            commands = next_commands(
                history, attempts_allowed=self._attempts, overdue=overdue, in_flight=frozenset(running)
            )
            for command in commands:
                match command:
                    case Send(step=step, attempt=attempt):
                        await self._record_attempt(org, command)
                        running[step] = steps.create_task(self._carry_out(org, work, step, attempt, history))
                    case Abandon(step=step, reason=reason):
                        event = CommandAbandoned(work=work, step=step, reason=reason)
                        await self._record(org, Batch(once=f"{work}:{step}", events=(event,)))
                    case Finish():
                        await self._record(org, _end(command, history))
                        return True
            if running or not commands:
                return not commands and not running

    async def _carry_out(
        self, org: OrgId, work: WorkId, step: Step, attempt: int, history: tuple[Recorded, ...]
    ) -> None:
        """One attempt at one step. Whatever goes wrong in it is recorded as its failure, except being fenced."""
        doing = asyncio.create_task(self._steps.carry_out(org, work, step, history))
        began, timeout_s = time.monotonic(), self._timeouts[step]
        try:
            await asyncio.wait({doing}, timeout=timeout_s)
        except asyncio.CancelledError:
            doing.cancel()
            raise
        count_attempt(step, doing, time.monotonic() - began)
        if not doing.done():
            doing.cancel()
            await self._failed(org, work, step, attempt, f"ran out of its {timeout_s:g} s", final=True)
            return
        error = doing.exception()
        if error is None:
            await self._record(org, doing.result())
        elif isinstance(error, Fenced):
            raise error
        else:
            expected = isinstance(error, RsolvError)
            reason = str(error) if expected else f"{type(error).__name__}: {error}"
            log.warning("a step failed", org=org, work=work, step=step, attempt=attempt, reason=reason)
            await self._failed(org, work, step, attempt, reason[:2000])

    async def _failed(
        self, org: OrgId, work: WorkId, step: Step, attempt: int, reason: str, *, final: bool = False
    ) -> None:
        event = CommandFailed(work=work, step=step, attempt=attempt, reason=reason, final=final)
        await self._record(org, Batch(once=f"{work}:{step}:failed:{attempt}", events=(event,)))
        if not final:
            await asyncio.sleep(RETRY_PAUSE_S * attempt)

    async def _record_attempt(self, org: OrgId, send: Send) -> None:
        event = CommandAttempted(work=send.work, step=send.step, attempt=send.attempt)
        await self._record(org, Batch(once=f"{send.work}:{send.step}:attempt:{send.attempt}", events=(event,)))

    async def _record(self, org: OrgId, batch: Batch) -> None:
        await self._at_last("tell", org, "commit", batch, writer=self._writer)

    async def _history(self, org: OrgId, work: WorkId) -> tuple[Recorded, ...]:
        history: tuple[Recorded, ...] = await self._at_last("ask", org, "history", work, types=FOLDED)
        if not history:
            raise NotFound(f"there is no work {work}")
        return history

    async def _at_last(self, method: str, *args: Any, **named: Any) -> Any:
        """What the bank answers, whenever that is: a full disk or a bank that is away is waited for."""
        pause_s = RETRY_PAUSE_S
        while True:
            try:
                return await self._directory.call(
                    self._bank, method, *args, timeout_s=BANK_TIMEOUT_S, retry=True, **named
                )
            except Unavailable as error:
                log.warning("the bank is asked again", reason=str(error), pause_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _rank(history: Sequence[Recorded]) -> int:
    """What people wait for comes before what runs by itself."""
    match history[0].event:
        case FixReceived(origin=Origin(kind=OriginKind.BACKFILL)):
            return PATIENT
        case FindingTriaged():
            return PATIENT
        case ScanStarted(scan=Scan(trigger=ScanTrigger.SCHEDULED | ScanTrigger.BACKFILL)):
            return PATIENT
        case _:
            return URGENT


def _end(finish: Finish, history: tuple[Recorded, ...]) -> Batch:
    events: tuple[Event, ...] = ()
    if finish.outcome is not None:
        elapsed = datetime.now(UTC) - history[0].at
        events = (
            CycleCompleted(
                cycle=CycleId(finish.work),
                outcome=finish.outcome,
                reason=finish.reason,
                elapsed_ms=max(0, round(elapsed.total_seconds() * 1000)),
            ),
        )
    return Batch(once=f"{finish.work}:end", events=events, closes=(finish.work,))
