"""Is this the finding that was seen before?

A fingerprint survives moved lines, changed layout, changed comments and a renamed file: it is a digest of the rule's
lineage, the matched tokens, the names of the definitions around them, and a number that tells equal ones in a file apart.
`v1` names the normalisation: another one gets another name, so that no old triage is lost without notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from ast_grep_py import SgNode, SgRoot

_GRAMMARS = {
    "python": "python", "javascript": "javascript", "typescript": "typescript", "java": "java", "go": "go",
    "ruby": "ruby", "php": "php", "c": "c", "cpp": "cpp", "csharp": "csharp", "kotlin": "kotlin", "scala": "scala",
    "rust": "rust", "swift": "swift", "solidity": "solidity", "terraform": "hcl", "yaml": "yaml", "bash": "bash",
    "html": "html", "elixir": "elixir",
}  # fmt: skip
_JAVASCRIPT = (
    "class_declaration", "method_definition", "function_declaration", "generator_function_declaration",
    "variable_declarator",
)  # fmt: skip
_DEFINITIONS: dict[str, tuple[str, ...]] = {
    "python": ("class_definition", "function_definition"),
    "javascript": _JAVASCRIPT,
    "typescript": (*_JAVASCRIPT, "abstract_class_declaration", "internal_module"),
    "java": (
        "class_declaration", "interface_declaration", "enum_declaration", "record_declaration", "method_declaration",
        "constructor_declaration",
    ),
    "go": ("function_declaration", "method_declaration"),
    "ruby": ("class", "module", "method", "singleton_method"),
    "php": (
        "class_declaration", "trait_declaration", "interface_declaration", "method_declaration", "function_definition",
    ),
    "c": ("function_definition",),
    "cpp": ("function_definition", "class_specifier", "struct_specifier", "namespace_definition"),
    "csharp": (
        "class_declaration", "struct_declaration", "interface_declaration", "method_declaration",
        "constructor_declaration", "namespace_declaration",
    ),
    "kotlin": ("class_declaration", "object_declaration", "function_declaration"),
    "scala": ("class_definition", "object_definition", "trait_definition", "function_definition"),
    "rust": ("function_item", "impl_item", "mod_item", "trait_item"),
    "swift": ("class_declaration", "protocol_declaration", "function_declaration"),
    "solidity": ("contract_declaration", "library_declaration", "function_definition"),
    "bash": ("function_definition",),
}  # fmt: skip
_FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "function", "generator_function"})
_TOKEN = re.compile(r"\w+|[^\w\s]")


def fingerprint(lineage: str, matched: str, enclosing: Sequence[str], ordinal: int) -> str:
    """`v1:` and 32 hex digits of blake2b.

    Args:
        lineage: the rule's id; a merged rule inherits those of its parents.
        matched: the matched code as `normalised` gives it.
        enclosing: names of the definitions around it, from the outside in.
        ordinal: how many equal ones come before it in its file, from 0.
    """
    said = json.dumps([lineage, matched, list(enclosing), ordinal], ensure_ascii=False, separators=(",", ":"))
    return "v1:" + blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def normalised(code: str, language: str) -> str:
    """The tokens of some code, one blank between two, without comments and layout; strings stay as they are.

    Languages without a grammar here are cut into words and signs, and their comments stay.
    """
    grammar = _GRAMMARS.get(language)
    if grammar is None:
        return " ".join(_TOKEN.findall(code))
    return " ".join(_tokens(SgRoot(code, grammar).root()))


def enclosing_definitions(source: str, language: str, line: int) -> tuple[str, ...]:
    """Names of the classes, functions and the like around a line (from 1), from the outside in."""
    return Outline(source, language).around(line)


def syntax_errors(source: str, language: str) -> int | None:
    """How many places of some code do not parse; None for a language without a grammar here."""
    grammar = _GRAMMARS.get(language)
    if grammar is None:
        return None
    return len(SgRoot(source, grammar).root().find_all(kind="ERROR"))


class Outline:
    """The definitions of one file, read once."""

    def __init__(self, source: str, language: str) -> None:
        kinds = _DEFINITIONS.get(language, ())
        found = (
            SgRoot(source, _GRAMMARS[language]).root().find_all(any=[{"kind": kind} for kind in kinds]) if kinds else []
        )
        spans = [
            (node.range().start.line + 1, node.range().end.line + 1, name) for node in found if (name := _name(node))
        ]
        self._definitions = sorted(spans, key=lambda span: (span[0], -span[1]))

    def around(self, line: int) -> tuple[str, ...]:
        """Names of the definitions around a line (from 1), from the outside in."""
        return tuple(name for first, last, name in self._definitions if first <= line <= last)

    def lines_around(self, line: int, most: int) -> tuple[int, int] | None:
        """First and last line of the widest definition around a line that has at most so many lines; None without any."""
        spans = ((first, last) for first, last, _ in self._definitions if first <= line <= last)
        return next((span for span in spans if span[1] - span[0] < most), None)


def _tokens(root: SgNode) -> Iterator[str]:
    """The leaves; a string is one of them, with all that is in it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        kind = node.kind()
        if kind.endswith("comment"):
            continue
        children = () if "string" in kind and not kind.startswith("concatenated") else node.children()
        if children:
            waiting.extend(reversed(children))
        elif (text := node.text()).strip():
            yield text


def _name(node: SgNode) -> str | None:
    """What a definition is called; None for a variable that holds no function, and for what has no name."""
    if node.kind() == "variable_declarator":
        value = node.field("value")
        if value is None or value.kind() not in _FUNCTION_VALUES:
            return None
    named = node.field("name") or node.field("type" if node.kind() == "impl_item" else "declarator")
    while named is not None and (inner := named.field("declarator")) is not None:
        named = inner
    if named is None:
        named = next((child for child in node.children() if child.kind().endswith("identifier")), None)
    return " ".join(named.text().split()) if named is not None else None
