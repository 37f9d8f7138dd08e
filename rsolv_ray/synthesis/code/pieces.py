"""What does a built text say before each of its values?

The literal pieces and the values of a text are told apart in each spelling: inside the literal, by `%`, by a method that fills it, by `+`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.synthesis.code.building import assigned, bare
from rsolv_ray.synthesis.code.syntax import Node
from rsolv_ray.synthesis.languages.grammar import STRINGS

_BY_PERCENT = re.compile(r"%(?:\((\w+)\))?[-#0 +]*[\d*]*(?:\.\d+)?[a-zA-Z]")
_BY_BRACES = re.compile(r"\{(\w*)[^{}]*\}")


def pieces(built: Node) -> list[tuple[str, Node]]:
    """The values of a text, in its order, each with all that the text says before it; empty where that cannot be told."""
    found: list[tuple[str, Node]] = []
    said = ""
    for part in _parts(bare(built)):
        if isinstance(part, str):
            said += part
        else:
            found.append((said, part))
    return found


def _parts(node: Node) -> Iterator[str | Node]:
    node = bare(node)
    operator = node.field("operator")
    if node.kind in STRINGS:
        yield from _of_literal(node)
    elif node.kind == "augmented_assignment" and (right := node.field("right")) is not None:
        yield from _parts(right)
    elif node.kind == "binary_operator" and operator is not None and operator.text == "+":
        for term in _terms(node):
            yield from _parts(term)
    elif node.kind == "binary_operator" and operator is not None and operator.text == "%":
        yield from _filled(node.field("left"), node.field("right"), _BY_PERCENT)
    elif node.kind == "call" and (function := node.field("function")) is not None and function.kind == "attribute":
        yield from _filled(function.field("object"), node.field("arguments"), _BY_BRACES)
    else:
        yield node


def _of_literal(text: Node) -> Iterator[str | Node]:
    for child in text.children:
        if child.kind == "string_content":
            yield child.text
        elif child.kind == "interpolation" and child.parts:
            yield child.parts[0]
        elif child.kind in STRINGS:
            yield from _of_literal(child)


def _terms(node: Node) -> list[Node]:
    """What a chain of `+` adds up, in its order."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        one = bare(waiting.pop())
        operator = one.field("operator")
        if one.kind == "binary_operator" and operator is not None and operator.text == "+":
            waiting += [part for part in (one.field("right"), one.field("left")) if part is not None]
        else:
            found.append(one)
    return found


def _filled(text: Node | None, given: Node | None, places: re.Pattern[str]) -> Iterator[str | Node]:
    """A literal, or the name of one, whose places are filled with what is given."""
    literal = _literal(text)
    if literal is None or given is None:
        return
    whole, at, used = "".join(part for part in _of_literal(literal) if isinstance(part, str)), 0, 0
    values, named = _values(given)
    for place in places.finditer(whole):
        yield whole[at : place.start()]
        at, name = place.end(), place.group(1) or ""
        if name in named:
            yield named[name]
        elif (number := int(name) if name.isdigit() else used) < len(values):
            used += 1
            yield values[number]
    yield whole[at:]


def _literal(text: Node | None) -> Node | None:
    if text is None or bare(text).kind in STRINGS:
        return None if text is None else bare(text)
    return (
        next((value for value in assigned(text) if value.kind in STRINGS), None) if text.kind == "identifier" else None
    )


def _values(given: Node) -> tuple[Sequence[Node], dict[str, Node]]:
    """What is given by place, and by name."""
    given = bare(given)
    if given.kind not in ("tuple", "argument_list", "dictionary"):
        return [given], {}
    named: dict[str, Node] = {}
    for part in given.parts:
        key, value = part.field("name") or part.field("key"), part.field("value")
        if part.kind in ("keyword_argument", "pair") and key is not None and value is not None:
            named[key.text.strip("\"'")] = value
    return [part for part in given.parts if part.kind not in ("keyword_argument", "pair")], named
