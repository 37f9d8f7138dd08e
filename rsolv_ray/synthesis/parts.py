"""How does the `shape` of a grammar take a node apart?

Each node is handed to it after all below it (`syntax`). What it puts together anew is `made` (`shaping`); here a child is found by its kind, and one
that says nothing makes room for what it holds.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rsolv_ray.synthesis.syntax import Node


def first_of(node: Node, *kinds: str) -> Node | None:
    """The first child of one of some kinds, or None."""
    return next((child for child in node.children if child.kind in kinds), None)


def give(role: str, child: Node | None) -> None:
    """A child is given its role, where there is one."""
    if child is not None:
        child.field_name = role


def open_up(node: Node, kinds: Collection[str]) -> None:
    """Children of some kinds are left out, and what they hold takes their places."""
    kept: list[Node] = []
    for child in node.children:
        inside = child.children if child.kind in kinds and child.children else [child]
        for one in inside:
            one.parent = node
        kept += inside
    node.children = kept
