"""Which rules does the org have, what are they worth, and what shall become of them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import View
from rsolv_ray.model.org import Org


async def look(house: House, org: Org, _: Mapping[str, str]) -> int:
    """To be drawn."""
    return await house.last_sequence(org.id)


def draw(view: View[int], url: str) -> Sequence[str]:
    """The parts of the page, in the order of its outputs."""
    return (words.begin("Rules", f"{url} {view.seen}"),)


def build(frame: Frame) -> None:
    """Put the page together."""
    frame.follow(look, draw, [frame.drawing("rules")])
