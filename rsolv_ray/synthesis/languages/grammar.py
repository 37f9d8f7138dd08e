"""How does a language's own grammar name what all languages have?

Trees are told in one vocabulary, that of the tree-sitter grammar of Python: a call is a `call` with `function` and `arguments`,
a function inside an expression a `lambda`, whatever else a grammar calls them. A language enters rule synthesis with a
`Grammar`, a `Notation` (how its patterns are written), both in `languages/`, and a catalogue (`weaknesses`); nothing else asks for
a language by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

BLOCKS = frozenset({"module", "block"})
"""What holds statements."""
COMPOUNDS = frozenset({
    "function_definition", "class_definition", "decorated_definition", "if_statement", "elif_clause", "else_clause",
    "for_statement", "while_statement", "do_statement", "try_statement", "except_clause", "except_group_clause",
    "finally_clause", "with_statement", "match_statement", "case_clause", "labeled_statement",
})  # fmt: skip
"""Statements, and clauses of them, that hold blocks."""
FUNCTIONS = frozenset({"function_definition", "lambda"})
STRINGS = frozenset({"string", "concatenated_string"})
COMMENTS = frozenset({"comment", "line_comment", "block_comment"})
LITERALS = STRINGS | {"integer", "float", "true", "false", "none", "regex", "symbol"}
GROUPS = frozenset({"tuple", "list", "dictionary", "pair", "keyword_argument", "interpolation", "spread"})
"""Expressions that hold values and are none of themselves."""


class SourcePlace(Protocol):
    """A place in a text, by its offset in characters and its line, both from 0."""

    @property
    def index(self) -> int: ...
    @property
    def line(self) -> int: ...


class SourceRange(Protocol):
    """From where to where a node goes; the end is behind it."""

    @property
    def start(self) -> SourcePlace: ...
    @property
    def end(self) -> SourcePlace: ...


class Source(Protocol):
    """A node of a tree as it is read: ast-grep's, or that of a language that is read here."""

    def kind(self) -> str: ...
    def is_named(self) -> bool: ...
    def children(self) -> Sequence[Source]: ...
    def field(self, name: str, /) -> Source | None: ...
    def range(self) -> SourceRange: ...


@dataclass(eq=False, slots=True)
class Node:
    """A node of a syntax tree. Lines count from 1, offsets from 0 in characters; `key` is equal where the code is,
    whatever its layout and comments. `is_head`: a copy without the blocks inside it, which are read for themselves.
    `holds_blocks`: whether there are any below."""

    kind: str
    start: int
    end: int
    line: int
    end_line: int
    named: bool
    source: str = field(repr=False)
    grammar: Grammar = field(repr=False)
    field_name: str | None = None
    key: int = 0
    is_head: bool = False
    holds_blocks: bool = False
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list["Node"], repr=False)

    @property
    def text(self) -> str:
        return self.source[self.start : self.end]

    @property
    def parts(self) -> list[Node]:
        """The named children, comments left out."""
        return [child for child in self.children if child.named and child.kind not in COMMENTS]

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

    def lines(self) -> set[int]:
        """The lines that it stands on; those of a head are the ones with something of its own."""
        if not self.is_head:
            return set(range(self.line, self.end_line + 1))
        own = (leaf for leaf in self.walk() if not leaf.children and leaf.kind not in BLOCKS)
        return {line for leaf in own for line in range(leaf.line, leaf.end_line + 1)}

    def ancestors(self) -> Iterator[Node]:
        """The nodes around this one, from the inside out."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def has(self, *kinds: str) -> bool:
        return any(node.kind in kinds for node in self.walk())

    def top(self) -> Node:
        """The root of its tree."""
        return [self, *self.ancestors()][-1]

    def like(self, kind: str, *, end: int, end_line: int) -> Node:
        """A new node that begins where this one does, and belongs to no tree yet."""
        return Node(kind, self.start, end, self.line, end_line, True, self.source, self.grammar)


@dataclass(frozen=True)
class Grammar:
    """What differs between languages in their trees.

    Attributes:
        parsers: ast-grep's names; where the first cannot read a text, the others are asked, and the best answer is taken.
        fields: the grammar's kind -> (role here, role there) of the children that have one; `#0` is the first named child.
        kinds: the grammar's kind -> the kind here; kinds that are left out keep their names.
        operators: the kind here of an expression with two operands, by its operator.
        layout: tokens that say nothing: code that differs in them alone is equal.
        joining: operators that put text and values together.
        filling: methods of a text that put values into it.
        formatting: functions that put values into their first argument, by their names.
        builders: classes whose objects collect a text.
        options_in_objects: whether options are given as an object among the arguments.
        sets_fields: whether setting a field may do something by itself, as it does with the elements of a page.
        types_capitalised: whether names that begin with a capital letter stand for types, as they do by custom.
        shape: tells a node anew, after all below it, where names of kinds and fields cannot (`shaping`), or None.
        imports: name in the file -> full name of what an import, given as text, binds; None: its parts have roles that say it.
        plain_paths: paths whose functions are called by their names alone, too.
        printing: functions that put a text together in their first argument -> the place of what they put into it, counted from 0.
        parses: a second opinion on text that the tree-sitter grammar cannot read, or None.
        wrappers: the grammar's kinds of nodes that are nothing but the one node they hold.
        leaves: the grammar's kinds of nodes whose parts say nothing by themselves.
        reader: what reads a language that no parser of ast-grep does, or None.
        is_shell: whether its statements are commands.
        by_token: the grammar's kind -> (token, kind here): the kind where it holds that token.
        bare_statements: whether expressions stand among statements as they are.
        bare_values: whether values stand in texts as they are.
        calls_by_name: whether a name that stands alone outside of functions calls something.
        opening: what code begins with, and cut pieces of it may lack; it is put before the first line.
        enclosing: what stands before and behind the members of a class that are cut out of it, and are not read alone.
        masked: code as the parser shall read it, of the same length, or None where it reads all.

    A call may tell `object` and `attribute` in place of `function`; `shaping` makes the callee of them. The kinds `word_call` and
    `shell_call` are for words, and for commands in quotes of their own, that are called by standing before, or round, values.
    """

    parsers: tuple[str, ...]
    fields: Mapping[str, tuple[tuple[str, str], ...]]
    kinds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    operators: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    layout: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset({"+"})
    filling: frozenset[str] = frozenset()
    formatting: frozenset[str] = frozenset()
    builders: frozenset[str] = frozenset()
    options_in_objects: bool = False
    sets_fields: bool = False
    types_capitalised: bool = False
    shape: Callable[[Node], None] | None = None
    imports: Callable[[str], Mapping[str, str]] | None = None
    plain_paths: frozenset[str] = frozenset()
    printing: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    parses: Callable[[str], bool] | None = None
    wrappers: frozenset[str] = frozenset()
    leaves: frozenset[str] = frozenset()
    reader: Callable[[str], Source] | None = None
    is_shell: bool = False
    by_token: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    bare_statements: bool = False
    bare_values: bool = False
    calls_by_name: bool = False
    opening: str = ""
    enclosing: tuple[str, str] | None = None
    masked: Callable[[str], str] | None = None


def as_they_are(*names: str) -> tuple[tuple[str, str], ...]:
    """Fields that have the same names here and there."""
    return tuple((name, name) for name in names)
