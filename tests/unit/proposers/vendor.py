"""A vendor on this machine: it speaks the Messages API and Chat Completions over HTTP, and says what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Said:
    """One answer on the wire."""

    body: object = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    dribble_s: float = 0.0
    """With this pause between the bytes."""


@dataclass
class Vendor:
    """What it was asked, as it came, and what it says, in turn; the last again and again."""

    url: str
    says: list[Said]
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def next(self) -> Said:
        return self.says.pop(0) if len(self.says) > 1 else self.says[0]


def message(text: str, *, stop: str = "end_turn", tokens: tuple[int, int] = (900, 300)) -> Said:
    """An answer of the Messages API."""
    return Said({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "a-model", "stop_reason": stop, "stop_sequence": None,
        "content": [{"type": "text", "text": text}] if text else [],
        "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]},
    })  # fmt: skip


def completion(text: str | None, *, finish: str = "stop", refusal: str | None = None, tokens: int = 1200) -> Said:
    """An answer of Chat Completions."""
    return Said({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "a-model",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, "refusal": refusal}}
        ],
        "usage": {"prompt_tokens": tokens - 300, "completion_tokens": 300, "total_tokens": tokens},
    })  # fmt: skip


def refused(status: int, **headers: str) -> Said:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said({"type": "error", "error": {"type": "some_error", "message": "no"}}, status, named)


def rules(*some: dict[str, Any] | str) -> str:
    """The text of an answer that offers rules."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in some]
    return json.dumps({"rules": [{"what": "a built query", "instead": "bind it", "rule": text} for text in texts]})


@contextmanager
def vendor(*says: Said) -> Iterator[Vendor]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(lambda: known))
    known = Vendor(f"http://127.0.0.1:{server.server_port}", list(says))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(of: Callable[[], Vendor]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            known = of()
            known.paths.append(self.path)
            known.headers.append({name.lower(): value for name, value in self.headers.items()})
            known.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            said = known.next()
            time.sleep(said.after_s)
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            try:
                self.send_response(said.status)
                for name, value in {
                    "Content-Type": "application/json",
                    "Content-Length": str(len(body)),
                    **said.headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in [body[at : at + 1] for at in range(len(body))] if said.dribble_s else [body]:
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(said.dribble_s)
            except (BrokenPipeError, ConnectionResetError):
                pass  # who asked has given up, which is what some tests are about

        def log_message(self, *_: object) -> None:
            pass

    return Handler
