from __future__ import annotations

from contextlib import ExitStack

import pytest

from rsolv_ray.dashboard import sessions as dashboard_sessions
from rsolv_ray.dashboard.sessions import LASTS_S, LONGEST_PAGE, MOST_LIVE, Sessions
from rsolv_ray.model.errors import NotAllowed
from tests.unit.dashboard.conftest import Home


async def test_a_session_stands_for_its_key_without_showing_it(home: Home) -> None:
    sessions = Sessions(home.house)
    name = await sessions.open(home.reader.secret)
    principal = await sessions.principal(name)
    assert principal is not None
    assert (principal.key, principal.org) == (home.reader.key.id, home.acme.id)
    assert home.reader.secret not in name


async def test_two_sessions_of_a_key_bear_different_names(home: Home) -> None:
    sessions = Sessions(home.house)
    assert await sessions.open(home.reader.secret) != await sessions.open(home.reader.secret)


async def test_a_session_ends_after_its_time(home: Home) -> None:
    now = 0.0
    sessions = Sessions(home.house, clock=lambda: now)
    name = await sessions.open(home.reader.secret)
    now = LASTS_S - 1.0
    assert await sessions.principal(name) is not None
    now = LASTS_S
    assert await sessions.principal(name) is None


async def test_revoking_a_key_ends_its_sessions(home: Home) -> None:
    sessions = Sessions(home.house)
    name = await sessions.open(home.reader.secret)
    await home.house.revoke_key(home.reader.key.id, org=home.acme.id, by="test")
    assert await sessions.principal(name) is None


@pytest.mark.parametrize("name", [None, "", "made-up"])
async def test_a_name_that_was_never_given_is_nobody(home: Home, name: str | None) -> None:
    assert await Sessions(home.house).principal(name) is None


async def test_a_key_that_may_not_read_opens_nothing(home: Home) -> None:
    with pytest.raises(NotAllowed, match="read"):
        await Sessions(home.house).open(home.writer.secret)


async def test_a_page_is_of_the_session_that_asked_first(home: Home) -> None:
    sessions = Sessions(home.house)
    first, second = [await sessions.open(home.reader.secret) for _ in range(2)]
    assert [sessions.holds(one, "page") for one in (first, second, first)] == [True, False, True]
    assert sessions.holds(second, "another")


async def test_a_page_of_a_session_that_is_closed_or_over_is_free(home: Home) -> None:
    now = 0.0
    sessions = Sessions(home.house, clock=lambda: now)
    first, second = [await sessions.open(home.reader.secret) for _ in range(2)]
    assert sessions.holds(first, "page")
    sessions.close(first)
    assert sessions.holds(second, "page")
    now = LASTS_S
    assert sessions.holds(await sessions.open(home.reader.secret), "page")


async def test_of_a_session_those_pages_are_known_that_asked_most_lately(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard_sessions, "MOST_PAGES", 2)
    sessions = Sessions(home.house)
    first, second = [await sessions.open(home.reader.secret) for _ in range(2)]
    for page in ("a", "b", "a", "c"):
        assert sessions.holds(first, page)
    assert [sessions.holds(second, page) for page in ("a", "b", "c")] == [False, True, False]


async def test_a_page_of_a_long_name_or_of_no_session_is_nobody_s(home: Home) -> None:
    sessions = Sessions(home.house)
    assert not sessions.holds(await sessions.open(home.reader.secret), "x" * (LONGEST_PAGE + 1))
    assert not sessions.holds("made-up", "page")


async def test_a_key_has_so_many_live_pages_in_all_its_sessions_and_more_when_one_ends(home: Home) -> None:
    sessions = Sessions(home.house)
    names = [await sessions.open(home.reader.secret) for _ in range(2)]
    other = await sessions.open(home.admin.secret)
    with ExitStack() as open_pages:
        for number in range(MOST_LIVE - 1):
            assert open_pages.enter_context(sessions.watching(names[number % 2]))
        with (
            sessions.watching(names[0]) as last,
            sessions.watching(names[1]) as further,
            sessions.watching(other) as own,
        ):
            assert (last, further, own) == (True, False, True)
        with sessions.watching(names[1]) as after:
            assert after
