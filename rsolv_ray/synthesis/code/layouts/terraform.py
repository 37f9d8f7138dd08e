"""What does a piece of Terraform set, and how is that written as a pattern?

Blocks have labels: the type of a resource is told, its own name is not. Lists of objects, and objects that are given to a function
(`jsonencode({...})`), may stand at any depth.
"""

from __future__ import annotations

from collections.abc import Iterator

from rsolv_ray.synthesis.code.entries import Entry, Layout, Shape
from rsolv_ray.synthesis.code.syntax import Node, Tree

__all__ = ["LAYOUT"]

_TYPED = frozenset({"resource", "data"})
_OWN_NAMES = frozenset({"module", "variable", "output"})
_WRAPPERS = frozenset({"expression", "literal_value", "collection_value"})


def _entries(tree: Tree) -> tuple[Entry, ...]:
    return tuple(entry for body in tree.root.parts if body.kind == "body" for entry in _below(body))


def _below(body: Node) -> Iterator[Entry]:
    for node in body.parts:
        if node.kind == "block":
            yield _block(node)
        elif node.kind == "attribute" and len(node.parts) == 2:
            yield _setting(node.parts[0].text, node, node.parts[1])


def _block(node: Node) -> Entry:
    name, *labels = [part.text.strip('"') for part in node.parts if part.kind in ("identifier", "string_lit")]
    below = tuple(entry for body in node.parts if body.kind == "body" for entry in _below(body))
    return Entry(name, node, Shape.BLOCK, tuple(labels), below=below)


def _setting(name: str, node: Node, value: Node) -> Entry:
    value = _bare(value)
    if value.kind == "object":
        return Entry(name, node, Shape.OBJECT, value=value, below=tuple(_pairs(value)))
    members = [_bare(part) for part in value.parts if part.kind == "expression"] if value.kind == "tuple" else []
    far = tuple(entry for one in (members or _arguments(value)) if one.kind == "object" for entry in [_member(one)])
    if far:
        return Entry(name, node, Shape.FAR, value=value, below=far)
    return Entry(name, node, Shape.LIST if value.kind == "tuple" else Shape.VALUE, value=value, items=tuple(members))


def _member(node: Node) -> Entry:
    return Entry("-", node, Shape.FAR, value=node, below=tuple(_pairs(node)))


def _arguments(value: Node) -> list[Node]:
    given = [part for part in value.parts if part.kind == "function_arguments"] if value.kind == "function_call" else []
    return [_bare(part) for arguments in given for part in arguments.parts]


def _pairs(node: Node) -> Iterator[Entry]:
    for part in node.parts:
        if part.kind == "object_elem" and len(part.parts) == 2:
            yield _setting(part.parts[0].text.strip('"'), part, part.parts[1])


def _bare(node: Node) -> Node:
    while node.kind in _WRAPPERS and len(node.parts) == 1:
        node = node.parts[0]
    return node


def _within(entry: Entry, inner: str | None) -> str | None:
    if entry.shape is Shape.BLOCK:
        held = f"...\n{inner}\n..." if inner else "..."
        return f"{' '.join([entry.name, *_told(entry)])} {{\n{held}\n}}"
    if entry.shape is Shape.OBJECT:
        return f"{_key(entry.name)} = {{..., {inner}, ...}}" if inner else f"{_key(entry.name)} = {{...}}"
    return None


def _told(entry: Entry) -> list[str]:
    """The labels in a pattern: types are told, names are opened; that of the outermost block is the place of the finding."""
    if entry.name in _TYPED and len(entry.labels) == 2:
        return [f'"{entry.labels[0]}"', "$NAME"]
    if entry.name in _OWN_NAMES:
        return ["$NAME" for _ in entry.labels]
    return [f'"{label}"' for label in entry.labels]


def _key(name: str) -> str:
    return name if name.startswith("$") or name.replace("_", "a").replace("-", "a").isalnum() else f'"{name}"'


def _given(name: str, value: str) -> str:
    return f"{_key(name)} = {value}"


def _literal(node: Node) -> str | None:
    bare = _bare(node)
    if bare.kind in ("numeric_lit", "bool_lit"):
        return bare.text
    return bare.text[1:-1] if bare.kind == "string_lit" and "${" not in bare.text else None


def _a_list(name: str) -> str:
    return _given(name, "[..., $VALUE, ...]")


LAYOUT = Layout(
    entries=_entries,
    within=_within,
    given=_given,
    literal=_literal,
    a_list=_a_list,
    unknown=("var.$ANY", "local.$ANY"),
    written=r'^"[^"${}]+"$',
    focus="$NAME",
)
