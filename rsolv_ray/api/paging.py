"""How much of a list, from where on? `?limit=&cursor=`, the same for every list."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Query


class Slice(NamedTuple):
    limit: int
    cursor: str | None


def _asked(
    limit: Annotated[int, Query(ge=1, le=500, description="How many items at most")] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="The `next_cursor` of the page before")] = None,
) -> Slice:
    return Slice(limit, cursor)


Paging = Annotated[Slice, Depends(_asked)]
