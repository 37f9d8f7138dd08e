from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from time import monotonic

import pytest

from rsolv_ray.dashboard import live
from rsolv_ray.dashboard.desk import Asked, Desk
from rsolv_ray.dashboard.live import Looks, View, watch
from rsolv_ray.dashboard.pages.overview import Overview, look
from rsolv_ray.dashboard.sessions import Sessions
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.events import RuleAccepted
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import OrgId
from rsolv_ray.model.intelligence import Intelligence
from rsolv_ray.settings import Settings
from tests.unit.dashboard.conftest import Home
from tests.unit.dashboard.samples import learned

FIX = Fix(changes=(FileChange(path="db.py", language="python", before="run(a % b)\n", after="run(a, (b,))\n"),))


def _watch(home: Home, sessions: Sessions, session: str, org: str | None) -> AsyncGenerator[View[Overview] | str]:
    asked = Asked(session, {"org": org} if org else {})
    return watch(Desk(home.house, sessions, Settings()), Looks(home.house), look, asked)


def _seen(told: View[Overview] | str) -> Overview:
    assert isinstance(told, View)
    assert told.seen is not None
    return told.seen


async def test_a_page_shows_a_fix_soon_after_it_was_received(home: Home) -> None:
    sessions = Sessions(home.house)
    looks = _watch(home, sessions, await sessions.open(home.reader.secret), None)
    empty = await anext(looks)
    await home.house.receive_fix(home.acme.id, FIX)
    async with asyncio.timeout(5):
        seen = await anext(looks)
    assert ([one.id for one in _seen(empty).running], [one.id for one in _seen(seen).running]) == ([], [FIX.cycle])
    await looks.aclose()


@pytest.mark.parametrize("asked", ["other", None, "../etc"])
async def test_the_key_of_an_org_sees_its_own_whatever_is_asked_for(home: Home, asked: str | None) -> None:
    sessions = Sessions(home.house)
    looks = _watch(home, sessions, await sessions.open(home.reader.secret), asked)
    seen = await anext(looks)
    assert isinstance(seen, View)
    assert (_seen(seen).org, seen.visitor.orgs, seen.visitor.is_admin) == (home.acme, (home.acme,), False)
    await looks.aclose()


async def test_an_admin_sees_the_org_that_is_asked_for(home: Home) -> None:
    sessions = Sessions(home.house)
    looks = _watch(home, sessions, await sessions.open(home.admin.secret), "other")
    seen = await anext(looks)
    assert isinstance(seen, View)
    assert (_seen(seen).org.name, len(seen.visitor.orgs)) == ("other", 2)
    await looks.aclose()


@pytest.mark.parametrize("asked", ["nobody", "No Such <b>"])
async def test_an_org_that_is_not_there_ends_the_watching_with_a_word(home: Home, asked: str) -> None:
    sessions = Sessions(home.house)
    told = [one async for one in _watch(home, sessions, await sessions.open(home.admin.secret), asked)]
    assert len(told) == 1
    assert isinstance(told[0], View)
    assert told[0].visitor.lost == f"There is no organisation {asked!r}."
    assert len(told[0].visitor.orgs) == 2


async def test_a_session_that_ends_while_the_page_is_open_ends_the_watching(home: Home) -> None:
    sessions = Sessions(home.house)
    name = await sessions.open(home.reader.secret)
    looks = _watch(home, sessions, name, None)
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
    looks = _watch(home, sessions, await sessions.open(home.reader.secret), None)
    with monkeypatch.context() as broken:

        async def restarting(*_: object) -> None:
            raise Unavailable("bank/0 restarts")

        broken.setattr(home.house, "last_sequence", restarting)
        assert "bank/0 restarts" in str(await anext(looks))
    assert isinstance(await anext(looks), View)
    await looks.aclose()


async def test_pages_that_look_at_an_org_at_the_same_time_look_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    real = home.house.intelligence

    async def counted(org: OrgId) -> Intelligence:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return await real(org)

    monkeypatch.setattr(home.house, "intelligence", counted)
    looks = Looks(home.house)
    seen = await asyncio.gather(*(looks.at(home.acme, look, {}) for _ in range(5)))
    assert asked == 1
    assert {sequence for sequence, _ in seen} == {seen[0][0]}
    await looks.at(home.acme, look, {})
    assert asked == 2


async def test_a_page_that_is_closed_while_it_looks_leaves_the_others_their_look(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(home.house)
    closed, stays = (
        asyncio.create_task(looks.at(home.acme, look, {})),
        asyncio.create_task(looks.at(home.acme, look, {})),
    )
    await asyncio.sleep(0)
    closed.cancel()
    assert (await stays)[1].org == home.acme


async def test_a_burst_of_news_is_drawn_twice_the_first_of_it_at_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "EVERY_S", 0.5)
    sessions = Sessions(home.house)
    looks = _watch(home, sessions, await sessions.open(home.reader.secret), None)
    await anext(looks)
    await asyncio.sleep(0.5)
    views: list[float] = []

    async def count() -> None:
        async for _ in looks:
            views.append(monotonic())  # noqa: PERF401 - it is cancelled

    counting = asyncio.create_task(count())
    begun = monotonic()
    for number in range(10):
        change = FIX.changes[0].model_copy(update={"before": f"run(a % b{number})\n"})
        await home.house.receive_fix(home.acme.id, FIX.model_copy(update={"changes": (change,)}))
    await asyncio.sleep(1.2)
    counting.cancel()
    assert views[0] - begun < 0.4
    assert len(views) == 2


async def test_a_rule_that_is_accepted_just_before_a_page_looks_is_told_of_with_that_look(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(home.house)
    looks = _watch(home, sessions, await sessions.open(home.reader.secret), None)
    first = await anext(looks)
    await home.house.receive_fix(home.acme.id, FIX)
    accepted = RuleAccepted(cycle=FIX.cycle, rule=learned().summary())
    real = home.house.last_sequence

    async def just_before(org: OrgId) -> int:
        await home.house._tell(org, "commit", Batch(once="accepted", events=(accepted,)))
        return await real(org)

    monkeypatch.setattr(home.house, "last_sequence", just_before)
    second = await anext(looks)
    assert isinstance(first, View)
    assert isinstance(second, View)
    assert ([one.rule.id for one in first.news], [one.rule.id for one in second.news]) == ([], [learned().id])
    await looks.aclose()
