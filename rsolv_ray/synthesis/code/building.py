"""Is this value a string put together from parts, and where does it come from?

String building is what most injections have in common: a literal joined with a value by an operator, inside the literal, by a
method of it or a function that fills it, or by joining a list. Values are followed through the plain assignments of the enclosing
function, and of the one around it where that sets the name, no further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rsolv_ray.synthesis.code.syntax import Node
from rsolv_ray.synthesis.languages.grammar import FUNCTIONS, GROUPS, LITERALS, STRINGS

_TARGETS = frozenset({"object_pattern", "array_pattern"})
_NOT_PUT_IN = frozenset({"string_start", "string_end", "string_content", "type_conversion", "format_specifier"})
TEMPLATE = r"(?:_*[A-Z][A-Z0-9_]*|\w*(?i:sql|query|stmt|statement|template|tmpl|fmt|command|cmd))"
"""Names of texts that are given somewhere else: constants, and what is named like a statement or a format."""
_HOPS = 4
"""So many assignments are followed from a name: a long script may set each name from the one before."""


def scope_of(node: Node) -> Node:
    """The innermost function around a node, or the whole module."""
    last = node
    for around in node.ancestors():
        if around.kind in FUNCTIONS:
            return around
        last = around
    return last


def is_built(node: Node) -> bool:
    """Whether the expression itself puts a string together from a literal and something that is none."""
    node = bare(node)
    match node.kind:
        case "string":
            return any(part.kind == "interpolation" for part in node.children) and not _is_tagged(node)
        case "concatenated_string":
            return any(is_built(part) for part in node.parts)
        case "binary_operator":
            return _is_built_by_operator(node)
        case "call":
            return _is_filled(node) or _is_joined(node)
        case _:
            return False


def _is_tagged(text: Node) -> bool:
    """Whether a function is given the text and its values apart: sql`... ${x}`."""
    return text.field_name == "arguments"


def _is_built_by_operator(node: Node) -> bool:
    left, operator, right = node.field("left"), node.field("operator"), node.field("right")
    if left is None or operator is None or right is None:
        return False
    if operator.text not in node.grammar.joining:
        return False
    if operator.text == "%":
        return (is_text(left) or is_template(left)) and not is_text(right)
    parts = _added(node)
    texts = [is_text(part) for part in parts]
    return (any(texts) and not all(texts)) or any(is_built(part) for part in parts)


def _added(node: Node) -> list[Node]:
    """What a chain of `+`, or of what else joins texts, adds up. A loop, not a recursion: generated code has chains of thousands."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = bare(waiting.pop())
        operator = one.field("operator")
        if one.kind == "binary_operator" and operator is not None and operator.text in one.grammar.joining - {"%"}:
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
        if is_built(node) or node.kind in GROUPS:
            waiting.extend(_parts_put_in(node))
        elif node.kind not in LITERALS:
            yield node


def _parts_put_in(node: Node) -> list[Node]:
    if node.kind in ("pair", "keyword_argument") and (value := node.field("value")) is not None:
        return [value]
    if node.kind == "call" and (arguments := node.field("arguments")) is not None:
        return [*_joined_list(node), *arguments.parts[_printed_at(node) :]]
    if node.kind == "augmented_assignment" and (right := node.field("right")) is not None:
        return [right]
    return [part for part in node.parts if part.kind not in _NOT_PUT_IN]


def is_text(node: Node) -> bool:
    """Whether the expression is a string literal, in brackets or not, or a name that was given one in this function."""
    node = bare(node)
    if node.kind == "identifier":
        return any(value.kind in STRINGS for value in assigned(node))
    return node.kind in STRINGS


def is_template(node: Node) -> bool:
    """Whether a name says that it stands for a text which values are put into: a constant's, or one of a statement or a format."""
    node = bare(node)
    last = node if node.kind == "identifier" else node.field("attribute") if node.kind == "attribute" else None
    return last is not None and re.fullmatch(TEMPLATE, last.text) is not None


def _is_filled(node: Node) -> bool:
    """`"...".format(x)`, or `util.format("...", x)`, by what the language has of them."""
    receiver, name = _called(node)
    arguments = node.field("arguments")
    if arguments is None or name is None:
        return False
    if receiver is not None and name in node.grammar.filling and (_collects_text(receiver) or is_template(receiver)):
        return any(part.kind not in LITERALS for part in arguments.parts)
    first, *rest = arguments.parts[_printed_at(node) :] or [node]
    fills = name in node.grammar.formatting or name in node.grammar.printing
    return fills and is_text(first) and any(part.kind not in LITERALS for part in rest)


def _printed_at(call: Node) -> int:
    """The place of what a call puts into its first argument, where it is one that does; else 0."""
    return call.grammar.printing.get(_called(call)[1] or "", 0)


def _collects_text(node: Node) -> bool:
    """Whether it is a text, or what collects one: `new StringBuilder("...")`, with what was added to it."""
    while node.kind == "call":
        receiver, name = _called(node)
        if receiver is None or name not in node.grammar.filling:
            return _is_builder(node)
        node = receiver
    return is_text(node)


def _is_builder(node: Node) -> bool:
    """Whether it makes an object that collects a text."""
    return node.kind == "call" and _called(node)[1] in node.grammar.builders


def _is_joined(node: Node) -> bool:
    """`["...", x].join("")`, a list that a text or a method makes one text of."""
    parts = _joined_list(node)
    return any(is_text(part) for part in parts) and any(not is_text(part) for part in parts)


def _joined_list(node: Node) -> list[Node]:
    receiver, name = _called(node)
    return receiver.parts if name == "join" and receiver is not None and receiver.kind == "list" else []


def _called(node: Node) -> tuple[Node | None, str | None]:
    """The receiver and the name of what a call calls."""
    function = node.field("function")
    if function is None:
        return None, None
    if function.kind == "identifier":
        return None, function.text
    name = function.field("attribute")
    return function.field("object"), name.text if name is not None else None


def assigned(name: Node) -> list[Node]:
    """The values that a name is given in its function, `+=` included, in the order of the text; where its function neither
    gives it one nor takes it as a parameter, those of the function around."""
    scope = scope_of(name)
    while True:
        given = _given_in(scope).get(name.text, [])
        if given or scope.parent is None or name.text in parameters(scope):
            return given
        scope = scope_of(scope)


@lru_cache(maxsize=512)
def parameters(function: Node) -> dict[str, Node]:
    """Name -> the part of the head that takes it."""
    taken = function.field("parameters")
    parts = [] if taken is None else [taken] if taken.kind == "identifier" else taken.parts
    return {name: part for part in parts for name in names_bound(part)}


def names_bound(target: Node) -> list[str]:
    """The names that a parameter, or the target of an assignment, gives values to."""
    found: list[str] = []
    waiting = [target]
    while waiting:
        one = waiting.pop()
        named = one.field("name")
        if one.kind == "identifier":
            found.append(one.text)
        elif named is not None:
            waiting.append(named)
        elif one.kind in _TARGETS:
            parts = [part.parts[-1] if part.kind == "pair_pattern" else part for part in one.parts]
            waiting.extend(reversed(parts))
        elif one.kind.endswith(("parameter", "pattern")):
            found += [part.text for part in one.parts if part.kind == "identifier"][:1]
    return found


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
        elif node.kind == "call" and _printed_at(node) and (arguments := node.field("arguments")) and arguments.parts:
            found.setdefault(arguments.parts[0].text, []).append(node)
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
                found += [grow for grow in grown(node) if any(_begins_text(value) for value in assigned(node))]
                waiting += [(value, hops + 1) for value in assigned(node)]
        else:
            below = _added(node) if node.kind == "binary_operator" else node.parts
            waiting += [(part, hops) for part in (below if below != [node] else node.parts)]
    return found


def _begins_text(value: Node) -> bool:
    return is_text(value) or _is_builder(value)


def _is_value(node: Node) -> bool:
    """A name that stands for a value: no callee, no attribute, no keyword."""
    return node.field_name not in ("function", "attribute", "name")
