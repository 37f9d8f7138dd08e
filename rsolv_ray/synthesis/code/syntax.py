"""What does this code consist of?

A syntax tree as plain values: kinds, texts and lines of nodes, read once from ast-grep (tree-sitter grammars inside
the wheel, https://ast-grep.github.io). A function cut out of a class may be indented; the indentation that all its lines
share is taken away first, which moves no line.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace
from functools import lru_cache

from ast_grep_py import SgNode, SgRoot

from rsolv_ray.synthesis.languages import GRAMMARS
from rsolv_ray.synthesis.languages.grammar import BLOCKS, COMMENTS, Grammar, Node, Source
from rsolv_ray.synthesis.languages.shaping import shaped

MAX_CHARACTERS = 250_000
MAX_LINE = 5_000
"""Code longer than this, or with a longer line, is not read: nothing is learned from generated or minified files, and the
place of a node in a line costs time by the line's length."""
MAX_LEVELS = 200
"""Code nested deeper than this is not read. What stands first in its node opens no level, so that long sums and long chains of calls
are flat. The deepest of 5,210 files of well-known packages in Python and JavaScript has 90 levels."""
_CLASS = re.compile(
    r"^[ \t]*(?:@?\w[\w.()\"]*[ \t]+)*(?:class|interface|enum|record|struct|object|namespace)[ \t]+\w", re.MULTILINE
)
_MOST_OPEN = 5
_HEADS = ("import ", "package ", "using ", "use ", "namespace ", "<?php")
"""What stands before the first class of a file."""


@dataclass(frozen=True)
class Tree:
    """Code with its syntax. `errors` are the nodes that do not parse, those that are missing included: they have no width.
    `is_cut`: it is nested deeper than `MAX_LEVELS`, and what lies deeper was left out."""

    language: str
    code: str
    root: Node
    errors: tuple[Node, ...] = ()
    is_cut: bool = False

    @property
    def error_line(self) -> int | None:
        """The first line that does not parse, or None."""
        return min((node.line for node in self.errors), default=None)


def unreadable(code: str, language: str) -> str | None:
    """Why this is no code of a size and a depth that people write, or None."""
    if len(code) > MAX_CHARACTERS or any(len(line) > MAX_LINE for line in code.splitlines()):
        return f"is too large or minified: nothing is learned from more than {MAX_CHARACTERS} characters"
    if parse(code, language).is_cut:
        return f"is nested too deeply: nothing is learned from more than {MAX_LEVELS} levels"
    return None


def dedented(code: str) -> str:
    """The code without the indentation that all its lines share, and with line feeds alone as line ends."""
    return textwrap.dedent(code.replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=256)
def whole(code: str, language: str) -> str:
    """The code dedented, and begun as files of its language are, where a piece that was cut out lacks that; no line is moved.

    Members of a class that stand alone and are read only inside of one, as constructors are, are put into one.
    """
    text, grammar = dedented(code), GRAMMARS.get(language)
    if grammar is None or not text.strip():
        return text
    opening = grammar.opening if grammar.opening.strip() not in text else ""
    if grammar.enclosing is None or len(text) > MAX_CHARACTERS:
        return opening + text
    text = _closed(text, grammar)
    if _CLASS.search(text) or not _breaks(text, grammar):
        return opening + text
    enclosed = _enclosed(text, *grammar.enclosing)
    return opening + (text if _breaks(enclosed, grammar) else enclosed)


def _closed(text: str, grammar: Grammar) -> str:
    """The code with the brackets behind it that a piece which was cut out lacks."""
    open_still = text.count("{") - text.count("}")
    if not 0 < open_still <= _MOST_OPEN:
        return text
    closed = f"{text.rstrip()}{' }' * open_still}\n"
    return closed if _breaks(text, grammar) and not _breaks(closed, grammar) else text


def _enclosed(text: str, before: str, after: str) -> str:
    """The code with something before its first line that is no import, and something behind its last."""
    lines = text.splitlines(keepends=True)
    heads = [at for at, line in enumerate(lines) if line.lstrip().startswith(_HEADS)]
    first = heads[-1] + 1 if heads else 0
    return "".join([*lines[:first], before, *lines[first:]]).rstrip() + after + "\n"


def _breaks(text: str, grammar: Grammar) -> bool:
    """Whether no parser reads all of a text."""
    return all(_has_errors(SgRoot(text, parser).root(), grammar) for parser in grammar.parsers)


def reads(code: str, language: str) -> bool:
    """Whether all of the code parses: what the errors of `parse` tell, several times as quick."""
    grammar = GRAMMARS[language]
    if grammar.reader is not None or grammar.masked is not None:
        return not parse(code, language).errors
    return not _breaks(whole(code, language), grammar)


def _has_errors(top: SgNode, grammar: Grammar) -> bool:
    waiting = [top]
    while waiting:
        node = waiting.pop()
        place = node.range()
        kind, is_empty = node.kind(), place.start.index == place.end.index
        if kind == "ERROR" or (is_empty and node is not top and grammar.kinds.get(kind, kind) != "block"):
            return True
        waiting += node.children()
    return False


@lru_cache(maxsize=64)
def parse(code: str, language: str) -> Tree:
    """The syntax tree of code, made whole. It holds `ERROR` nodes where the code does not parse."""
    text, grammar = whole(code, language), GRAMMARS[language]
    best: Tree | None = None
    for parser in grammar.parsers:
        readable = grammar.masked(text) if grammar.masked else text
        top = grammar.reader(readable) if grammar.reader else SgRoot(readable, parser).root()
        root, is_cut = _read(top, readable, grammar)
        errors = tuple(node for node in root.walk() if node.kind == "ERROR" or _is_missing(node))
        if best is None or len(errors) < len(best.errors):
            best = Tree(language, text, root, errors, is_cut)
        if not errors:
            break
    assert best is not None, "every grammar names a parser"
    return best


def _is_missing(node: Node) -> bool:
    """Whether the parser put in what the code lacks. A block may be empty: a fragment ends with the head of one."""
    return node.start == node.end and node.parent is not None and node.kind != "block"


def _read(top: Source, text: str, grammar: Grammar) -> tuple[Node, bool]:
    """Copies a tree, and says whether it had to be cut. Without recursion: sums may be longer than Python's stack."""
    root = _copied(top, text, grammar)
    waiting, is_cut = [(top, root, 0)], False
    while waiting:
        source, node, level = waiting.pop()
        if level > MAX_LEVELS:
            is_cut = True
            continue
        for place, child in enumerate(_unwrapped(one, grammar) for one in source.children()):
            if source.kind() in grammar.leaves:
                break
            copy = _copied(child, text, grammar)
            copy.parent = node
            node.children.append(copy)
            waiting.append((child, copy, level + (place > 0)))
        for name, theirs in grammar.fields.get(source.kind(), ()):
            _name_child(node, name, _child(source, theirs))
            if name == "operator" and (operator := node.field(name)) is not None:
                node.kind = grammar.operators.get(operator.text, node.kind)
    if grammar.shape is not None:
        for node in reversed(list(root.walk())):
            grammar.shape(node)
    shaped(root)
    for node in reversed(list(root.walk())):
        node.key = _key(node)
        node.holds_blocks = any(child.holds_blocks or child.kind in BLOCKS for child in node.children)
    return root, is_cut


def _unwrapped(source: Source, grammar: Grammar) -> Source:
    """What a node holds that is nothing but that."""
    while source.kind() in grammar.wrappers and len(inner := source.children()) == 1:
        source = inner[0]
    return source


@lru_cache(maxsize=4096)
def head_of(node: Node) -> Node:
    """A copy of a node in which every block inside it is empty."""
    top = replace(node, children=[], is_head=True)
    done: list[Node] = []
    waiting = [(node, top)]
    while waiting:
        source, copy = waiting.pop()
        done.append(copy)
        for child in source.children if source.kind not in BLOCKS else ():
            below = replace(child, children=[], parent=copy)
            copy.children.append(below)
            waiting.append((child, below))
    for copy in reversed(done):
        copy.key = hash(copy.kind) if copy.kind in BLOCKS else _key(copy)
    return top


def _copied(source: Source, text: str, grammar: Grammar) -> Node:
    place, kind = source.range(), source.kind()
    start, end = place.start.index, place.end.index
    named = source.is_named()
    told = grammar.by_token.get(kind)
    if told is not None and any(child.kind() == told[0] for child in source.children()):
        kind = told[1]
    else:
        kind = grammar.kinds.get(kind, kind) if named else f"'{kind}'"
    return Node(kind, start, end, place.start.line + 1, place.end.line + 1, named, text, grammar)


def _child(source: Source, theirs: str) -> Source | None:
    """The child that plays a role, or the named one at a place (`#0`) where the grammar gives it no role."""
    if not theirs.startswith("#"):
        return source.field(theirs)
    named = [child for child in source.children() if child.is_named() and child.kind() not in COMMENTS]
    return named[int(theirs[1:])] if int(theirs[1:]) < len(named) else None


def _name_child(node: Node, name: str, found: Source | None) -> None:
    if found is None:
        return
    place = found.range()
    for child in node.children:
        if (child.start, child.end) == (place.start.index, place.end.index) and child.field_name is None:
            child.field_name = name
            return


def _key(node: Node) -> int:
    below = [child.key for child in node.children if child.kind not in COMMENTS and _says_something(child)]
    return hash((node.kind, tuple(below))) if below else hash((node.kind, node.text))


def _says_something(node: Node) -> bool:
    return node.named or node.text not in node.grammar.layout
