"""What does this code consist of?

A syntax tree as plain values: kinds, texts and lines of nodes, read once from ast-grep (tree-sitter grammars inside
the wheel, https://ast-grep.github.io). A function cut out of a class may be indented; the indentation that all its lines
share is taken away first, which moves no line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ast_grep_py import SgNode, SgRoot

MAX_CHARACTERS = 250_000
MAX_LINE = 5_000
"""Code longer than this, or with a longer line, is not read: nothing is learned from generated or minified files, and the
place of a node in a line costs time by the line's length."""
_COMMENTS = frozenset({"comment", "line_comment", "block_comment"})


@dataclass(eq=False, slots=True)
class Node:
    """A node of a syntax tree. Lines count from 1, offsets from 0 in characters; `key` is equal where the code is,
    whatever its layout and comments."""

    kind: str
    start: int
    end: int
    line: int
    end_line: int
    named: bool
    source: str = field(repr=False)
    field_name: str | None = None
    key: int = 0
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list["Node"], repr=False)

    @property
    def text(self) -> str:
        return self.source[self.start : self.end]

    @property
    def parts(self) -> list[Node]:
        """The named children, comments left out."""
        return [child for child in self.children if child.named and child.kind not in _COMMENTS]

    def field(self, name: str) -> Node | None:
        """The child that plays a role in the grammar (`function` of a call), or None."""
        return next((child for child in self.children if child.field_name == name), None)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the text."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def ancestors(self) -> Iterator[Node]:
        """The nodes around this one, from the inside out."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def has(self, *kinds: str) -> bool:
        return any(node.kind in kinds for node in self.walk())


@dataclass(frozen=True)
class Tree:
    """Code with its syntax. `errors` are the nodes that do not parse, those that are missing included: they have no width."""

    language: str
    code: str
    root: Node
    errors: tuple[Node, ...] = ()

    @property
    def error_line(self) -> int | None:
        """The first line that does not parse, or None."""
        return min((node.line for node in self.errors), default=None)


def is_readable(code: str) -> bool:
    """Whether the code is of a size that people write."""
    return len(code) <= MAX_CHARACTERS and all(len(line) <= MAX_LINE for line in code.splitlines())


def dedented(code: str) -> str:
    """The code without the indentation that all its lines share, and with line feeds alone as line ends."""
    return textwrap.dedent(code.replace("\r\n", "\n").replace("\r", "\n"))


_FIELDS = {
    "call": ("function", "arguments"),
    "attribute": ("object", "attribute"),
    "assignment": ("left", "right", "type"),
    "augmented_assignment": ("left", "operator", "right"),
    "named_expression": ("name", "value"),
    "keyword_argument": ("name", "value"),
    "default_parameter": ("name", "value"),
    "typed_default_parameter": ("name", "type", "value"),
    "pair": ("key", "value"),
    "binary_operator": ("left", "operator", "right"),
    "function_definition": ("name", "parameters", "body"),
    "class_definition": ("name", "body"),
    "if_statement": ("condition", "consequence"),
    "elif_clause": ("condition", "consequence"),
    "while_statement": ("condition", "body"),
    "for_statement": ("left", "right", "body"),
    "subscript": ("value",),
    "aliased_import": ("name", "alias"),
    "import_from_statement": ("module_name",),
}


@lru_cache(maxsize=64)
def parse(code: str, language: str) -> Tree:
    """The syntax tree of code, dedented. It holds `ERROR` nodes where the code does not parse."""
    text = dedented(code)
    root = _read(SgRoot(text, language).root(), text)
    return Tree(language, text, root, tuple(node for node in root.walk() if node.kind == "ERROR" or _is_missing(node)))


def _is_missing(node: Node) -> bool:
    """Whether the parser put in what the code lacks. A block may be empty: a fragment ends with the head of one."""
    return node.start == node.end and node.parent is not None and node.kind != "block"


def _read(top: SgNode, text: str) -> Node:
    """Copies a tree without recursion: code may be nested deeper than Python's stack."""
    root = _copied(top, text)
    done: list[Node] = []
    waiting = [(top, root)]
    while waiting:
        source, node = waiting.pop()
        done.append(node)
        for child in source.children():
            copy = _copied(child, text)
            copy.parent = node
            node.children.append(copy)
            waiting.append((child, copy))
        for name in _FIELDS.get(node.kind, ()):
            _name_child(node, name, source.field(name))
    for node in reversed(done):
        node.key = _key(node)
    return root


def _copied(source: SgNode, text: str) -> Node:
    place = source.range()
    start, end = place.start.index, place.end.index
    return Node(source.kind(), start, end, place.start.line + 1, place.end.line + 1, source.is_named(), text)


def _name_child(node: Node, name: str, found: SgNode | None) -> None:
    if found is None:
        return
    place = found.range()
    for child in node.children:
        if (child.start, child.end) == (place.start.index, place.end.index) and child.field_name is None:
            child.field_name = name
            return


def _key(node: Node) -> int:
    below = [child.key for child in node.children if child.kind not in _COMMENTS]
    return hash((node.kind, tuple(below))) if below else hash((node.kind, node.text))
