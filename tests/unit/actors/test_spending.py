"""An org spends on language models what it has for a day, and no more, however many fixes come at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rsolv_ray.actors.asking import Asking
from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.names import ANALYZER, BANK, VALIDATOR
from rsolv_ray.actors.spending import Spending
from rsolv_ray.actors.validator import Validator
from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.cycle import Outcome, Step
from rsolv_ray.model.events import RulesProposed, Spent
from rsolv_ray.model.ids import CycleId, OrgId
from rsolv_ray.model.rule import Proposer
from rsolv_ray.settings import Settings
from rsolv_ray.testing import InProcess
from tests.unit.actors.test_orchestrator import Faulty, Remembering, driven, ended, send
from tests.unit.proposers.vendor import completion, refused, rules, vendor

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")
OTHER = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3E")
ANY_EXECUTE = {
    "id": "x", "languages": ["python"], "severity": "ERROR", "message": "m", "mode": "taint",
    "pattern-sources": [{"pattern": '"..." % $X'}], "pattern-sinks": [{"pattern": "$O.execute($SQL, ...)"}],
}  # fmt: skip


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    one = Bank(shard=0, data_dir=str(tmp_path), attached=4, checkpoint_every=100)
    await one.start(1)
    yield one
    await one.stop()


def spending(bank: Bank, *, per_day: int = 1000, per_fix: int = 300) -> Spending:
    asking = Asking(InProcess({f"{BANK}/0": bank}), f"{BANK}/0", Writer(kind="orchestrator/0", generation=1), 1)
    return Spending(asking, per_day=per_day, per_fix=per_fix)


async def spend(bank: Bank, tokens: int, *, org: OrgId = ORG) -> None:
    cost = (Spent(model="openai:a", requests=1, tokens=tokens), Spent(model="openai:b", requests=1, tokens=1))
    told = RulesProposed(cycle=CycleId.of(tokens), candidates=(), reason="none", spent=cost)
    await bank.tell(org, "commit", Batch(events=(told,)))


async def test_what_was_spent_today_is_taken_off(bank: Bank) -> None:
    ours = spending(bank)
    async with ours.allowance(ORG) as tokens:
        assert tokens == 300
    await spend(bank, 899)
    async with ours.allowance(ORG) as tokens:
        assert tokens == 100
    await spend(bank, 500)
    async with ours.allowance(ORG) as tokens:
        assert tokens == 0


async def test_what_another_org_spent_is_its_own(bank: Bank) -> None:
    await spend(bank, 5000, org=OTHER)
    async with spending(bank).allowance(ORG) as tokens:
        assert tokens == 300


async def test_what_was_spent_before_today_does_not_count(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    await spend(bank, 5000)
    far = "rsolv_ray.actors.spending.datetime"

    class Tomorrow:
        @staticmethod
        def now(zone: object) -> object:
            from datetime import datetime, timedelta

            return datetime.now(zone) + timedelta(days=1)  # type: ignore[arg-type]

        from datetime import datetime as _real

        combine = _real.combine

    monkeypatch.setattr(far, Tomorrow)
    async with spending(bank).allowance(ORG) as tokens:
        assert tokens == 300


async def test_fixes_at_once_share_what_the_day_has(bank: Bank) -> None:
    ours, begun, given = spending(bank, per_day=700), asyncio.Event(), list[int]()

    async def one() -> None:
        async with ours.allowance(ORG) as tokens:
            given.append(tokens)
            await begun.wait()

    async with asyncio.TaskGroup() as several:
        for _ in range(4):
            several.create_task(one())
        while len(given) < 4:
            await asyncio.sleep(0.01)
        begun.set()
    assert sorted(given) == [0, 100, 300, 300]
    async with ours.allowance(ORG) as tokens:
        assert tokens == 300


async def test_without_a_budget_the_bank_is_not_even_asked() -> None:
    asking = Asking(InProcess({}), f"{BANK}/0", Writer(kind="orchestrator/0", generation=1), 1)
    async with Spending(asking, per_day=0, per_fix=300).allowance(ORG) as tokens:
        assert tokens == 0


@pytest.mark.parametrize("fails", [False, True])
async def test_a_model_takes_part_in_a_cycle_and_cannot_fail_it(
    tmp_settings: Settings, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "o-key")
    bank = Bank(shard=0, data_dir=str(tmp_settings.data_dir), attached=4, checkpoint_every=256)
    with vendor(refused(401) if fails else completion(rules(ANY_EXECUTE), tokens=4321)) as here:
        models = {"names": ["openai:a-model"], "openai_url": f"{here.url}/v1", "rounds": 1, "timeout_s": 20.0}
        validator = Validator(engine="core", rule_timeout_s=5, memory_mb=2048, patience_s=300, models=models)
        for child in (bank, validator):
            await child.start(1)
        caller = Faulty({f"{BANK}/0": bank, f"{VALIDATOR}/0": validator, ANALYZER: Remembering()})
        cycle = await send(caller)
        async with driven(tmp_settings, caller, spending={"per_day": 50_000, "per_fix": 20_000}):
            told = await ended(caller, cycle)
        history = await bank.ask(ORG, "history", cycle)
        await bank.stop()
    (proposed,) = [one.event for one in history if isinstance(one.event, RulesProposed)]
    assert (told.outcome, told.rule is not None) == (Outcome.LEARNED, True)
    assert (Proposer.OPENAI in {one.proposer for one in proposed.candidates}) is not fails
    if fails:
        assert "the key is refused" in told.steps[Step.SYNTHESIS].description
    else:
        assert [one.tokens for one in proposed.spent] == [4321]
        assert Proposer.OPENAI in {one.proposer for one in told.rejected}
