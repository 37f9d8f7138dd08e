"""Does a body that is too large, or of a hostile shape, harm the process that serves the dashboard?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rsolv_ray.dashboard.bodies import bounded
from rsolv_ray.dashboard.login import LOGIN, PATH
from rsolv_ray.settings import Settings
from tests.unit.dashboard.conftest import Home

JOIN = f"{PATH}/gradio_api/queue/join"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.updated({"max_body_bytes": 1_000_000})


@pytest.fixture
async def inside(client: httpx.AsyncClient, home: Home) -> httpx.AsyncClient:
    assert (await client.post(LOGIN, data={"key": home.reader.secret})).status_code == 303
    return client


async def _never_read() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


@pytest.mark.parametrize("path", [JOIN, f"{PATH}/gradio_api/upload", f"{PATH}/nothing"])
async def test_a_body_announced_as_too_large_is_413_in_words_before_it_is_read(
    inside: httpx.AsyncClient, path: str
) -> None:
    answer = await inside.post(path, headers={**JSON, "Content-Length": "1000001"}, content=_never_read())
    assert (answer.status_code, answer.json()) == (413, {"detail": "What was sent is larger than 1000000 bytes."})


async def test_a_body_that_grows_too_large_is_413_as_soon_as_it_is(inside: httpx.AsyncClient) -> None:
    sent = 0

    async def a_great_deal() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield b" " * 100_000

    assert (await inside.post(JOIN, headers=JSON, content=a_great_deal())).status_code == 413
    assert sent <= 1_200_000


async def test_a_body_without_a_session_is_401_before_it_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(JOIN, headers={**JSON, "Content-Length": "100"}, content=_never_read())
    assert answer.status_code == 401


async def test_a_body_in_parts_that_is_small_enough_arrives_whole() -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, await bounded(scope, receive, 9))
        await Response(await request.body())(scope, receive, send)

    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        yield b"last"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(echo), base_url="http://rsolv.test") as client:
        assert (await client.post("/", content=parts())).content == b"firstlast"


@pytest.mark.parametrize("inner", ["[" * 100_000, "[" * 100_000 + "]" * 100_000])
async def test_a_body_nested_deep_is_refused_and_the_next_is_answered(inside: httpx.AsyncClient, inner: str) -> None:
    body = '{"data": [' + inner + '], "fn_index": 0, "session_hash": "x"}'
    inside._transport.raise_app_exceptions = False  # type: ignore[attr-defined] # as a server does
    assert (await inside.post(JOIN, headers=JSON, content=body)).status_code >= 400
    assert (await inside.get(f"{PATH}/session")).status_code == 204
