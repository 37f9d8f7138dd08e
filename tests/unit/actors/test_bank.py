"""Does a bank serve every org that it can, each org's file by the one bank, and no org that is gone?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rsolv_ray.actors import bank as bank_module
from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.reach import shard_of
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import NotFound, ToolFailed
from rsolv_ray.model.events import LessonLearned
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import OrgId
from rsolv_ray.store.org import OrgStore

ORGS = tuple(OrgId(f"01JD3Z6Q4T8V5W2X9Y7A1B0C{number:02}") for number in range(8))
ORG, OTHER = ORGS[:2]
FIX = Fix(changes=(FileChange(path="a.py", language="python", before="f(x)\n", after="g(x)\n"),))
LESSON = Batch(events=(LessonLearned(lesson="x"),))

Opens = Callable[..., Awaitable[Bank]]


@pytest.fixture
async def open_bank(tmp_path: Path) -> AsyncIterator[Opens]:
    """Starts banks on the test's folder; they are stopped at its end."""
    opened: list[Bank] = []

    async def opens(*, shard: int = 0, shards: int = 1, attached: int = 8) -> Bank:
        bank = Bank(shard=shard, shards=shards, data_dir=str(tmp_path), attached=attached, checkpoint_every=100)
        await bank.start(len(opened) + 1)
        opened.append(bank)
        return bank

    yield opens
    for bank in opened:
        with suppress(RuntimeError):
            await bank.stop()


async def driven(bank: Bank) -> set[OrgId]:
    """The orgs that have open work."""
    _, works = await bank.open_work(-1, wait_s=0)
    return {org for org, _ in works}


async def receive(bank: Bank, *orgs: OrgId) -> None:
    for org in orgs:
        await bank.receive_fix(org, FIX)


async def test_whoever_still_asks_for_a_deleted_org_is_told_that_it_is_gone(open_bank: Opens, tmp_path: Path) -> None:
    bank = await open_bank()
    await receive(bank, ORG)
    await bank.forget(ORG)
    for question in (
        bank.ask(ORG, "last_sequence"),
        bank.tell(ORG, "commit", LESSON),
        bank.receive_fix(ORG, FIX),
        bank.events_after(ORG, 0),
    ):
        with pytest.raises(NotFound):
            await question
    assert not (tmp_path / "orgs" / ORG).exists()
    assert await driven(bank) == set()


async def test_a_deletion_that_was_broken_off_is_finished_by_the_next_bank(open_bank: Opens, tmp_path: Path) -> None:
    first = await open_bank()
    await receive(first, ORG, OTHER)
    await first.stop()
    (tmp_path / "orgs" / f"{ORG}.deleted").touch()
    second = await open_bank()
    assert await driven(second) == {OTHER}
    assert not (tmp_path / "orgs" / ORG).exists()


async def test_two_banks_share_a_folder_each_with_its_own_orgs(open_bank: Opens) -> None:
    shards = [[org for org in ORGS if shard_of(org, 2) == shard] for shard in (0, 1)]
    assert all(shards)
    for _ in range(2):
        banks = [await open_bank(shard=shard, shards=2) for shard in (0, 1)]
        for bank, orgs in zip(banks, shards, strict=True):
            await receive(bank, *orgs)
            assert await driven(bank) == set(orgs)
            assert bank._vault.attached == len(orgs)
        for bank in banks:
            await bank.stop()


async def test_two_banks_do_not_share_the_folder_they_spill_into(open_bank: Opens, tmp_path: Path) -> None:
    for shard in (0, 1):
        bank = await open_bank(shard=shard, shards=2)
        said = bank._vault._instance.execute("SELECT current_setting('temp_directory')").fetchall()
        assert said == [(str(tmp_path / "spill" / str(shard)),)]


@pytest.mark.parametrize("left", [0.0, 0.5])
async def test_a_damaged_file_is_that_orgs_trouble_alone(open_bank: Opens, tmp_path: Path, left: float) -> None:
    first = await open_bank()
    await receive(first, ORG, OTHER)
    await first.stop()
    path = tmp_path / "orgs" / ORG / "intelligence.duckdb"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * left)] or b"not a database at all" * 1000)
    bank = await open_bank()
    assert await driven(bank) == {OTHER}
    with pytest.raises(ToolFailed):
        await bank.receive_fix(ORG, FIX)
    assert (await bank.receive_fix(OTHER, FIX)).known


async def test_the_work_of_an_org_whose_backup_was_put_back_goes_on(
    open_bank: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_module, "IDLE_S", 0.01)
    first = await open_bank()
    await receive(first, ORG)
    await first.stop()
    path = tmp_path / "orgs" / ORG / "intelligence.duckdb"
    backup = path.read_bytes()
    path.write_bytes(b"damaged" * 1000)
    bank = await open_bank()
    seen, works = await bank.open_work(-1, wait_s=0)
    assert works == ()
    path.write_bytes(backup)
    running = asyncio.create_task(bank.run())
    _, works = await bank.open_work(seen, wait_s=10)
    running.cancel()
    assert {org for org, _ in works} == {ORG}


async def test_a_folder_that_is_named_after_no_org_is_left_alone(open_bank: Opens, tmp_path: Path) -> None:
    stray = tmp_path / "orgs" / "lost+found" / "intelligence.duckdb"
    stray.parent.mkdir(parents=True)
    stray.write_text("mine")
    (tmp_path / "orgs" / "notes.deleted").touch()
    await open_bank()
    assert stray.read_text() == "mine"


async def test_the_log_is_folded_in_when_nobody_has_written(
    open_bank: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_module, "IDLE_S", 0.01)
    bank = await open_bank()
    await receive(bank, ORG)
    log = tmp_path / "orgs" / ORG / "intelligence.duckdb.wal"
    assert log.stat().st_size > 0
    running = asyncio.create_task(bank.run())
    async with asyncio.timeout(10):
        while log.exists() and log.stat().st_size:
            await asyncio.sleep(0.01)
    running.cancel()


async def test_no_more_tails_are_kept_than_files_are_open(open_bank: Opens) -> None:
    bank = await open_bank(attached=3)
    await receive(bank, *ORGS)
    assert len(bank._tails) == 3


async def test_who_follows_an_org_hears_of_it_however_many_others_are_busy(open_bank: Opens) -> None:
    bank = await open_bank(attached=2)
    following = asyncio.create_task(bank.events_after(ORG, 0, wait_s=20))
    await asyncio.sleep(0)
    await receive(bank, *ORGS[1:])
    await receive(bank, ORG)
    async with asyncio.timeout(5):
        assert [one.sequence for one in await following] == [1]


async def test_followers_hear_of_a_write_whose_caller_gave_up(open_bank: Opens) -> None:
    bank = await open_bank()
    await receive(bank, ORG)
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(store: OrgStore) -> None:
        loop.call_soon_threadsafe(begun.set)
        time.sleep(0.1)
        store.commit(LESSON, now=datetime.now(UTC), writer=bank._writer)

    writing = asyncio.create_task(bank._write(ORG, slowly))
    await begun.wait()
    writing.cancel()
    async with asyncio.timeout(5):
        (told,) = await bank.events_after(ORG, 1, wait_s=4)
    assert told.event == LESSON.events[0]
