"""One request at a time for each worker."""

from __future__ import annotations

import asyncio

import pytest

from rsolv_ray.actors.pool import Pool


async def test_no_worker_is_leased_twice_at_once() -> None:
    pool, held = Pool(["a", "b"]), []

    async def work() -> None:
        async with pool.lease() as one:
            assert one not in held
            held.append(one)
            await asyncio.sleep(0)
            held.remove(one)

    await asyncio.gather(*(work() for _ in range(20)))


async def test_a_worker_comes_back_though_its_user_failed() -> None:
    pool = Pool(["a"])
    with pytest.raises(RuntimeError):
        async with pool.lease():
            raise RuntimeError
    async with asyncio.timeout(5), pool.lease() as one:
        assert one == "a"
