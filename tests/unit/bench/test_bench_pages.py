"""The benchmark's pages are the dashboard's own: opened at a server of this process, over the real house."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from rsolv_ray.bench.pages import follower, with_open_pages
from rsolv_ray.dashboard.mount import mount
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import OrgName
from rsolv_ray.model.org import Scope
from rsolv_ray.settings import Settings
from rsolv_ray.testing import in_process


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    server.force_exit = True
    await running


async def test_open_pages_are_drawn_anew_after_each_fix(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    loop, number = asyncio.get_running_loop(), 0
    async with in_process(settings) as house, _serving(mount(FastAPI(), house, settings)) as url:
        org = await house.create_org(OrgName("acme"), "", by="test")
        key = await house.issue_key(org.id, "k", frozenset({Scope.READ}), expires_at=None, by="test")

        def send() -> float:
            nonlocal number
            number += 1
            change = {"path": "a.py", "before": f"run(x{number})\n", "after": "run(clean(x))\n"}
            began = time.perf_counter()
            fix = Fix.model_validate({"changes": [change]})
            asyncio.run_coroutine_threadsafe(house.receive_fix(org.id, fix), loop).result(10)
            return time.perf_counter() - began

        told = await with_open_pages(url, key.secret, send, lambda: None, count=2, samples=1)
    assert (told.count, told.opened_s.samples) == (2, 8)
    assert (told.alone_ms.samples, told.beside_ms.samples, told.shown_s.samples) == (4, 4, 4)
    assert told.shown_s.most < 10


def test_a_page_that_follows_nothing_is_refused() -> None:
    with pytest.raises(ToolFailed, match="no function that follows the log"):
        follower({"components": [], "dependencies": [{"id": 1, "targets": [[None, "load"]]}]})
