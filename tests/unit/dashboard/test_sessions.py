from __future__ import annotations

import pytest

from rsolv_ray.dashboard.sessions import LASTS_S, Sessions
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
