"""Does the clock's work go on for the others where it fails for one?"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.actors.accounts import Accounts
from rsolv_ray.actors.names import BANK, CONTROL
from rsolv_ray.actors.scheduler import Scheduler
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.events import MetricsRolledUp
from rsolv_ray.model.ids import OrgId, OrgName
from rsolv_ray.settings import Settings
from tests.unit.actors.conftest import Beside


@pytest.fixture
def accounts(caller: Beside, tmp_path: Path) -> Accounts:
    return Accounts(caller, Settings(data_dir=tmp_path))


@pytest.fixture
async def scheduler(caller: Beside) -> Scheduler:
    made = Scheduler(shards=1, every_s=0.01)
    await made.start(1)
    made._directory = caller
    return made


async def make(accounts: Accounts, *names: str) -> list[OrgId]:
    return [(await accounts.create_org(OrgName(name), name, by="root")).id for name in names]


async def rolled_up(caller: Beside, org: OrgId) -> int:
    events: Any = await caller.call(f"{BANK}/0", "events_after", org, 0, timeout_s=5)
    return sum(isinstance(one.event, MetricsRolledUp) for one in events)


async def test_an_org_that_cannot_be_asked_keeps_no_other_from_its_roll_up(
    caller: Beside, accounts: Accounts, scheduler: Scheduler, tmp_path: Path
) -> None:
    first, damaged, gone, last = await make(accounts, "first", "damaged", "gone", "last")
    bank = f"{BANK}/0"
    await caller.call(bank, "forget", damaged, timeout_s=5)
    (tmp_path / "orgs" / f"{damaged}.deleted").unlink()
    (tmp_path / "orgs" / damaged).mkdir()
    (tmp_path / "orgs" / damaged / "intelligence.duckdb").write_bytes(b"damaged" * 1000)
    await caller.call(bank, "forget", gone, timeout_s=5)
    await scheduler.roll_up()
    assert [await rolled_up(caller, org) for org in (first, last)] == [3, 3]


async def test_a_roll_up_that_says_nothing_new_is_recorded_once(
    caller: Beside, accounts: Accounts, scheduler: Scheduler
) -> None:
    (org,) = await make(accounts, "acme")
    for _ in range(2):
        await scheduler.roll_up()
    assert await rolled_up(caller, org) == 3


async def test_a_deletion_that_was_broken_off_is_finished_by_the_clock(
    caller: Beside, accounts: Accounts, scheduler: Scheduler, tmp_path: Path
) -> None:
    gone, kept = await make(accounts, "gone", "kept")
    caller.away.add(f"{BANK}/0")
    with pytest.raises(Unavailable):
        await accounts.delete_org(gone, by="root")
    await scheduler.finish_deletions()
    caller.away.clear()
    for _ in range(2):
        await scheduler.finish_deletions()
    assert not (tmp_path / "orgs" / gone).exists()
    assert (tmp_path / "orgs" / kept).exists()
    assert caller.calls.count(f"{BANK}/0.forget") == 1


async def test_the_clock_goes_on_while_control_is_away(
    caller: Beside, accounts: Accounts, scheduler: Scheduler
) -> None:
    (org,) = await make(accounts, "acme")
    caller.away.add(CONTROL)
    running = asyncio.create_task(scheduler.run())
    await asyncio.sleep(0.05)
    caller.away.clear()
    async with asyncio.timeout(5):
        while not await rolled_up(caller, org):
            await asyncio.sleep(0.01)
    running.cancel()
