"""What does a Dockerfile set? Each instruction is a setting, by its keyword."""

from __future__ import annotations

from rsolv_ray.synthesis.code.entries import Entry, Layout, Shape
from rsolv_ray.synthesis.code.syntax import Node, Tree

__all__ = ["LAYOUT"]


def _entries(tree: Tree) -> tuple[Entry, ...]:
    return tuple(_entry(node) for node in tree.root.parts if node.kind == "instruction")


def _entry(node: Node) -> Entry:
    keyword, *given = node.parts
    return Entry(keyword.text.upper(), node, Shape.VALUE, value=given[0] if given else None)


def _within(_entry: Entry, _inner: str | None) -> str | None:
    return None


def _given(name: str, value: str) -> str:
    return f"{name} {value}"


def _literal(node: Node) -> str | None:
    return node.text


def _a_list(name: str) -> str:
    return _given(name, "$VALUE")


LAYOUT = Layout(entries=_entries, within=_within, given=_given, literal=_literal, a_list=_a_list)
