"""Is this value a string put together from parts, and where does it come from?

String building is what most injections have in common: a literal joined with a value by `%`, `.format`, an f-string, `+`
or `+=`. Values are followed through the plain assignments of the enclosing function, no further.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rsolv_ray.synthesis.grammar import GRAMMARS
from rsolv_ray.synthesis.syntax import Node

_PYTHON = GRAMMARS["python"]
_HOPS = 4
"""So many assignments are followed from a name: a long script may set each name from the one before."""


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
    node = bare(node)
    match node.kind:
        case "string":
            return any(part.kind == "interpolation" for part in node.children)
        case "concatenated_string":
            return any(is_built(part) for part in node.parts)
        case "binary_operator":
            return _is_built_by_operator(node)
        case "call":
            return _is_format(node)
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
    parts = _added(node)
    texts = [is_text(part) for part in parts]
    return (any(texts) and not all(texts)) or any(is_built(part) for part in parts)


def _added(node: Node) -> list[Node]:
    """What a chain of `+` adds up. A loop, not a recursion: generated code has chains of thousands."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = bare(waiting.pop())
        operator = one.field("operator")
        if one.kind == "binary_operator" and operator is not None and operator.text == "+":
            waiting += [part for part in one.parts if part.field_name in ("left", "right")]
        else:
            found.append(one)
    return found


def bare(node: Node) -> Node:
    """The expression without the brackets round it."""
    while node.kind == "parenthesized_expression" and len(node.parts) == 1:
        node = node.parts[0]
    return node


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
    node = bare(node)
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


def assigned(name: Node) -> list[Node]:
    """The values that a name is given in its function, `+=` included, in the order of the text."""
    return _given_in(scope_of(name)).get(name.text, [])


@lru_cache(maxsize=512)
def _given_in(scope: Node) -> dict[str, list[Node]]:
    """Name -> the values it is given anywhere in a function. Remembered, because every use of a name asks."""
    found: dict[str, list[Node]] = {}
    for node in scope.walk():
        if node.kind in ("assignment", "augmented_assignment", "named_expression"):
            target = node.field("left") or node.field("name")
            value = node.field("right") or node.field("value")
            if target is not None and value is not None and target.kind == "identifier":
                found.setdefault(target.text, []).append(value)
    return found


def grown(name: Node) -> list[Node]:
    """The statements `name += value` of the enclosing function."""
    around = [value.parent for value in assigned(name)]
    return [node for node in around if node is not None and node.kind == "augmented_assignment"]


def built_values(argument: Node) -> list[Node]:
    """The string-building expressions that an argument holds, directly or through the names in it."""
    found: list[Node] = []
    seen: set[str] = set()
    waiting = [(argument, 0)]
    while waiting:
        node, hops = waiting.pop()
        if is_built(node):
            found.append(node)
        elif node.kind == "identifier":
            if node.text not in seen and hops < _HOPS and _is_value(node):
                seen.add(node.text)
                found += [grow for grow in grown(node) if any(is_text(value) for value in assigned(node))]
                waiting += [(value, hops + 1) for value in assigned(node)]
        else:
            below = _added(node) if node.kind == "binary_operator" else node.parts
            waiting += [(part, hops) for part in (below if below != [node] else node.parts)]
    return found


def _is_value(node: Node) -> bool:
    """A name that stands for a value: no callee, no attribute, no keyword."""
    return node.field_name not in ("function", "attribute", "name")
