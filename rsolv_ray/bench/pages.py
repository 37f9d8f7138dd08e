"""What do open dashboards cost, and how soon do they show what happened?

A page is opened as a browser does it, less the drawing: log in, read the page's configuration, join the queue of Gradio
with the function that follows the log, and listen to its stream.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from rsolv_ray.bench.figures import Spread
from rsolv_ray.model.errors import ToolFailed, Unavailable

HOME = "/dashboard/"
OPEN_TIMEOUT_S, DRAWN_TIMEOUT_S = 60.0, 20.0
ROUNDS = 4


@dataclass(slots=True)
class OpenPage:
    """A page that is followed. `drawn_at` is when it was last drawn anew (`perf_counter`), `drawn` how often."""

    opened_s: float
    drawn_at: float = 0.0
    drawn: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Pages:
    """`count` pages were open. Milliseconds until a fix was accepted without and with them, seconds until a page was
    drawn anew after a fix was sent, and seconds until a page had its first content."""

    count: int
    alone_ms: Spread
    beside_ms: Spread
    shown_s: Spread
    opened_s: Spread

    @property
    def slower_by(self) -> float:
        """How much longer the median fix took to be accepted with the pages open, as a share."""
        return self.beside_ms.p50 / self.alone_ms.p50 - 1.0


async def with_open_pages(
    url: str, key: str, send_fix: Callable[[], float], settle: Callable[[], object], *, count: int, samples: int
) -> Pages:
    """Send fixes in rounds, without pages and with `count` of them open, in turns so that both see the same machine.

    `send_fix` sends one and says in how many seconds it was accepted; `settle` waits until nothing runs any more.
    """
    alone, beside, shown, opened = list[float](), list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        for _ in range(samples):
            alone.append(1000 * await asyncio.to_thread(send_fix))
            await asyncio.to_thread(settle)
        async with _open_pages(url, key, count) as pages:
            opened += [page.opened_s for page in pages]
            for _ in range(samples):
                shown.append(await _until_shown(pages, lambda: beside.append(1000 * send_fix())))
                await asyncio.to_thread(settle)
    return Pages(count, Spread.of(alone), Spread.of(beside), Spread.of(shown), Spread.of(opened))


async def _until_shown(pages: list[OpenPage], send: Callable[[], None]) -> float:
    """Seconds from sending until the last of the pages was drawn anew.

    Raises:
        Unavailable: one was not.
    """
    for page in pages:
        page.news.clear()
    began = time.perf_counter()
    sending = asyncio.create_task(asyncio.to_thread(send))
    try:
        async with asyncio.timeout(DRAWN_TIMEOUT_S):
            await asyncio.gather(*(page.news.wait() for page in pages))
    except TimeoutError as error:
        raise Unavailable(f"an open page showed nothing of a fix within {DRAWN_TIMEOUT_S:g} s") from error
    taken = max(page.drawn_at for page in pages) - began
    await sending
    return taken


@asynccontextmanager
async def _open_pages(url: str, key: str, count: int) -> AsyncIterator[list[OpenPage]]:
    async with AsyncExitStack() as held:
        limits = httpx.Limits(max_connections=None)
        http = await held.enter_async_context(
            httpx.AsyncClient(base_url=url, limits=limits, timeout=OPEN_TIMEOUT_S, trust_env=False)
        )
        answer = await http.post("/dashboard/login", data={"key": key})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise ToolFailed(f"the dashboard did not let the benchmark in: it answered {answer.status_code}")
        pages = [await _open(http, held) for _ in range(count)]
        yield pages


async def _open(http: httpx.AsyncClient, held: AsyncExitStack) -> OpenPage:
    began = time.perf_counter()
    (await http.get(HOME)).raise_for_status()
    config: dict[str, Any] = (await http.get(f"{HOME}config")).raise_for_status().json()
    session = secrets.token_hex(6)
    body = {"data": [], "fn_index": follower(config), "session_hash": session, "event_data": None, "trigger_id": None}
    (await http.post(f"{HOME}gradio_api/queue/join", json=body)).raise_for_status()
    stream = await held.enter_async_context(
        http.stream("GET", f"{HOME}gradio_api/queue/data", params={"session_hash": session}, timeout=None)
    )
    page = OpenPage(0.0)
    listening = asyncio.create_task(_listen(stream, page))
    held.callback(listening.cancel)
    async with asyncio.timeout(OPEN_TIMEOUT_S):
        await page.news.wait()
    page.opened_s = page.drawn_at - began
    return page


def follower(config: dict[str, Any]) -> int:
    """Which function of a Gradio page follows the log: the one that its load and a timer both trigger.

    Raises:
        ToolFailed: there is none; the page is not ours.
    """
    timers = {one["id"] for one in config["components"] if one["type"] == "timer"}
    for one in config["dependencies"]:
        if {("load", True), ("tick", True)} <= {
            (event, event == "load" or at in timers) for at, event in one["targets"]
        }:
            return int(one["id"])
    raise ToolFailed("the dashboard's page has no function that follows the log")


async def _listen(stream: httpx.Response, page: OpenPage) -> None:
    async for line in stream.aiter_lines():
        if line.startswith("data:") and json.loads(line[5:]).get("msg") == "process_generating":
            page.drawn_at = time.perf_counter()
            page.drawn += 1
            page.news.set()
