from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from rsolv_ray.dashboard import desk as dashboard_desk
from rsolv_ray.dashboard import live
from rsolv_ray.dashboard.desk import Asked, Desk
from rsolv_ray.dashboard.live import Looks, View, watch
from rsolv_ray.dashboard.pages.overview import Overview, look
from rsolv_ray.dashboard.sessions import Sessions
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.events import RuleAccepted
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import OrgId, OrgName
from rsolv_ray.model.intelligence import Intelligence
from rsolv_ray.model.org import Org
from rsolv_ray.model.page import Page
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
async def test_an_org_that_is_not_there_is_told_with_those_that_are(home: Home, asked: str) -> None:
    sessions = Sessions(home.house)
    looks = _watch(home, sessions, await sessions.open(home.admin.secret), asked)
    told = await anext(looks)
    assert isinstance(told, View)
    assert (told.visitor.lost, told.seen) == (f"There is no organisation {asked!r}.", None)
    assert len(told.visitor.orgs) == 2
    await looks.aclose()


async def test_a_page_comes_alive_when_its_org_is_made(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RETRY_S", 0.01)
    sessions = Sessions(home.house)
    looks = _watch(home, sessions, await sessions.open(home.admin.secret), "late")
    await anext(looks)
    made = await home.house.create_org(OrgName("late"), "", by="test")
    async with asyncio.timeout(5):
        while not isinstance(told := await anext(looks), View) or told.seen is None:
            pass
    assert told.seen.org == made
    await looks.aclose()


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


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


async def test_a_burst_of_news_is_drawn_twice_the_first_of_it_at_once(home: Home) -> None:
    sessions, clock = Sessions(home.house), Clock()
    looks = Looks(home.house, now=clock.now, sleep=clock.sleep)
    asked = Asked(await sessions.open(home.reader.secret))
    views = watch(Desk(home.house, sessions, Settings()), looks, look, asked)
    await anext(views)
    clock.time += 5
    await _receive(home, range(1))
    assert len(_seen(await anext(views)).running) == 1
    await _receive(home, range(1, 8))
    last = await anext(views)
    assert len(_seen(last).running) == 8
    assert isinstance(last, View)
    assert last.sequence == await home.house.last_sequence(home.acme.id)
    assert clock.slept == [live.SETTLE_S, pytest.approx(live.EVERY_S)]
    await views.aclose()


async def _receive(home: Home, numbers: range) -> None:
    for number in numbers:
        change = FIX.changes[0].model_copy(update={"before": f"run(a % b{number})\n"})
        await home.house.receive_fix(home.acme.id, FIX.model_copy(update={"changes": (change,)}))


async def test_pages_that_ask_at_the_same_time_are_told_each_of_all_that_was_accepted_until_its_own_view(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, real = Looks(home.house), home.house.events_after
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*args: Any, **named: Any) -> Any:
        told = await real(*args, **named)
        asked.set()
        await go_on.wait()
        return told

    monkeypatch.setattr(home.house, "events_after", slow)
    begin = await home.house.last_sequence(home.acme.id)
    looks.note_told("early", home.acme, begin)
    looks.note_told("late", home.acme, begin)
    first = await _accept(home, 1)
    early = asyncio.create_task(looks.news("early", home.acme, first))
    await asked.wait()
    second = await _accept(home, 2)
    late = asyncio.create_task(looks.news("late", home.acme, second))
    await asyncio.sleep(0)
    go_on.set()
    assert ([one.rule.version for one in await early], [one.rule.version for one in await late]) == ([1], [1, 2])


async def _accept(home: Home, version: int) -> int:
    """Let a rule be accepted; the number of its event."""
    accepted = RuleAccepted(cycle=FIX.cycle, rule=learned(version=version).summary())
    await home.house._tell(home.acme.id, "commit", Batch(once=f"accepted {version}", events=(accepted,)))
    return await home.house.last_sequence(home.acme.id)


@pytest.mark.parametrize(("page", "versions"), [("the same", [1]), ("another", []), (None, [])])
async def test_a_rule_that_is_accepted_between_two_watches_of_a_page_is_told_of_in_the_second(
    home: Home, page: str | None, versions: list[int]
) -> None:
    sessions = Sessions(home.house)
    desk, looks = Desk(home.house, sessions, Settings()), Looks(home.house)
    session = await sessions.open(home.reader.secret)
    first = watch(desk, looks, look, Asked(session, page="the same" if page else None))
    await anext(first)
    await home.house.receive_fix(home.acme.id, FIX)
    await anext(first)
    await first.aclose()
    await _accept(home, 1)
    second = watch(desk, looks, look, Asked(session, page=page))
    seen = await anext(second)
    assert isinstance(seen, View)
    assert [one.rule.version for one in seen.news] == versions
    await second.aclose()


async def test_of_many_pages_those_that_look_most_lately_are_known(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_PAGES", 2)
    looks = Looks(home.house)
    begin = await home.house.last_sequence(home.acme.id)
    for page in ("a", "b", "a", "c"):
        looks.note_told(page, home.acme, begin)
    last = await _accept(home, 1)
    assert [len(await looks.news(page, home.acme, last)) for page in ("a", "b", "c")] == [1, 0, 1]


async def test_an_admins_pages_ask_for_the_orgs_once_in_some_seconds(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = 0, home.house.orgs

    async def counted(limit: int, cursor: str | None) -> Page[Org]:
        nonlocal asked
        asked += 1
        return await real(limit, cursor)

    monkeypatch.setattr(home.house, "orgs", counted)
    sessions = Sessions(home.house)
    desk, admin = Desk(home.house, sessions, Settings()), Asked(await sessions.open(home.admin.secret))
    seen = [await desk.visitor(admin) for _ in range(3)]
    assert ({len(one.orgs) for one in seen}, asked) == ({2}, 1)
    monkeypatch.setattr(dashboard_desk, "ORGS_KNOWN_S", 0.0)
    desk = Desk(home.house, sessions, Settings())
    await desk.visitor(admin)
    await home.house.create_org(OrgName("third"), "", by="test")
    assert (len((await desk.visitor(admin)).orgs), asked) == (3, 3)


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
