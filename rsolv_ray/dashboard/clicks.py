"""What does the browser do by itself with drawn HTML, and what does it tell the server?

A click on `data-do` is sent with the element's `data-id` and the ids of the marked rows (`input[data-id]`). What a
visitor has done to the drawing survives its being drawn anew: marks (as long as the row's `data-seen` is what it was when
it was marked), typed text, unfolded details, the focus. `input[data-all]` marks all rows, `data-marked` tells how many
are. `data-copy` copies the listing of that id, and what is selected in a listing is copied, as the text that was drawn: to
the character and the line break.
What is sent can be made by hand, so it is checked like any other input.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsolv_ray.model.errors import Rejected

MOST_MARKED = 200
SEND_CLICKS = Path(__file__).with_name("clicks.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Click:
    """What was clicked: what is to be done, on which one, and the ids of the rows that are marked."""

    do: str
    id: str = ""
    marked: tuple[str, ...] = ()


def clicked(event: Any) -> Click:
    """The click that an event tells of.

    Raises:
        Rejected: it tells of none, or more rows are marked than are taken at a time.
    """
    told = vars(event).get("_data")
    match told:
        case {"do": str(do), "id": str(name), "marked": list(marked)}:
            pass
        case _:
            raise Rejected("This page was changed: load it anew.")
    if len(marked) > MOST_MARKED:
        raise Rejected(f"{len(marked):,} findings are marked: at most {MOST_MARKED} are taken at a time.")
    if not all(isinstance(one, str) for one in marked):
        raise Rejected("This page was changed: load it anew.")
    return Click(do, name, tuple(dict.fromkeys(marked)))
