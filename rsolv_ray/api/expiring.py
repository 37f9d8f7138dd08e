"""What was answered a moment ago? A bounded memory whose entries are believed for a few seconds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Expiring(Generic[Key, Value]):
    """At most `most` entries, each believed for `ttl_s` seconds of `clock`. The oldest goes first."""

    def __init__(self, ttl_s: float, *, most: int = 10_000, clock: Callable[[], float] = monotonic) -> None:
        self._ttl_s = ttl_s
        self._most = most
        self._clock = clock
        self._entries: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """What is remembered under `key`, or None."""
        until, value = self._entries.get(key, (0.0, None))
        return value if self._clock() < until else None

    def put(self, key: Key, value: Value) -> None:
        self._entries[key] = (self._clock() + self._ttl_s, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def forget(self, unwanted: Callable[[Value], bool]) -> None:
        """Drop every entry whose value is `unwanted`."""
        for key in [key for key, (_, value) in self._entries.items() if unwanted(value)]:
            del self._entries[key]
