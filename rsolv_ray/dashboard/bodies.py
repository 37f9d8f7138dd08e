"""Is what a browser sends small enough to be kept in memory? It is counted before Gradio reads it, which takes any size."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from rsolv_ray.model.errors import TooLarge


async def bounded(scope: Scope, receive: Receive, most: int) -> Receive:
    """A `receive` whose body has at most `most` bytes, all of which are there already; that of a GET is not waited for.

    Raises:
        TooLarge: more bytes were announced, or came.
    """
    if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
        return receive
    announced = Headers(scope=scope).get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return first(message, receive)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            raise _too_large(most)
    return first({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def first(message: Message, then: Receive) -> Receive:
    """Hand out `message` once, and then what really arrives: the end of the connection."""
    waiting = [message]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await then()

    return receive_again


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"What was sent is larger than {most} bytes.")
