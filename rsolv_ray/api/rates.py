"""How many writes has a key left? A token bucket a key.

Headers as in draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` tells the quota, `RateLimit` what remains.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from rsolv_ray.api.problems import TooMany
from rsolv_ray.model.ids import KeyId

_WINDOW_S = 60
_MOST_KEYS = 10_000


class WriteBudget:
    """`per_minute` writes for each key, regained steadily; all of them may be spent at once."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._left: OrderedDict[KeyId, tuple[float, float]] = OrderedDict()

    def spend(self, key: KeyId) -> dict[str, str]:
        """Take one write from the key's budget; the headers that tell what remains.

        Raises:
            TooMany: nothing is left; `Retry-After` says when there is.
        """
        now = self._clock()
        tokens, at = self._left.pop(key, (float(self._per_minute), now))
        tokens = min(self._per_minute, tokens + (now - at) * self._per_minute / _WINDOW_S)
        spent = tokens - 1 if tokens >= 1 else tokens
        self._left[key] = (spent, now)
        if len(self._left) > _MOST_KEYS:
            self._left.popitem(last=False)
        headers = self._headers(spent)
        if tokens < 1:
            wait_s = math.ceil((1 - tokens) * _WINDOW_S / self._per_minute)
            message = f"more than {self._per_minute} writes a minute: try again in {wait_s} s"
            raise TooMany(message, retry_after_s=wait_s, headers=headers)
        return headers

    def _headers(self, tokens: float) -> dict[str, str]:
        full_in_s = math.ceil((self._per_minute - tokens) * _WINDOW_S / self._per_minute)
        return {
            "RateLimit-Policy": f'"writes";q={self._per_minute};w={_WINDOW_S}',
            "RateLimit": f'"writes";r={int(tokens)};t={full_in_s}',
        }
