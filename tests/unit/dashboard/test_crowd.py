"""What does a crowd of pages, or a hostile one, take from the others? Asked of the application as it is mounted."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from rsolv_ray.bench.pages import follower
from rsolv_ray.dashboard.frame import CROWDED
from rsolv_ray.dashboard.login import LOGIN, PATH
from rsolv_ray.dashboard.sessions import MOST_LIVE
from rsolv_ray.model.org import IssuedKey, Scope
from tests.unit.dashboard.conftest import Home

# Gradio sums up its events by what pandas will drop (6.31 with 3.0).
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
API = f"{PATH}/gradio_api"


@pytest.fixture
async def second(home: Home) -> IssuedKey:
    """Another reader's key."""
    return await home.house.issue_key(home.acme.id, "s", frozenset({Scope.READ}), expires_at=None, by="test")


@asynccontextmanager
async def _inside(client: httpx.AsyncClient, key: IssuedKey) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser, logged in with this key."""
    made = httpx.AsyncClient(transport=client._transport, base_url=client.base_url)
    assert (await made.post(LOGIN, data={"key": key.secret})).status_code == 303
    yield made  # the transport is the client's: it is closed there


async def _join(http: httpx.AsyncClient, function: int, page: str, data: list[Any] | None = None) -> httpx.Response:
    body = {"data": data or [], "fn_index": function, "session_hash": page, "event_data": None, "trigger_id": None}
    return await http.post(f"{API}/queue/join", json=body)


async def _answer(http: httpx.AsyncClient, page: str) -> list[dict[str, Any]]:
    """All that the stream of a page says until it ends."""
    async with asyncio.timeout(10):
        told = await http.get(f"{API}/queue/data", params={"session_hash": page})
    return [json.loads(line[5:]) for line in told.text.splitlines() if line.startswith("data:")]


async def _config(http: httpx.AsyncClient, path: str = "") -> dict[str, Any]:
    return (await http.get(f"{PATH}/config", params={"page": path})).raise_for_status().json()


async def _learning(http: httpx.AsyncClient) -> dict[str, Any]:
    """The function that sends what was typed on the page Learn: the one with six inputs."""
    functions = (await _config(http, "learn"))["dependencies"]
    return next(one for one in functions if len(one["inputs"]) == 6)


async def test_an_action_is_answered_beside_more_pages_than_gradio_has_slots(
    client: httpx.AsyncClient, home: Home, second: IssuedKey
) -> None:
    async with _inside(client, home.reader) as one, _inside(client, second) as other:
        follows = follower(await _config(one))
        for number in range(50):
            assert (await _join((one, other)[number % 2], follows, f"page{number}")).status_code == 200
        await asyncio.sleep(1)
        await _join(one, (await _learning(one))["id"], "acts", ["", "a.py", "python", "", "a", "b"])
        told = await _answer(one, "acts")
    assert "lacks the scope" in json.dumps(told)


async def test_a_key_with_too_many_open_pages_is_told_so_and_its_event_ends(
    client: httpx.AsyncClient, home: Home
) -> None:
    async with _inside(client, home.reader) as one:
        follows = follower(await _config(one))
        for number in range(MOST_LIVE):
            await _join(one, follows, f"page{number}")
        await asyncio.sleep(1)
        await _join(one, follows, "further")
        told = await _answer(one, "further")
    assert CROWDED in json.dumps(told)
    assert told[-1]["msg"] == "close_stream"


@pytest.fixture
async def theirs(client: httpx.AsyncClient, home: Home) -> str:
    """A page of the reader, on which an action was answered; what it says was not read yet."""
    page = secrets.token_hex(6)
    async with _inside(client, home.reader) as one:
        await _join(one, (await _learning(one))["id"], page, ["", "a.py", "python", "", "a", "b"])
    return page


async def test_another_session_reads_no_page_s_stream(
    client: httpx.AsyncClient, second: IssuedKey, theirs: str
) -> None:
    async with _inside(client, second) as other, asyncio.timeout(10):
        asked = [
            await other.get(f"{API}/queue/data?session_hash={theirs}"),
            await other.get(f"{API}/queue/data?session_hash=own&session_hash={theirs}"),
            await other.get(f"{API}/call/x/{theirs}"),
            await other.get(f"{API}/heartbeat/{theirs}"),
        ]
    assert [one.status_code for one in asked] == [404, 404, 404, 404]


async def test_another_session_neither_ends_a_page_s_event_nor_begins_one(
    client: httpx.AsyncClient, second: IssuedKey, theirs: str
) -> None:
    async with _inside(client, second) as other:
        cancel = {"session_hash": theirs, "fn_index": 0, "event_id": "x"}
        assert (await other.post(f"{API}/cancel", json=cancel)).status_code == 404
        assert (await _join(other, follower(await _config(other)), theirs)).status_code == 404


async def test_the_session_of_a_page_reads_its_stream(client: httpx.AsyncClient, home: Home) -> None:
    async with _inside(client, home.reader) as one:
        await _join(one, (await _learning(one))["id"], "own", ["", "a.py", "python", "", "a", "b"])
        assert (await _answer(one, "own"))[-1]["msg"] == "close_stream"


@pytest.mark.parametrize(
    "data",
    [["SECRET", "a.py"], ["", "a.py", "SECRET", "", "a", "b"]],
    ids=["too few values", "a value that a field refuses"],
)
async def test_what_a_malformed_call_sent_is_not_logged(
    client: httpx.AsyncClient, home: Home, capfd: pytest.CaptureFixture[str], data: list[str]
) -> None:
    async with _inside(client, home.reader) as one:
        await _join(one, (await _learning(one))["id"], "odd", data)
        told = await _answer(one, "odd")
    assert not next(one for one in told if one["msg"] == "process_completed")["success"]
    out, err = capfd.readouterr()
    assert "SECRET" not in out + err
