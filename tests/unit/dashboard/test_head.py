"""Which ways out does a page show, and are all pages live together within one limit?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from rsolv_ray.dashboard.desk import Desk
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import Looks
from rsolv_ray.dashboard.pages.overview import look
from rsolv_ray.dashboard.sessions import COOKIE, Sessions
from rsolv_ray.dashboard.site import site
from rsolv_ray.settings import Settings
from tests.unit.dashboard.conftest import Home

First = Callable[[str, str], Any]


@pytest.fixture
async def first(home: Home, settings: Settings) -> First:
    """What an admin's page shows first, of an org and under a host: the head, the notice, and the page's own part."""
    sessions = Sessions(home.house)
    session = await sessions.open(home.admin.secret)

    async def shown(org: str, host: str) -> list[Any]:
        with gr.Blocks() as blocks:
            frame = Frame(Desk(home.house, sessions, settings), Looks(home.house), blocks, "")
            frame.follow(look, lambda *_: ["drawn"], [frame.drawing("part")])
        (show,) = {one.fn for one in blocks.fns.values() if one.fn}
        request = SimpleNamespace(
            cookies={COOKIE: session},
            query_params={"org": org},
            url=SimpleNamespace(scheme="http"),
            headers={"host": host},
            session_hash="page",
        )
        views: AsyncIterator[list[Any]] = show(request)
        return await anext(views)

    return shown


async def test_who_asks_for_an_org_that_is_not_there_can_choose_another_and_log_out(first: First) -> None:
    head, notice, part = await first("typo", "localhost:8080")
    assert '<option value="other">' in head
    assert "Log out" in head
    assert "There is no organisation &#x27;typo&#x27;." in notice
    assert part == gr.skip()


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
async def test_ray_s_dashboard_is_a_link_for_who_comes_from_the_same_machine(first: First, host: str) -> None:
    assert 'href="http://127.0.0.1:' in (await first("acme", host))[0]


@pytest.mark.parametrize("host", ["rsolv.example:8080", "10.0.0.5", "127.0.0.1.evil.test", ""])
async def test_ray_s_dashboard_is_no_link_for_who_comes_from_elsewhere(first: First, host: str) -> None:
    head = (await first("acme", host))[0]
    assert 'href="http://127.0.0.1:' not in head
    assert "Ray dashboard: 127.0.0.1:8265 (by SSH tunnel)" in head


def test_all_pages_are_live_within_one_limit(home: Home, settings: Settings) -> None:
    blocks = site(Desk(home.house, Sessions(home.house), settings))
    limits = {
        one.concurrency_id: one.concurrency_limit
        for one in blocks.fns.values()
        if one.fn and "follow" in one.fn.__qualname__
    }
    assert limits == {"live": settings.max_streams}
