"""What does a piece of HTML set, and how is that written as a pattern?

Elements are blocks, their attributes are settings. A rule tells of one element alone, wherever in a page it stands.
"""

from __future__ import annotations

from rsolv_ray.synthesis.code.entries import Entry, Layout, Shape
from rsolv_ray.synthesis.code.syntax import Node, Tree

__all__ = ["LAYOUT"]

_TAGS = frozenset({"start_tag", "self_closing_tag"})
_EMPTY = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_ELEMENTS = frozenset({"element", "script_element", "style_element"})


def _entries(tree: Tree) -> tuple[Entry, ...]:
    return tuple(_element(node) for node in tree.root.parts if node.kind in _ELEMENTS)


def _element(node: Node) -> Entry:
    tag = next((part for part in node.parts if part.kind in _TAGS), None)
    name = tag.parts[0].text.lower() if tag is not None and tag.parts else ""
    attributes = [_attribute(part) for part in tag.parts if part.kind == "attribute"] if tag is not None else []
    inner = [_element(part) for part in node.parts if part.kind in _ELEMENTS]
    return Entry(name, node, Shape.BLOCK, ("<",), below=(*attributes, *inner))


def _attribute(node: Node) -> Entry:
    value = node.parts[1] if len(node.parts) > 1 else None
    return Entry(node.parts[0].text.lower(), node, Shape.VALUE, ("=",), value=value)


def _within(entry: Entry, inner: str | None) -> str | None:
    held = f"... {inner} ..." if inner is not None else "..."
    return f"<{entry.name} {held} />" if entry.name in _EMPTY else f"<{entry.name} {held}>...</{entry.name}>"


def _given(name: str, value: str) -> str:
    return f"{name}={value}"


def _literal(node: Node) -> str | None:
    text = node.text.strip("\"'")
    return None if "{{" in text or "{%" in text or "<%" in text else text


def _a_list(name: str) -> str:
    return _given(name, "$VALUE")


LAYOUT = Layout(
    entries=_entries,
    within=_within,
    given=_given,
    literal=_literal,
    a_list=_a_list,
    levels=1,
    names_tell=False,
    text_counts=True,
)
