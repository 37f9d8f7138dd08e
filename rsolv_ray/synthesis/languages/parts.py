"""How does the `shape` of a grammar take a node apart?

Each node is handed to it after all below it (`syntax`). What it puts together anew is `made` (`shaping`); here a child is found by its kind, and one
that says nothing makes room for what it holds.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from rsolv_ray.synthesis.languages.grammar import BLOCKS

if TYPE_CHECKING:
    from rsolv_ray.synthesis.languages.grammar import Node


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


def tell_growth(call: Node, methods: Collection[str]) -> None:
    """`text.append(a).append(b);` adds to what the name holds, as `text += a + b` does, and is told as that."""
    if call.parent is None or call.parent.kind not in (*BLOCKS, "expression_statement"):
        return
    row = _row(call, methods)
    first, rest = row[0], row[1:]
    if not rest or first.kind != "identifier":
        return
    added = rest[0].like("tuple", end=call.end, end_line=call.end_line)
    added.parent, added.field_name = call, "right"
    added.children = [part for one in rest for part in (one.children if one.kind == "argument_list" else [one])]
    for part in added.children:
        part.parent = added
        part.named = part.named and part not in rest
    first.parent, first.field_name = call, "left"
    call.kind, call.children = "augmented_assignment", [first, added]


def _row(node: Node, methods: Collection[str]) -> list[Node]:
    """What a chain of calls of some methods consists of, its beginning first; the node alone where it is no such chain."""
    behind: list[list[Node]] = []
    while node.kind == "call":
        holder = node.field("function") or node
        name, receiver = holder.field("attribute"), holder.field("object")
        if name is None or receiver is None or name.text not in methods:
            break
        parts = [*holder.children, *(node.children if holder is not node else [])]
        behind.append([one for one in parts if one is not receiver and one is not holder])
        node = receiver
    return [node, *(one for some in reversed(behind) for one in some)]
