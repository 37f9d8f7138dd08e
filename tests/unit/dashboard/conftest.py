"""What does the dashboard stand in front of in these tests? The real house, in this process, with an org and its keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.mount import mount
from rsolv_ray.model.ids import OrgName
from rsolv_ray.model.org import IssuedKey, Org, Scope
from rsolv_ray.settings import Settings
from rsolv_ray.testing import in_process


@dataclass(frozen=True)
class Home:
    house: House
    acme: Org
    reader: IssuedKey
    writer: IssuedKey
    admin: IssuedKey


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, key_cache_s=0.001)


@pytest.fixture
async def home(settings: Settings) -> AsyncIterator[Home]:
    async with in_process(settings) as house:
        acme = await house.create_org(OrgName("acme"), "Acme", by="test")
        await house.create_org(OrgName("other"), "Other", by="test")

        async def key(org: Org | None, scope: Scope) -> IssuedKey:
            return await house.issue_key(org and org.id, "k", frozenset({scope}), expires_at=None, by="test")

        yield Home(house, acme, await key(acme, Scope.READ), await key(acme, Scope.WRITE), await key(None, Scope.ADMIN))


@pytest.fixture
async def client(home: Home, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = mount(FastAPI(), home.house, settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://rsolv.test") as made,
    ):
        yield made
