"""The event stream is followed without a gap, whatever happens to the connection."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import pytest

from rsolv_ray.cli import sse
from rsolv_ray.cli.remote import Service
from rsolv_ray.cli.sse import ServerEvent, follow, read_events
from rsolv_ray.model.errors import NotAllowed, NotFound, Unavailable


def frame(sequence: int) -> bytes:
    data = json.dumps({"sequence": sequence, "event": {"type": "X", "text": "a\u2028b"}}, ensure_ascii=False)
    return f"id: {sequence}\nevent: X\ndata: {data}\n\n".encode()


class Log(ThreadingHTTPServer):
    """Serves a log of `last` events, two events a connection, then hangs up in the middle of a third."""

    def __init__(self, last: int, answers: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.last = last
        self.answers = answers
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Connection(BaseHTTPRequestHandler):
    server: Log

    def do_GET(self) -> None:
        seen = self.headers.get("Last-Event-ID")
        self.server.asked.append(seen)
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        self.send_header("Content-Type", "text/event-stream" if status == 200 else "application/problem+json")
        self.end_headers()
        if status != 200:
            self.wfile.write(b'{"detail": "no"}')
            return
        begin = int(seen or 0)
        self.wfile.write(f"retry: 3000\nid: {begin}\n\n: nothing new\n\n".encode())
        for sequence in range(begin + 1, min(begin + 3, self.server.last + 1)):
            self.wfile.write(frame(sequence))
        self.wfile.write(b"id: 99\nevent: X\ndata: {")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    monkeypatch.setattr(sse, "RETRY_S", 0.01)
    server = Log(6, list(getattr(request, "param", [])))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_broken_stream_goes_on_after_the_last_whole_event(log: Log) -> None:
    with Service(log.url, "key") as service:
        events = list(islice(follow(service, "acme"), 6))
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5, 6]
    assert log.asked == [None, "2", "4"]


def test_a_stream_begins_where_it_is_told(log: Log) -> None:
    with Service(log.url, "key") as service:
        events = list(islice(follow(service, "acme", after=4), 2))
    assert [event.sequence for event in events] == [5, 6]
    assert log.asked == ["4"]


@pytest.mark.parametrize("log", [[200, 503, 503]], indirect=True)
def test_a_service_that_is_away_for_a_while_is_asked_again(log: Log) -> None:
    with Service(log.url, "key") as service:
        events = list(islice(follow(service, "acme"), 4))
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert log.asked == [None, "2", "2", "2"]


@pytest.mark.parametrize("log", [[200, *[503] * 1000]], indirect=True)
def test_a_service_that_stays_away_is_given_up(log: Log) -> None:
    with Service(log.url, "key") as service, pytest.raises(Unavailable, match="cannot be had"):
        list(islice(follow(service, "acme", give_up_s=0.2), 4))
    assert len(log.asked) > 2


@pytest.mark.parametrize(("log", "family"), [([401], NotAllowed), ([404], NotFound)], indirect=["log"])
def test_a_refusal_is_final(log: Log, family: type[Exception]) -> None:
    with Service(log.url, "key") as service, pytest.raises(family):
        next(follow(service, "acme"))
    assert len(log.asked) == 1


def test_where_nobody_listens_it_says_so_at_once() -> None:
    with Service("http://127.0.0.1:9", "key") as service, pytest.raises(Unavailable, match="cannot be had"):
        next(follow(service, "acme"))


def test_an_event_is_whole_with_its_empty_line_only() -> None:
    lines = [b"id: 7", b"event: X", b'data: {"a":', b"data: 1}", b"", b"id: 8", b"event: Y", b'data: {"b": 2}']
    assert list(read_events(lines)) == [ServerEvent(7, "X", {"a": 1})]
