"""How does the tree of a language's own grammar take the shape in which all are told?

Kinds and fields are renamed while a tree is read (`syntax`). What a grammar has not as a node of its own is made here: the callee of
a call whose receiver and name stand apart, the value inside a text, the statement round a bare expression, the arguments of a
word that is called without brackets. No node is moved in the text; a made one spans what it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rsolv_ray.synthesis.languages.grammar import BLOCKS, STRINGS

if TYPE_CHECKING:
    from rsolv_ray.synthesis.languages.grammar import Node

_TEXT_PARTS = frozenset(
    {"string_content", "escape_sequence", "interpolation", "string_start", "string_end", "heredoc_end"}
)
_HOLDS_STATEMENTS = BLOCKS | {"else_clause", "finally_clause", "try_statement"}
_EXPRESSIONS = STRINGS | {
    "assignment", "attribute", "augmented_assignment", "await", "binary_operator", "boolean_operator", "call",
    "comparison_operator", "conditional_expression", "dictionary", "identifier", "list", "not_operator", "subscript",
    "unary_operator",
}  # fmt: skip


def shaped(root: Node) -> None:
    """Gives a tree that was just read the shape of all, in place."""
    for node in list(root.walk()):
        _callee(node)
        _word_called(node)
    _bodies_of_texts(list(root.walk()))
    for node in list(root.walk()):
        _texts(node)
        _options(node)
        if node.grammar.bare_statements and node.kind in _HOLDS_STATEMENTS:
            _statements(node)


def made(kind: str, parts: Sequence[Node], *, role: str | None = None) -> Node:
    """A new node round neighbours, in their place in the tree; all of them have the same parent."""
    first, last = parts[0], parts[-1]
    outer = first.parent
    assert outer is not None, "a root is no part of anything"
    at = next(place for place, child in enumerate(outer.children) if child is first)
    node = first.like(kind, end=last.end, end_line=last.end_line)
    node.field_name, node.parent, node.children = role, outer, list(parts)
    outer.children[at : at + len(parts)] = [node]
    for part in parts:
        part.parent = node
    return node


def _callee(node: Node) -> None:
    """`receiver.name(...)`, where the grammar tells the two apart; without arguments, and nothing given, it is a field."""
    name, receiver = node.field("attribute"), node.field("object")
    if node.kind != "call" or name is None or node.field("function") is not None:
        return
    if receiver is None:
        name.field_name = "function"
    elif node.field("arguments") is None and not any(child.kind == "lambda" for child in node.children):
        node.kind = "attribute"
    else:
        first, last = (node.children.index(one) for one in (receiver, name))
        made("attribute", node.children[first : last + 1], role="function")


def _word_called(node: Node) -> None:
    """`echo $a, $b;`, a word that is called by standing before its values; a command in backticks calls the backtick."""
    if node.kind not in ("word_call", "shell_call") or not node.children:
        return
    word, rest = node.children[0], [child for child in node.children[1:] if child.text != ";"]
    is_shell, node.kind = node.kind == "shell_call", "call"
    word.kind, word.named, word.field_name = "identifier", True, "function"
    if not rest:
        return
    if is_shell:
        made("string", rest)
        rest = node.children[1:]
    elif len(rest) == 1 and rest[0].kind in ("parenthesized_expression", "sequence_expression"):
        rest[0].kind, rest[0].field_name = "argument_list", "arguments"
        return
    made("argument_list", rest, role="arguments")


def _texts(node: Node) -> None:
    """The values in a text as interpolations of its own."""
    if node.kind == "string" and node.grammar.bare_values:
        for part in list(node.parts):
            if part.kind not in _TEXT_PARTS:
                made("interpolation", [part])


def _bodies_of_texts(nodes: Sequence[Node]) -> None:
    """The body of a text belongs to the text: to the one that it stands in, or to those that were begun before it, in their order."""
    begun = [one for one in nodes if one.kind == "string" and not one.children and one.text.startswith("<<")]
    for body in [one for one in nodes if one.kind == "heredoc_body"]:
        outer = body.parent
        text = outer if outer is not None and outer.kind == "string" else next(iter(begun), None)
        if outer is not None and text is not None:
            _brought_home(body, outer, text)
            begun = begun[1:] if begun and begun[0] is text else begun


def _brought_home(body: Node, outer: Node, text: Node) -> None:
    outer.children.remove(body)
    text.children += body.children
    for part in body.children:
        part.parent = text
    for around in [text, *text.ancestors()]:
        if around.kind in BLOCKS:
            break
        around.end_line = max(around.end_line, body.end_line)


def _options(node: Node) -> None:
    """A pair among arguments is an option; a list that holds pairs is a dictionary."""
    pairs = [child for child in node.children if child.kind == "pair"]
    if node.kind == "argument_list":
        for pair in pairs:
            pair.kind = "keyword_argument"
            for part in pair.children:
                part.field_name = "name" if part.field_name == "key" else part.field_name
    elif node.kind == "list" and pairs:
        node.kind = "dictionary"


def _statements(block: Node) -> None:
    around = block.parent
    is_outside = block.kind == "module" or (around is not None and around.kind == "class_definition")
    for part in list(block.parts):
        if part.kind == "identifier" and is_outside and block.grammar.calls_by_name:
            made("expression_statement", [made("call", [part])])
            part.field_name = "function"
        elif part.kind in _EXPRESSIONS:
            _grown(part)
            made("expression_statement", [part])


def _grown(part: Node) -> None:
    """`text << more`, which stands alone, makes a text grow."""
    left, operator = part.field("left"), part.field("operator")
    is_adding = operator is not None and operator.text == "<<" and operator.text in part.grammar.joining
    if part.kind == "binary_operator" and is_adding and left is not None and left.kind == "identifier":
        part.kind = "augmented_assignment"
