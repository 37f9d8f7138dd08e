"""So many at once, the urgent first."""

from __future__ import annotations

import asyncio

import pytest

from rsolv_ray.actors.turns import PATIENT, URGENT, Turns


async def hold(turns: Turns, rank: int, name: str, order: list[str]) -> None:
    async with turns.turn(rank):
        order.append(name)
        await asyncio.sleep(0)


async def test_the_urgent_overtake_the_patient_that_wait() -> None:
    turns, order = Turns(1), list[str]()
    async with turns.turn(URGENT):
        waiting = [
            asyncio.create_task(hold(turns, rank, name, order))
            for rank, name in ((PATIENT, "backfill 1"), (PATIENT, "backfill 2"), (URGENT, "ci 1"), (URGENT, "ci 2"))
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    assert order == ["ci 1", "ci 2", "backfill 1", "backfill 2"]


async def test_no_more_than_so_many_hold_a_turn() -> None:
    turns, held, most = Turns(3), 0, 0

    async def work() -> None:
        nonlocal held, most
        async with turns.turn(URGENT):
            held += 1
            most = max(most, held)
            await asyncio.sleep(0)
            held -= 1

    await asyncio.gather(*(work() for _ in range(30)))
    assert most == 3


async def test_a_turn_that_nobody_takes_any_more_goes_on_to_the_next() -> None:
    turns = Turns(1)
    async with turns.turn(URGENT):
        gone, stays = (asyncio.create_task(hold(turns, URGENT, name, [])) for name in ("gone", "stays"))
        await asyncio.sleep(0)
        gone.cancel()
    async with asyncio.timeout(5):
        await stays
    with pytest.raises(asyncio.CancelledError):
        await gone
    async with asyncio.timeout(5), turns.turn(PATIENT):
        pass


async def test_a_turn_comes_back_though_its_holder_failed() -> None:
    turns = Turns(1)
    with pytest.raises(RuntimeError):
        async with turns.turn(URGENT):
            raise RuntimeError
    async with asyncio.timeout(5), turns.turn(URGENT):
        pass
