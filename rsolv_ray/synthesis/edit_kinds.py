"""What kind of edit is this?

A hunk is told by what it did to calls, values and statements. One hunk may be of several kinds; what is none of them is
`other`. The forms of rules follow from the same facts, so that whoever asks why a fix taught nothing sees what was read.
Names: after the change patterns of Pan, Kim and Whitehead, "Toward an Understanding of Bug Fix Patterns", EMSE 14(3), 2009,
with what security fixes do besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from rsolv_ray.synthesis.code.calls import Call, calls_in, changed_calls, wrappings
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.syntax import Node
from rsolv_ray.synthesis.forms.taint import reached_uses
from rsolv_ray.synthesis.languages.grammar import LITERALS

__all__ = ["EditKind", "kinds_of"]


class EditKind(StrEnum):
    STRING_BUILDING = "a built text was replaced"
    WRAPPER = "a call was put round a value"
    GUARD = "a check was inserted"
    FLAG = "a setting was switched"
    CONSTANT = "a constant was changed"
    ARGUMENT_ADDED = "an argument was added"
    ARGUMENT_REMOVED = "an argument was removed"
    ARGUMENT_CHANGED = "an argument was changed"
    CALLEE = "another function is called"
    IMPORT = "an import was changed"
    ANNOTATION = "a type or an annotation was changed"
    ADDED = "a statement was inserted"
    REMOVED = "a statement was removed"
    OTHER = "something else"


_SWITCHES = frozenset({"true", "false", "none"})
_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
_CHECKS = frozenset({"if_statement", "elif_clause", "raise_statement", "assert_statement", "comparison_operator", "not_operator", "boolean_operator"})  # fmt: skip
_TYPES = frozenset({"type", "decorator", "annotation", "marker_annotation", "parameters"})


def kinds_of(hunk: Hunk) -> tuple[EditKind, ...]:
    """The kinds of one hunk, in the order of `EditKind`; never empty."""
    found = set(_kinds(hunk))
    return tuple(kind for kind in EditKind if kind in found) or (EditKind.OTHER,)


def _kinds(hunk: Hunk) -> Iterator[EditKind]:
    old, new = hunk.before, hunk.after
    units = [*old, *new]
    if all(unit.kind in _IMPORTS for unit in units):
        yield EditKind.IMPORT
        return
    if any(unit.kind in _TYPES for unit in units):
        yield EditKind.ANNOTATION
    if not old:
        yield EditKind.GUARD if _checks(new) else EditKind.ADDED
        return
    if not new:
        yield EditKind.REMOVED
        return
    if reached_uses(old) and not reached_uses(new):
        yield EditKind.STRING_BUILDING
    if wrappings(old, new):
        yield EditKind.WRAPPER
    yield from _of_calls(old, new)
    yield from _of_values(old, new)


def _checks(units: Sequence[Node]) -> bool:
    return any(unit.kind in _CHECKS or unit.field_name == "condition" for unit in units)


def _of_calls(old: Sequence[Node], new: Sequence[Node]) -> Iterator[EditKind]:
    changes = changed_calls(old, new)
    for change in changes:
        if change.before is not None and change.after is not None:
            yield from _of_arguments(change.before, change.after)
    gone = [change.before for change in changes if change.after is None]
    come = [change.after for change in changes if change.before is None]
    if gone and come:
        yield EditKind.CALLEE


def _of_arguments(old: Call, new: Call) -> Iterator[EditKind]:
    if len(old.arguments) != len(new.arguments):
        yield EditKind.ARGUMENT_ADDED if len(new.arguments) > len(old.arguments) else EditKind.ARGUMENT_REMOVED
        return
    for was, is_now in zip(old.arguments, new.arguments, strict=True):
        if was.key != is_now.key:
            yield _of_value(_value(was), _value(is_now))


def _of_values(old: Sequence[Node], new: Sequence[Node]) -> Iterator[EditKind]:
    """Of settings that stand in no call: the values of one name that differ."""
    after = dict(_settings(new))
    for name, value in _settings(old):
        other = after.get(name)
        if other is not None and other.key != value.key and other.kind in LITERALS and value.kind in LITERALS:
            yield _of_value(value, other)


def _settings(units: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    for unit in units:
        for node in unit.walk():
            name = node.field("left") or node.field("key") or node.field("name")
            value = node.field("right") or node.field("value")
            if name is not None and value is not None and node.kind in ("assignment", "pair", "keyword_argument"):
                yield name.text, value


def _of_value(was: Node, is_now: Node) -> EditKind:
    if {was.kind, is_now.kind} <= _SWITCHES:
        return EditKind.FLAG
    if was.kind in LITERALS and is_now.kind in LITERALS and not calls_in([was, is_now]):
        return EditKind.CONSTANT
    return EditKind.ARGUMENT_CHANGED


def _value(argument: Node) -> Node:
    value = argument.field("value") if argument.kind == "keyword_argument" else None
    return argument if value is None else value
