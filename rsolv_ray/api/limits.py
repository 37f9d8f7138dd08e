"""Is this body small, flat and JSON enough to be looked at, and does whoever sends it bear a key?

A body is read for those alone whose key is good. It is counted while it arrives and measured before anything parses
it: parsers recurse, and build a Python object for every bracket. It is UTF-8 JSON (RFC 8259) or it is refused.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rsolv_ray.api.auth import secret_in
from rsolv_ray.api.problems import Malformed, UnsupportedMedia, answer
from rsolv_ray.model.errors import RsolvError, TooLarge

MOST_LEVELS = 64
MOST_VALUES = 200_000
GUARDED = "/api/"
BESIDE_BYTES = 256 * 1024
"""A body that is larger is measured in a thread: 8 MiB may take a tenth of a second, in which others would wait."""
# What never ends goes to the end of the body: were it no match, each quote in it would be tried anew.
_STRING = re.compile(rb'"[^"]*+"?+')
_STRUCTURE = b"[]{},"
_NO_STRUCTURE = bytes(byte for byte in range(256) if byte not in _STRUCTURE)
_AS_SQUARE = bytes.maketrans(b"{}", b"[]")


class BodyLimits:
    """ASGI middleware: a request under `/api/` reaches the application with a whole, checked body, or not at all."""

    def __init__(self, app: ASGIApp, *, max_bytes: int, admit: Callable[[str | None], Awaitable[object]]) -> None:
        """`admit` takes the key in the request, and raises one of our errors if it is none that is good."""
        self._app = app
        self._max_bytes = max_bytes
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(GUARDED) or not _brings_a_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            await self._admit(secret_in(Headers(scope=scope).get("authorization", "")))
            body = await self._read(scope, receive)
            if body:
                await _check(body)
        except RsolvError as refusal:
            await answer(refusal, scope)(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _replay(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body; None where the client went away.

        Raises:
            TooLarge, UnsupportedMedia.
        """
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._max_bytes:
            raise self._too_large()
        if announced != "0":
            _check_type(headers.get("content-type", ""))
        parts = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts += message.get("body", b"")
            more = message.get("more_body", False)
            if len(parts) > self._max_bytes:
                raise self._too_large()
        return bytes(parts)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the body is larger than {self._max_bytes} bytes")


async def _check(body: bytes) -> None:
    if len(body) > BESIDE_BYTES:
        await asyncio.to_thread(check_json, body)
    else:
        check_json(body)


def check_json(body: bytes) -> None:
    """Refuse a body that is no JSON, or of a shape that is costly to parse.

    Raises:
        Malformed: not UTF-8, no JSON, or more than `MOST_LEVELS` levels deep.
        TooLarge: more than `MOST_VALUES` values, or two strings for each.
    """
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    if unescaped.count(b'"') > 4 * MOST_VALUES:
        raise TooLarge(f"the body holds more than {2 * MOST_VALUES} strings")
    structure = _STRING.sub(b"", unescaped).translate(None, _NO_STRUCTURE)
    begun = structure.count(b",") + structure.count(b"[") + structure.count(b"{")
    if max(begun, structure.count(b"]") + structure.count(b"}")) > MOST_VALUES:
        raise TooLarge(f"the body holds more than {MOST_VALUES} values")
    if _deeper_than(MOST_LEVELS, structure):
        raise Malformed(f"the body is nested deeper than {MOST_LEVELS} levels")
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the body is no JSON: {error}") from error


def _deeper_than(levels: int, structure: bytes) -> bool:
    """Each round takes the innermost pairs away, and with them one level. What never pairs is for the parser to tell."""
    brackets = structure.replace(b",", b"").translate(_AS_SQUARE)
    for _ in range(levels):
        outer = brackets.replace(b"[]", b"")
        if len(outer) == len(brackets):
            return False
        brackets = outer
    return b"[]" in brackets


def _brings_a_body(scope: Scope) -> bool:
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    names = {name for name, _ in scope["headers"]}
    return b"content-length" in names or b"transfer-encoding" in names


def _check_type(content_type: str) -> None:
    media, _, parameters = content_type.lower().partition(";")
    if media.strip() != "application/json" and not media.strip().endswith("+json"):
        raise UnsupportedMedia
    charset = re.search(r"charset\s*=\s*\"?([^\s\";]+)", parameters)
    if charset and charset[1] not in ("utf-8", "utf8"):
        raise UnsupportedMedia("the body must be JSON in UTF-8")


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out `body` once and then goes on with what really arrives: the end of the connection."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
