"""How is a long list told? In pages; a cursor is opaque and stays valid while things are added."""

from __future__ import annotations

from typing import Generic, TypeVar

from rsolv_ray.model.noun import Noun

Item = TypeVar("Item")


class Page(Noun, Generic[Item]):
    """Some of a list, newest first unless said otherwise. `next_cursor` is None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
