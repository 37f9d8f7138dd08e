"""Does a reader of the event stream miss nothing, hold nothing up and leave nothing behind?"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest

from rsolv_ray.api import sse
from rsolv_ray.api.sse import EVENT_NAMES
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.events import LessonLearned, PatternForgotten, Recorded
from rsolv_ray.model.ids import PatternId

EVENTS = "/api/v1/orgs/acme/events"


class Stream:
    """The reading end of one open request, driven by hand: `httpx` would wait for its end. It takes what it asks for."""

    def __init__(self, app, query: str, headers: dict[str, str]) -> None:
        self._sent: asyncio.Queue = asyncio.Queue(maxsize=1)
        self._gone = asyncio.Event()
        scope = {
            "type": "http",
            "asgi": {"spec_version": "2.3"},
            "method": "GET",
            "path": EVENTS,
            "raw_path": EVENTS.encode(),
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "scheme": "http",
            "server": ("rsolv.test", 80),
            "http_version": "1.1",
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        await self._sent.put(message)

    async def start(self):
        return await asyncio.wait_for(self._sent.get(), 5)

    async def frame(self) -> str:
        """The next chunk, as text."""
        return (await asyncio.wait_for(self._sent.get(), 5)).get("body", b"").decode()

    async def leave(self):
        self._gone.set()
        await asyncio.wait_for(self.task, 5)


@pytest.fixture
def following(app, bearing):
    @asynccontextmanager
    async def open_stream(query: str = "", **headers: str):
        stream = Stream(app, query, {**bearing("reader"), **headers})
        try:
            await stream.start()
            yield stream
        finally:
            await stream.leave()

    return open_stream


def ids(frames: str) -> list[int]:
    return [int(line[4:]) for line in frames.splitlines() if line.startswith("id: ")]


async def test_an_event_has_id_name_and_data(house, acme, following):
    house.tell(acme.id, LessonLearned(lesson="two\nlines"))
    async with following("after=0") as stream:
        assert await stream.frame() == "retry: 3000\n\n"
        lines = (await stream.frame()).splitlines()
    assert lines[0] == "id: 1"
    assert lines[1] == "event: LessonLearned"
    assert lines[2].startswith("data: ")
    assert lines[3:] == [""]
    assert Recorded.model_validate(json.loads(lines[2][6:])) == house.log[acme.id][0]


async def test_an_event_is_told_when_it_happens(house, acme, following):
    async with following() as stream:
        await stream.frame()
        house.tell(acme.id, LessonLearned(lesson="new"))
        assert ids(await stream.frame()) == [1]


async def test_without_a_place_the_stream_begins_now_and_says_where_that_is(house, acme, following):
    for _ in range(3):
        house.tell(acme.id, LessonLearned(lesson="old"))
    async with following() as stream:
        assert await stream.frame() == "retry: 3000\nid: 3\n\n"
        house.tell(acme.id, LessonLearned(lesson="new"))
        assert ids(await stream.frame()) == [4]


@pytest.mark.parametrize(
    ("query", "headers"), [("after=2", {}), ("", {"Last-Event-ID": "2"}), ("after=0", {"Last-Event-ID": "2"})]
)
async def test_a_reader_that_comes_back_goes_on_where_it_was(house, acme, following, query, headers):
    for n in range(4):
        house.tell(acme.id, LessonLearned(lesson=str(n)))
    async with following(query, **headers) as stream:
        await stream.frame()
        assert ids(await stream.frame()) == [3, 4]


async def test_events_are_told_by_type(house, acme, following):
    house.tell(acme.id, LessonLearned(lesson="l"))
    house.tell(acme.id, PatternForgotten(pattern=PatternId.of(1), reason="r"))
    async with following("after=0&types=PatternForgotten,CycleCompleted") as stream:
        await stream.frame()
        assert ids(await stream.frame()) == [2]


async def test_an_unknown_type_is_422_with_the_nearest_name(client, bearing):
    told = await client.get(EVENTS + "?types=CycleComplete", headers=bearing("reader"))
    assert told.status_code == 422
    assert "did you mean 'CycleCompleted'?" in told.json()["detail"]


@pytest.mark.parametrize(("query", "headers"), [("?after=-1", {}), ("?after=x", {}), ("", {"Last-Event-ID": "x"})])
async def test_a_place_that_cannot_be_is_422(client, bearing, query, headers):
    assert (await client.get(EVENTS + query, headers={**bearing("reader"), **headers})).status_code == 422


async def test_where_nothing_happens_a_comment_keeps_the_connection(monkeypatch, following):
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.01)
    async with following() as stream:
        await stream.frame()
        assert await stream.frame() == ": nothing new\n\n"
        assert await stream.frame() == ": nothing new\n\n"


async def test_a_stream_beyond_the_most_is_503_and_a_seat_is_free_when_one_ends(app, client, bearing, following):
    async with following(), following():
        told = await client.get(EVENTS, headers=bearing("reader"))
        assert told.status_code == 503
        assert int(told.headers["retry-after"]) > 0
    assert app.state.seats.taken == 0
    async with following() as stream:
        assert (await stream.frame()).startswith("retry")


async def test_a_reader_that_goes_away_ends_its_stream(app, following):
    async with following() as stream:
        await stream.frame()
        assert app.state.seats.taken == 1
        await stream.leave()
        assert app.state.seats.taken == 0


async def test_a_slow_reader_is_read_ahead_for_by_no_more_than_one_batch(house, acme, following):
    for n in range(5 * sse.BATCH):
        house.tell(acme.id, LessonLearned(lesson=str(n)))
    async with following("after=0") as stream:
        await stream.frame()
        await asyncio.sleep(0.05)
        asked = [sequence for question, sequence in house.asked if question == "events_after"]
        assert max(asked) <= 2 * sse.BATCH
        told: list[int] = []
        while len(told) < 5 * sse.BATCH:
            told += ids(await stream.frame())
    assert told == list(range(1, 5 * sse.BATCH + 1))


async def test_a_stream_ends_when_the_log_cannot_be_read(house, following):
    house.breaks = Unavailable("the bank is starting\nagain")
    async with following() as stream:
        await stream.frame()
        assert await stream.frame() == ": the bank is starting again\n\n"
        assert await stream.frame() == ""
        await asyncio.wait_for(stream.task, 5)


async def test_a_stream_ends_when_its_key_is_revoked(house, acme, following):
    async with following() as stream:
        await stream.frame()
        house.secrets.clear()
        house.tell(acme.id, LessonLearned(lesson="the last that is read"))
        assert ids(await stream.frame()) == [1]
        house.tell(acme.id, LessonLearned(lesson="not for you"))
        assert "revoked" in await stream.frame()
        await asyncio.wait_for(stream.task, 5)


async def test_other_requests_are_answered_while_streams_are_open(client, following):
    async with following(), following():
        answer = await asyncio.wait_for(client.get("/livez"), 1)
    assert answer.status_code == 200


async def test_the_stream_is_neither_kept_nor_buffered_on_its_way(app, bearing):
    stream = Stream(app, "", bearing("reader"))
    headers = httpx.Headers((await stream.start())["headers"])
    await stream.leave()
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"


def test_the_names_of_events_are_those_of_the_union():
    assert {"FixReceived", "CycleCompleted", "RetentionApplied"} <= EVENT_NAMES
    assert len(EVENT_NAMES) == 29
