"""What does a call say: whom does it call, with which arguments, and what has become of them in the fix?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rsolv_ray.synthesis.code.syntax import Node
from rsolv_ray.synthesis.languages.grammar import STRINGS


@dataclass(frozen=True)
class Call:
    """A call. `callee` is the text before the arguments, `name` its last part, `receiver` what stands before it.

    Options are given by keyword (`f(x, verify=False)`) or as an object (`f(x, {verify: false})`), as the language has it.
    """

    node: Node

    @cached_property
    def function(self) -> Node:
        found = self.node.field("function")
        return self.node if found is None else found

    @property
    def callee(self) -> str:
        return f"new {self.function.text}" if self.is_construction else self.function.text

    @cached_property
    def name(self) -> str | None:
        """The called name, or None where a computed value is called."""
        if self.function.kind == "identifier":
            return f"{self.function.text}!" if self.is_macro else self.function.text
        last = self.function.field("attribute")
        return last.text if self.function.kind == "attribute" and last else None

    @cached_property
    def receiver(self) -> Node | None:
        return self.function.field("object") if self.function.kind == "attribute" else None

    @cached_property
    def arguments(self) -> tuple[Node, ...]:
        """Positional arguments and keywords, as written."""
        found = self.node.field("arguments")
        if found is None:
            return ()
        if found.kind in STRINGS:
            return ()
        return tuple(found.parts) if found.kind == "argument_list" else (found,)

    @property
    def joint(self) -> str:
        """What stands between the receiver and the name: `::` in a path, else `.`, however a member is written."""
        return "::" if any(part.text == "::" for part in self.function.children if not part.named) else "."

    @property
    def is_macro(self) -> bool:
        """Whether it is written with `!`."""
        return len(self.node.children) > 1 and self.node.children[1].kind == "'!'"

    @property
    def is_construction(self) -> bool:
        """Whether it is written with `new`."""
        return bool(self.node.children) and self.node.children[0].kind == "'new'"

    @property
    def positional(self) -> tuple[Node, ...]:
        return tuple(one for one in self.arguments if one.kind != "keyword_argument")

    @property
    def keywords(self) -> dict[str, Node]:
        """Name -> value of each option, as an argument or in an object."""
        pairs = [(one.field("name"), one.field("value")) for one in self.arguments if one.kind == "keyword_argument"]
        if self.node.grammar.options_in_objects:
            pairs = [(one.field("key"), one.field("value")) for one in options(self.arguments)]
        return {name.text.strip("\"':"): value for name, value in pairs if name and value}


def options(arguments: Iterable[Node]) -> Iterator[Node]:
    """The pairs of the objects among some arguments."""
    for argument in arguments:
        if argument.kind == "dictionary":
            yield from (part for part in argument.parts if part.kind == "pair" and part.field("value") is not None)


def calls_in(nodes: Iterable[Node]) -> list[Call]:
    """Every call in these nodes, outer ones first."""
    return [Call(node) for top in nodes for node in top.walk() if node.kind == "call"]


@dataclass(frozen=True)
class CallChange:
    """A call of the before side with its counterpart on the after side; None where it has none."""

    before: Call | None
    after: Call | None


def changed_calls(before: Sequence[Node], after: Sequence[Node]) -> list[CallChange]:
    """The calls that differ between two lists of units: paired by callee, then by the name called, the rest alone."""
    old, new = _only_in_first(before, after), _only_in_first(after, before)
    changes: list[CallChange] = []
    for likeness in (_callee, _name):
        for call in list(old):
            twin = next((other for other in new if likeness(other) == likeness(call)), None)
            if twin is not None:
                changes.append(CallChange(call, twin))
                old.remove(call)
                new.remove(twin)
    changes += [CallChange(call, None) for call in old] + [CallChange(None, call) for call in new]
    return sorted(changes, key=_place)


def _callee(call: Call) -> str:
    return call.callee


def _name(call: Call) -> str:
    return call.name or call.callee


def _only_in_first(first: Sequence[Node], second: Sequence[Node]) -> list[Call]:
    known = {call.node.key for call in calls_in(second)}
    return [call for call in calls_in(first) if call.node.key not in known]


def _place(change: CallChange) -> tuple[int, int]:
    call = change.before or change.after
    return (0 if change.before else 1, call.node.start if call else 0)


@dataclass(frozen=True)
class Wrapping:
    """A value of the before side (`value`) that the after side passes through a call (`wrapper`)."""

    wrapper: Call
    value: Node


def wrappings(before: Sequence[Node], after: Sequence[Node]) -> list[Wrapping]:
    """The functions that only the after side calls, and whose argument stood bare on the before side."""
    bare = {node.key: node for top in before for node in top.walk() if _is_expression(node)}
    called = {call.name for call in calls_in(before)}
    found: list[Wrapping] = []
    for call in _only_in_first(after, before):
        if call.name in called or not _gives_a_value(call.node):
            continue
        value = next((bare[argument.key] for argument in call.positional if argument.key in bare), None)
        if value is not None and call.name is not None:
            found.append(Wrapping(call, value))
    return found


def _gives_a_value(node: Node) -> bool:
    """Whether what a call returns goes on into something: a check that stands alone or decides a condition wraps nothing."""
    around = node.parent
    while around is not None and around.kind in (
        "not_operator",
        "parenthesized_expression",
        "boolean_operator",
        "comparison_operator",
    ):
        node, around = around, around.parent
    return around is not None and around.kind != "expression_statement" and node.field_name != "condition"


def _is_expression(node: Node) -> bool:
    return node.kind in (
        "identifier",
        "attribute",
        "subscript",
        "call",
        "binary_operator",
        "await",
    ) and node.field_name not in (
        "function",
        "attribute",
        "name",
    )
