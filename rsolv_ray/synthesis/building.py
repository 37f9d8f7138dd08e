"""Is this value a string put together from parts, and where does it come from?

String building is what most injections have in common: a literal joined with a value by `%`, `.format`, an f-string, `+`
or `+=`. Values are followed through the plain assignments of the enclosing function, no further.
"""

from __future__ import annotations

from collections.abc import Iterator

from rsolv_ray.synthesis.grammar import GRAMMARS
from rsolv_ray.synthesis.syntax import Node

_PYTHON = GRAMMARS["python"]
_HOPS = 4
"""So many assignments are followed from a name."""


def scope_of(node: Node) -> Node:
    """The innermost function around a node, or the whole module."""
    last = node
    for around in node.ancestors():
        if around.kind in _PYTHON.functions:
            return around
        last = around
    return last


def is_built(node: Node) -> bool:
    """Whether the expression itself puts a string together from a literal and something that is none."""
    match node.kind:
        case "string":
            return any(part.kind == "interpolation" for part in node.children)
        case "concatenated_string":
            return any(is_built(part) for part in node.parts)
        case "binary_operator":
            return _is_built_by_operator(node)
        case "call":
            return _is_format(node)
        case "parenthesized_expression":
            return any(is_built(part) for part in node.parts)
        case _:
            return False


def _is_built_by_operator(node: Node) -> bool:
    left, operator, right = node.field("left"), node.field("operator"), node.field("right")
    if left is None or operator is None or right is None:
        return False
    if operator.text == "%":
        return is_text(left) and not is_text(right)
    if operator.text != "+":
        return False
    sides = (left, right)
    return any(is_built(side) for side in sides) or (
        any(is_text(side) for side in sides) and not all(is_text(side) for side in sides)
    )


def operands(built: Node) -> Iterator[Node]:
    """The values that a string-building expression puts in: no literals, and nothing that is built itself."""
    waiting = list(_parts_put_in(built))
    while waiting:
        node = waiting.pop()
        if is_built(node) or node.kind in ("tuple", "list", "dictionary", "pair", "keyword_argument", "interpolation"):
            waiting.extend(_parts_put_in(node))
        elif node.kind not in _PYTHON.literals and node.kind not in (
            "string_content",
            "type_conversion",
            "format_specifier",
        ):
            yield node


def _parts_put_in(node: Node) -> list[Node]:
    if node.kind in ("pair", "keyword_argument") and (value := node.field("value")) is not None:
        return [value]
    if node.kind == "call" and (arguments := node.field("arguments")) is not None:
        return arguments.parts
    if node.kind == "augmented_assignment" and (right := node.field("right")) is not None:
        return [right]
    return [part for part in node.parts if part.kind not in ("string_start", "string_end")]


def is_text(node: Node) -> bool:
    """Whether the expression is a string literal, in brackets or not, or a name that was given one in this function."""
    if node.kind == "parenthesized_expression":
        return any(is_text(part) for part in node.parts)
    if node.kind == "identifier":
        return any(value.kind in _PYTHON.strings for value in assigned(node))
    return node.kind in _PYTHON.strings


def _is_format(node: Node) -> bool:
    function, arguments = node.field("function"), node.field("arguments")
    if function is None or arguments is None or function.kind != "attribute":
        return False
    receiver, name = function.field("object"), function.field("attribute")
    if receiver is None or name is None or name.text != "format":
        return False
    return is_text(receiver) and any(part.kind not in _PYTHON.literals for part in arguments.parts)


def assigned(name: Node) -> Iterator[Node]:
    """The values that a name is given in its function, `+=` included, in the order of the text."""
    for node in scope_of(name).walk():
        if node.kind in ("assignment", "augmented_assignment", "named_expression"):
            target = node.field("left") or node.field("name")
            value = node.field("right") or node.field("value")
            if target is not None and value is not None and target.text == name.text and target.kind == "identifier":
                yield value


def grown(name: Node) -> Iterator[Node]:
    """The statements `name += value` of the enclosing function."""
    for node in scope_of(name).walk():
        target = node.field("left") if node.kind == "augmented_assignment" else None
        if target is not None and target.text == name.text:
            yield node


def built_values(argument: Node) -> list[Node]:
    """The string-building expressions that an argument holds, directly or through the names in it."""
    found: list[Node] = []
    seen: set[str] = set()
    waiting = [(argument, 0)]
    while waiting:
        top, hops = waiting.pop()
        for node in top.walk():
            if is_built(node):
                found.append(node)
            elif node.kind == "identifier" and node.text not in seen and hops < _HOPS and _is_value(node):
                seen.add(node.text)
                found += [grow for grow in grown(node) if any(is_text(value) for value in assigned(node))]
                waiting += [(value, hops + 1) for value in assigned(node)]
    return found


def _is_value(node: Node) -> bool:
    """A name that stands for a value: no callee, no attribute, no keyword."""
    return node.field_name not in ("function", "attribute", "name")
