"""Does the service still answer when many follow its events?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from rsolv_ray.bench.figures import Spread

OPEN_TIMEOUT_S = 60.0
TOLD_TIMEOUT_S = 20.0
PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Streams:
    """`opened` of the streams asked for answered 200, `told` of them heard of the fix that was sent meanwhile, the last
    after `told_s` seconds; `livez_ms` are the answers of `/livez` with all of them open."""

    asked: int
    opened: int
    told: int
    told_s: float
    livez_ms: Spread


async def with_open_streams(
    url: str, key: str, org: str, send_fix: Callable[[], object], *, count: int, polls: int
) -> Streams:
    """Open `count` event streams, ask `/livez` `polls` times, send a fix, and see who hears of it."""
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(
            base_url=url, headers=headers, limits=limits, timeout=OPEN_TIMEOUT_S, trust_env=False
        ) as http,
        AsyncExitStack() as held,
    ):
        path = f"/api/v1/orgs/{org}/events"
        answers = [await held.enter_async_context(http.stream("GET", path)) for _ in range(count)]
        opened = [answer for answer in answers if answer.status_code == httpx.codes.OK]
        livez = [await _timed(http, "/livez") for _ in range(polls)]
        began = time.perf_counter()
        heard = [asyncio.create_task(_hears(answer)) for answer in opened]
        await asyncio.to_thread(send_fix)
        done, late = await asyncio.wait(heard, timeout=TOLD_TIMEOUT_S) if heard else (set(), set())
        told_s = time.perf_counter() - began
        for task in late:
            task.cancel()
        told = sum(task.result() for task in done)
    return Streams(count, len(opened), told, told_s, Spread.of([1000 * taken for taken in livez]))


async def _timed(http: httpx.AsyncClient, path: str) -> float:
    await asyncio.sleep(PAUSE_S)
    began = time.perf_counter()
    (await http.get(path)).raise_for_status()
    return time.perf_counter() - began


async def _hears(answer: httpx.Response) -> bool:
    """Whether the stream tells of a fix before it ends."""
    async for line in answer.aiter_lines():
        if line == "event: FixReceived":
            return True
    return False
