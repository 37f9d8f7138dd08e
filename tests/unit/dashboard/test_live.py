from __future__ import annotations

import asyncio

import pytest

from rsolv_ray.dashboard import live
from rsolv_ray.dashboard.live import Look, Looks, watch
from rsolv_ray.dashboard.sessions import Sessions
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import OrgId
from rsolv_ray.model.report import OrgMetrics
from tests.unit.dashboard.conftest import Home

FIX = Fix(changes=(FileChange(path="db.py", language="python", before="run(a % b)\n", after="run(a, (b,))\n"),))


async def test_a_page_shows_a_fix_soon_after_it_was_received(home: Home) -> None:
    sessions = Sessions(home.house)
    looks = watch(Looks(home.house), sessions, await sessions.open(home.reader.secret), None)
    empty = await anext(looks)
    await home.house.receive_fix(home.acme.id, FIX)
    async with asyncio.timeout(5):
        seen = await anext(looks)
    assert isinstance(empty, Look)
    assert isinstance(seen, Look)
    assert ([one.id for one in empty.cycles], [one.id for one in seen.cycles]) == ([], [FIX.cycle])
    await looks.aclose()


@pytest.mark.parametrize("asked", ["other", None, "../etc"])
async def test_the_key_of_an_org_sees_its_own_whatever_is_asked_for(home: Home, asked: str | None) -> None:
    sessions = Sessions(home.house)
    looks = watch(Looks(home.house), sessions, await sessions.open(home.reader.secret), asked)
    seen = await anext(looks)
    assert isinstance(seen, Look)
    assert (seen.org, seen.orgs, seen.is_admin) == (home.acme, (home.acme,), False)
    await looks.aclose()


async def test_an_admin_sees_the_org_that_is_asked_for(home: Home) -> None:
    sessions = Sessions(home.house)
    looks = watch(Looks(home.house), sessions, await sessions.open(home.admin.secret), "other")
    seen = await anext(looks)
    assert isinstance(seen, Look)
    assert seen.org is not None
    assert (seen.org.name, len(seen.orgs)) == ("other", 2)
    await looks.aclose()


@pytest.mark.parametrize("asked", ["nobody", "No Such <b>"])
async def test_an_org_that_is_not_there_ends_the_watching_with_a_word(home: Home, asked: str) -> None:
    sessions = Sessions(home.house)
    told = [one async for one in watch(Looks(home.house), sessions, await sessions.open(home.admin.secret), asked)]
    assert len(told) == 1
    assert isinstance(told[0], str)


async def test_a_session_that_ends_while_the_page_is_open_ends_the_watching(home: Home) -> None:
    sessions = Sessions(home.house)
    name = await sessions.open(home.reader.secret)
    looks = watch(Looks(home.house), sessions, name, None)
    await anext(looks)
    sessions.close(name)
    await home.house.receive_fix(home.acme.id, FIX)
    told = [one async for one in looks]
    assert len(told) == 1
    assert "log in" in str(told[0])


async def test_a_page_says_that_the_service_does_not_answer_and_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(home.house)
    monkeypatch.setattr(live, "RETRY_S", 0.01)
    looks = watch(Looks(home.house), sessions, await sessions.open(home.reader.secret), None)
    with monkeypatch.context() as broken:

        async def restarting(*_: object) -> None:
            raise Unavailable("bank/0 restarts")

        broken.setattr(home.house, "last_sequence", restarting)
        assert "bank/0 restarts" in str(await anext(looks))
    assert isinstance(await anext(looks), Look)
    await looks.aclose()


async def test_pages_that_look_at_an_org_at_the_same_time_look_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    real = home.house.metrics

    async def counted(org: OrgId) -> OrgMetrics:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return await real(org)

    monkeypatch.setattr(home.house, "metrics", counted)
    looks = Looks(home.house)
    seen = await asyncio.gather(*(looks.at(home.acme) for _ in range(5)))
    assert asked == 1
    assert {one.sequence for one in seen} == {seen[0].sequence}
    await looks.at(home.acme)
    assert asked == 2


async def test_a_page_that_is_closed_while_it_looks_leaves_the_others_their_look(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(home.house)
    closed, stays = asyncio.create_task(looks.at(home.acme)), asyncio.create_task(looks.at(home.acme))
    await asyncio.sleep(0)
    closed.cancel()
    assert (await stays).metrics is not None


def test_a_page_is_drawn_at_most_once_a_second() -> None:
    assert live.PAUSE_S >= 1
