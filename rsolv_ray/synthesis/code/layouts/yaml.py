"""What does a piece of YAML set, and how is that written as a pattern?

A pattern of a mapping finds mappings that hold more, in any order. Members of lists, and of mappings whose keys are names that people
give (the services of a Compose file, the jobs of a workflow), are told by what they hold, not by their name.
"""

from __future__ import annotations

from textwrap import indent

from rsolv_ray.synthesis.code.entries import Entry, Layout, Shape
from rsolv_ray.synthesis.code.syntax import Node, Tree

__all__ = ["LAYOUT"]

_WRAPPERS = frozenset({"block_node", "flow_node", "plain_scalar"})
_MAPPINGS = frozenset({"block_mapping", "flow_mapping"})
_SEQUENCES = frozenset({"block_sequence", "flow_sequence"})
_PAIRS = frozenset({"block_mapping_pair", "flow_pair"})
_OF_NAMES = frozenset(
    {
        "services",
        "jobs",
        "resources",
        "volumes",
        "networks",
        "secrets",
        "configs",
        "definitions",
        "paths",
        "environments",
    }
)
"""Mappings whose keys are names that people give."""
_SCALARS = frozenset(
    {
        "string_scalar",
        "integer_scalar",
        "float_scalar",
        "boolean_scalar",
        "null_scalar",
        "single_quote_scalar",
        "double_quote_scalar",
    }
)


def _entries(tree: Tree) -> tuple[Entry, ...]:
    documents = [node for node in tree.root.parts if node.kind == "document"]
    held = [_bare(part) for document in documents for part in document.parts]
    found = [entry for value in held for entry in _of_value("", value, value).below]
    return tuple(found)


def _of_value(name: str, node: Node, value: Node) -> Entry:
    value = _bare(value)
    if value.kind in _MAPPINGS:
        pairs = [part for part in value.parts if part.kind in _PAIRS and part.parts]
        if name.lower() in _OF_NAMES and all(_is_mapping(pair) for pair in pairs):
            members = tuple(
                Entry("-", pair, Shape.FAR, below=_of_value("", pair, pair.parts[-1]).below) for pair in pairs
            )
            return Entry(name, node, Shape.FAR, value=value, below=members)
        return Entry(name, node, Shape.BLOCK, value=value, below=tuple(map(_of_pair, pairs)))
    if value.kind in _SEQUENCES:
        members = [
            _bare(held)
            for part in value.parts
            for held in (part.parts if part.kind == "block_sequence_item" else [part])
        ]
        if any(member.kind in _MAPPINGS for member in members):
            far = tuple(
                Entry("-", one, Shape.FAR, below=_of_value("", one, one).below)
                for one in members
                if one.kind in _MAPPINGS
            )
            return Entry(name, node, Shape.FAR, value=value, below=far)
        return Entry(name, node, Shape.LIST, value=value, items=tuple(members))
    return Entry(name, node, Shape.VALUE, value=value)


def _of_pair(pair: Node) -> Entry:
    name = pair.parts[0].text.strip("\"'")
    return _of_value(name, pair, pair.parts[1]) if len(pair.parts) > 1 else Entry(name, pair, Shape.VALUE)


def _is_mapping(pair: Node) -> bool:
    return len(pair.parts) > 1 and _bare(pair.parts[1]).kind in _MAPPINGS


def _bare(node: Node) -> Node:
    while node.kind in _WRAPPERS and node.parts:
        node = node.parts[-1]
    return node


def _within(entry: Entry, inner: str | None) -> str | None:
    if entry.name == "-" or (entry.shape is Shape.FAR and inner is not None):
        return None
    return f"{entry.name}:\n{indent(_among(inner), '  ')}" if inner is not None else f"{entry.name}:\n  ...\n"


def _among(inner: str) -> str:
    return f"...\n{inner.rstrip()}\n...\n"


def _beside(anchor: str, inner: str | None) -> str:
    return f"{anchor}\n...\n{inner.rstrip()}\n...\n" if inner else f"{anchor}\n...\n"


def _given(name: str, value: str) -> str:
    return f"{name}: {value}"


def _literal(node: Node) -> str | None:
    bare = _bare(node)
    if bare.kind not in _SCALARS or "\n" in bare.text or "{{" in bare.text:
        return None
    return bare.text.strip("\"'")


def _a_list(name: str) -> str:
    return f"{name}: [..., $VALUE, ...]"


LAYOUT = Layout(
    entries=_entries,
    within=_within,
    given=_given,
    literal=_literal,
    a_list=_a_list,
    beside=_beside,
    telling=frozenset({"Type", "kind", "type"}),
    levels=1,
)
