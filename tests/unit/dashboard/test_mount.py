from __future__ import annotations

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from rsolv_ray.dashboard.mount import Dashboard
from rsolv_ray.dashboard.sessions import COOKIE
from rsolv_ray.settings import Settings
from tests.unit.dashboard.conftest import Home


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[FastAPI | OSError]:
    """What building the dashboard comes to, one after the other; those that are left were not called for."""
    left: list[FastAPI | OSError] = [OSError("no disk"), FastAPI(openapi_url=None), FastAPI()]

    def build(_: Dashboard) -> FastAPI:
        made = left.pop(0)
        if isinstance(made, OSError):
            raise made
        return made

    monkeypatch.setattr(Dashboard, "_build", build)
    return left


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> set[asyncio.Task[FastAPI]]:
    """The loads that were begun. To be named before the client, whose way in takes hold of what begins them."""
    tasks: set[asyncio.Task[FastAPI]] = set()
    load = Dashboard.load

    def noted(dashboard: Dashboard) -> asyncio.Task[FastAPI]:
        tasks.add(load(dashboard))
        return load(dashboard)

    monkeypatch.setattr(Dashboard, "load", noted)
    return tasks


async def test_who_does_not_ask_for_the_login_does_not_make_the_dashboard_load(
    begun: set[asyncio.Task[FastAPI]], client: httpx.AsyncClient
) -> None:
    await client.get("/dashboard/session")
    await client.post("/dashboard/login", data={"key": "rsk_wrong"})
    await client.get("/dashboard/", headers={"accept": "text/html"})
    assert begun == set()


async def test_a_load_that_failed_is_tried_again_and_one_that_did_not_is_kept(
    home: Home, settings: Settings, loads: list[FastAPI | OSError]
) -> None:
    dashboard = Dashboard(home.house, settings)
    session = await dashboard.sessions.open(home.reader.secret)
    transport = httpx.ASGITransport(dashboard)
    async with dashboard.running, httpx.AsyncClient(transport=transport, base_url="http://rsolv.test") as client:
        client.cookies.set(COOKIE, session)
        with pytest.raises(OSError, match="no disk"):
            await client.get("/nothing")
        assert [(await client.get("/nothing")).status_code for _ in range(2)] == [404, 404]
    assert len(loads) == 1


async def test_asking_for_the_login_begins_the_load_once(
    begun: set[asyncio.Task[FastAPI]], client: httpx.AsyncClient, loads: list[FastAPI | OSError]
) -> None:
    loads.pop(0)
    for _ in range(3):
        await client.get("/dashboard/login")
        await asyncio.gather(*begun)
    assert (len(begun), len(loads)) == (1, 1)


async def test_a_login_begins_the_load(
    begun: set[asyncio.Task[FastAPI]], client: httpx.AsyncClient, home: Home, loads: list[FastAPI | OSError]
) -> None:
    loads.pop(0)
    await client.post("/dashboard/login", data={"key": home.reader.secret})
    await asyncio.gather(*begun)
    assert (len(begun), len(loads)) == (1, 1)
