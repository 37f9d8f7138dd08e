"""What comes back from a vendor? The text of an answer, or why there is none: a value either way, with what it cost.

What is read is capped in bytes and in time: a server that never ends its answer costs no more than the time that the question has. No redirect is
followed, since the key would go along.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import JsonValue

from rsolv_ray.synthesis.llm import Question

MOST_BYTES = 2 << 20
MOST_ANSWER = 4000
"""Tokens of one answer."""
UNTOLD_WAIT_S = 2.0
"""How long is waited where a vendor says that it is busy, and not for how long."""
LONGEST_REASON = 300
_BUSY = frozenset({408, 409, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and how many tokens question and answer were, as the vendor counts."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer. `wait_s`: it may be asked again after so many seconds; None: it is of no use. `tokens` is what it cost all the same."""

    reason: str
    wait_s: float | None = None
    tokens: int = 0


Ask = Callable[[Question, float], Reply | Silence]
"""Asks a question that has to be answered before a moment (monotonic seconds)."""


class Errors(Protocol):
    """The errors of the official SDKs, which are made alike."""

    APIStatusError: type[Exception]
    APITimeoutError: type[Exception]
    APIConnectionError: type[Exception]
    APIError: type[Exception]


class _Streamed(Protocol):
    def iter_bytes(self) -> Iterator[bytes]: ...


def heard(
    send: Callable[[], AbstractContextManager[_Streamed]], errors: Errors, until: float
) -> dict[str, JsonValue] | Silence:
    """The JSON object that a vendor answers before `until` (monotonic seconds), or why there is none."""
    try:
        with send() as response:
            return _read(response.iter_bytes(), until)
    except errors.APITimeoutError:
        return Silence("the model did not answer in time")
    except errors.APIConnectionError as error:
        return Silence(f"the model cannot be reached: {error.__cause__ or error}"[:LONGEST_REASON], UNTOLD_WAIT_S)
    except errors.APIStatusError as error:
        return _refused(error)
    except errors.APIError as error:
        return Silence(f"the model's answer cannot be read: {error}"[:LONGEST_REASON])


def _read(pieces: Iterator[bytes], until: float) -> dict[str, JsonValue] | Silence:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MOST_BYTES:
            return Silence(f"the answer is longer than {MOST_BYTES} bytes")
        if time.monotonic() > until:
            return Silence("the model did not answer in time")
    try:
        value: JsonValue = json.loads(bytes(body))
    except (ValueError, RecursionError):
        return Silence("the vendor's answer is no JSON")
    return value if isinstance(value, dict) else Silence("the vendor's answer is no JSON object")


def _refused(error: Any) -> Silence:
    status = int(error.status_code)
    wait_s = _told_wait(error.response.headers.get("retry-after")) if status in _BUSY else None
    what = {401: "the key is refused", 403: "the key may not do that", 404: "there is no such model", 429: "too many questions at once"}  # fmt: skip
    said = what.get(status, "the vendor refused the question" if status < 500 else "the vendor is in trouble")
    return Silence(f"{said} (HTTP {status})", wait_s)


def _told_wait(header: str | None) -> float:
    """Seconds, where the header tells them; a moment in time is not read."""
    try:
        told = float(header or "")
    except ValueError:
        return UNTOLD_WAIT_S
    return told if 0 <= told < 10**6 else UNTOLD_WAIT_S
