"""Where does the next page begin? After the last item of this one: its place in the order, made opaque.

A place is a number and an id. Things are only added, with ever larger numbers, so a cursor stays valid meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.page import Page

Item = TypeVar("Item")
Place = tuple[int, str]
_START: Place = (2**62, "")
MAX_LIMIT = 1000


def place_of(cursor: str | None) -> Place:
    """The place that a cursor stands for; without one, the place before the newest.

    Raises:
        Rejected: the cursor is none of ours.
    """
    if cursor is None:
        return _START
    try:
        said = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise Rejected("the cursor is not one that was given out here") from error
    match said:
        case [int(number), str(name)] if abs(number) < 2**62 and name.isascii() and name.isprintable():
            return number, name
        case _:
            raise Rejected("the cursor is not one that was given out here")


def cursor_at(number: int, name: str) -> str:
    """The cursor of a place."""
    return base64.urlsafe_b64encode(json.dumps([number, name]).encode()).decode("ascii")


def checked(limit: int) -> int:
    """A page's size.

    Raises:
        Rejected: it is not from 1 to 1000.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise Rejected(f"a limit is from 1 to {MAX_LIMIT}, not {limit}")
    return limit


def page_of(
    rows: Sequence[tuple[Any, ...]],
    limit: int,
    item: Callable[[tuple[Any, ...]], Item],
    *,
    place: Callable[[tuple[Any, ...]], Place],
) -> Page[Item]:
    """A page of `limit` items from `limit + 1` rows: one row more says that there is a next page."""
    shown = rows[:limit]
    following = cursor_at(*place(shown[-1])) if len(rows) > limit else None
    # The bare class: one made here for the item's type could not be found again by name when it is unpickled.
    return Page(items=tuple(item(row) for row in shown), next_cursor=following)
