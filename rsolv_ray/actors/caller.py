"""Who can reach a supervised process? The one thing that the faces and children need of a `Directory`."""

from __future__ import annotations

from typing import Any, Protocol


class Caller(Protocol):
    """Whoever can reach a supervised process by its id: `Directory`, or an in-process twin."""

    async def call(
        self,
        id: str,  # noqa: A002 - the id of a child, as everywhere in supervision
        method: str,
        *args: Any,
        timeout_s: float,
        retry: bool = False,
        **named: Any,
    ) -> Any: ...
