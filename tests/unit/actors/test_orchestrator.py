"""Works are driven to their end over the real bank and validator, in one process, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from rsolv_ray.actors import orchestrator as subject
from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.names import ANALYZER, BANK, VALIDATOR
from rsolv_ray.actors.orchestrator import Orchestrator
from rsolv_ray.actors.validator import Validator
from rsolv_ray.cycle_view import cycle_of
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.cycle import Cycle, Outcome, Step, StepStatus
from rsolv_ray.model.errors import NotFound, StorageFull, Unavailable
from rsolv_ray.model.events import CommandAttempted
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CycleId, OrgId, PatternId
from rsolv_ray.model.pattern import Analysed, Insight, Pattern, PatternInsight
from rsolv_ray.settings import Settings
from rsolv_ray.testing import InProcess
from tests.runtime.samples import fix_json

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")


class Remembering:
    """An analyzer that knows every fix as new; what it computes is not what is tested here."""

    def __init__(self, *, takes_s: float = 0.0, fails: int = 0) -> None:
        self._takes_s, self._fails = takes_s, fails

    async def analyse(self, org: OrgId, fix: Fix, bank: str) -> Analysed:
        await asyncio.sleep(self._takes_s)
        if self._fails > 0:
            self._fails -= 1
            raise Unavailable("the analyzer is away")
        name = PatternId.of(fix.id)
        pattern = Pattern(
            id=name, fix=fix.id, encoder="none", vector=(1.0,), fixed_vector=(1.0,), language="python", snippet="",
            created_at=datetime.now(UTC),
        )  # fmt: skip
        return Analysed(pattern=pattern, insight=PatternInsight(id=name, insight=Insight.NOVEL, count=0, message="new"))


@dataclass
class Faulty(InProcess):
    """Calls the children, but some of the bank's answers are spoilt first: `spoil` maps a verb to errors to raise."""

    children: dict[str, Any]
    spoil: dict[str, list[Exception]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.children)

    async def call(self, id: str, method: str, *args: Any, timeout_s: float, retry: bool = False, **named: Any) -> Any:  # noqa: A002
        verb = args[1] if method in ("ask", "tell") else method
        if self.spoil.get(verb):
            raise self.spoil[verb].pop(0)
        return await super().call(id, method, *args, timeout_s=timeout_s, retry=retry, **named)


@asynccontextmanager
async def driven(settings: Settings, caller: Faulty, **changed: Any) -> AsyncIterator[asyncio.Task[None]]:
    """An orchestrator at work, of generation 1."""
    options = {"at_once": 4, "attempts": 3, "step_timeout_s": 60.0, "cycle_timeout_s": 60.0} | changed
    scanning = {
        "data_dir": str(settings.data_dir), "engine": "auto", "at_most": 2, "rule_timeout_s": 5.0, "memory_mb": 2048, "cache_mb": 16, "index_memory_mb": 32,
        "scan_timeout_s": 60.0, "allowed_roots": [], "allowed_git_hosts": [],
    }  # fmt: skip
    one = Orchestrator(shard=0, validators=1, scanning=scanning, caller=caller, **options)
    await one.start(1)
    running = asyncio.create_task(one.run())
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def caller(tmp_settings: Settings) -> AsyncIterator[Faulty]:
    bank = Bank(shard=0, data_dir=str(tmp_settings.data_dir), attached=4, checkpoint_every=256)
    validator = Validator(engine="auto", rule_timeout_s=5, memory_mb=2048, patience_s=300)
    await bank.start(1)
    await validator.start(1)
    yield Faulty({f"{BANK}/0": bank, f"{VALIDATOR}/0": validator, ANALYZER: Remembering()})
    await bank.stop()


async def send(caller: Faulty, number: int = 0) -> CycleId:
    fix = Fix.model_validate(fix_json(number, scan=False))
    return (await caller.children[f"{BANK}/0"].receive_fix(ORG, fix)).cycle


async def ended(caller: Faulty, cycle: CycleId, patience_s: float = 30.0) -> Cycle:
    bank = caller.children[f"{BANK}/0"]
    async with asyncio.timeout(patience_s):
        while (told := cycle_of(await bank.ask(ORG, "history", cycle))).outcome is None:
            await asyncio.sleep(0.02)
    return told


async def test_a_fix_is_driven_to_a_learned_rule(tmp_settings: Settings, caller: Faulty) -> None:
    cycle = await send(caller)
    async with driven(tmp_settings, caller):
        told = await ended(caller, cycle)
    assert (told.outcome, told.rule is not None, told.steps[Step.SCAN].status) == (
        Outcome.LEARNED,
        True,
        StepStatus.SKIPPED,
    )


async def test_a_full_disk_is_waited_for_and_nothing_is_lost(
    tmp_settings: Settings, caller: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "RETRY_PAUSE_S", 0.01)
    cycle = await send(caller)
    caller.spoil = {"commit": [StorageFull(), StorageFull(), StorageFull()]}
    async with driven(tmp_settings, caller):
        assert (await ended(caller, cycle)).outcome is Outcome.LEARNED
    assert caller.spoil == {"commit": []}


async def test_an_org_that_goes_in_the_middle_of_a_cycle_ends_it_quietly(
    tmp_settings: Settings, caller: Faulty
) -> None:
    await send(caller)
    caller.spoil = {"history": [NotFound()]}
    async with driven(tmp_settings, caller) as running:
        while caller.spoil["history"]:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        other = await send(caller, 1)
        assert (await ended(caller, other)).outcome is not None
        assert not running.done()


async def test_a_step_that_takes_too_long_is_given_up_and_the_rest_goes_on(
    tmp_settings: Settings, caller: Faulty
) -> None:
    caller.children[ANALYZER] = Remembering(takes_s=60)
    cycle = await send(caller)
    async with driven(tmp_settings, caller, step_timeout_s=3.0):
        told = await ended(caller, cycle)
    assert (told.outcome, told.reason, told.rule is not None) == (
        Outcome.PARTIAL,
        "pattern: ran out of its 3 s",
        True,
    )


async def test_a_failed_attempt_is_made_again(
    tmp_settings: Settings, caller: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "RETRY_PAUSE_S", 0.01)
    caller.children[ANALYZER] = Remembering(fails=2)
    cycle = await send(caller)
    async with driven(tmp_settings, caller):
        told = await ended(caller, cycle)
    assert (told.outcome, told.steps[Step.PATTERN].attempts) == (Outcome.LEARNED, 3)


async def test_time_that_nobody_worked_on_a_cycle_does_not_count_against_it(
    tmp_settings: Settings, caller: Faulty
) -> None:
    cycle = await send(caller)
    tried = CommandAttempted(work=cycle, step=Step.SYNTHESIS, attempt=1)
    await caller.children[f"{BANK}/0"].tell(ORG, "commit", Batch(events=(tried,)))
    await asyncio.sleep(1.2)
    async with driven(tmp_settings, caller, cycle_timeout_s=10.0):
        assert (await ended(caller, cycle)).outcome is Outcome.LEARNED
