"""How would another hand have written the same code?

Five rewritings of a text that leave alone what it does: other names, another receiver, other layout, a value in a variable,
other code around it. They know of a language no more than its tokens and a few spellings, and share nothing with synthesis, whose
rules they are to try. One that does not parse as well as the original is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ast_grep_py import SgNode, SgRoot

__all__ = ["REWRITINGS", "Rewritten", "rewritings"]

_GRAMMARS = {
    "python": "python", "javascript": "tsx", "typescript": "tsx", "java": "java", "go": "go", "ruby": "ruby", "php": "php", "c": "c",
    "cpp": "cpp", "csharp": "csharp", "kotlin": "kotlin", "scala": "scala", "rust": "rust",
}  # fmt: skip
_NAMES = frozenset({"identifier", "simple_identifier", "variable_name"})
_NO_VALUES = frozenset({
    "keyword_argument", "pair", "hash_splat_argument", "splat_argument", "block_argument", "dictionary_splat", "list_splat",
    "spread_element", "variadic_unpacking", "named_argument", "argument_name", "lambda", "arrow_function", "lambda_expression",
    "function_expression", "comment", "type_identifier", "self", "this",
})  # fmt: skip
"""Arguments that are no values to be given a name."""
_STATEMENTS = frozenset({
    "expression_statement", "assignment", "return_statement", "call", "local_variable_declaration", "short_var_declaration",
    "lexical_declaration", "variable_declaration", "declaration", "let_declaration", "echo_statement", "call_expression",
})  # fmt: skip
_VARIABLE = {
    "python": "{} = {}", "ruby": "{} = {}", "javascript": "const {} = {};", "typescript": "const {} = {};", "java": "var {} = {};",
    "csharp": "var {} = {};", "go": "{} := {}", "php": "{} = {};", "kotlin": "val {} = {}", "scala": "val {} = {}",
    "rust": "let {} = {};", "cpp": "auto {} = {};",
}  # fmt: skip
_SELF = {"python": "self.", "ruby": "@", "php": "$this->", "javascript": "this.", "typescript": "this.", "java": "this.", "csharp": "this.", "kotlin": "this.", "scala": "this.", "rust": "self.", "cpp": "this->"}  # fmt: skip
_COMMENT = {"python": "# {}", "ruby": "# {}"}
_AROUND = {
    "python": "def elsewhere(values):\n    return len(values)\n", "ruby": "def elsewhere(values)\n  values.size\nend\n",
    "javascript": "function elsewhere(values) {\n  return values.length;\n}\n", "typescript": "function elsewhere(values) {\n  return values.length;\n}\n",
    "go": "func elsewhere(values []int) int {\n\treturn len(values)\n}\n", "php": "function elsewhere($values) {\n  return count($values);\n}\n",
    "c": "int elsewhere(int value) {\n  return value + 1;\n}\n", "cpp": "int elsewhere(int value) {\n  return value + 1;\n}\n",
    "rust": "fn elsewhere(value: i32) -> i32 {\n    value + 1\n}\n", "kotlin": "fun elsewhere(value: Int): Int {\n    return value + 1\n}\n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text written otherwise, and `how`, one of `REWRITINGS`."""

    how: str
    text: str


@dataclass(frozen=True, slots=True)
class _Code:
    """Code to rewrite: `changed` are the lines, from 1, that count."""

    text: str
    language: str
    changed: frozenset[int]
    root: SgNode

    def leaves(self) -> Iterator[SgNode]:
        """The nodes without children, in the order of the text."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            children = node.children()
            if children and node.kind() not in _NAMES:
                waiting.extend(reversed(children))
            else:
                yield node


def rewritings(text: str, language: str, changed: frozenset[int]) -> tuple[Rewritten, ...]:
    """Up to five rewritings of a text; none in a language that is not known here."""
    grammar = _GRAMMARS.get(language)
    if grammar is None:
        return ()
    code = _Code(text, language, changed, SgRoot(text, grammar).root())
    flaws = _flaws(code.root)
    found: list[Rewritten] = []
    for how, rewrite in REWRITINGS.items():
        made = rewrite(code)
        if made is not None and made != text and _flaws(SgRoot(made, grammar).root()) <= flaws:
            found.append(Rewritten(how, made))
    return tuple(found)


def _flaws(root: SgNode) -> int:
    return len(root.find_all(kind="ERROR"))


def _locals(code: _Code) -> dict[str, str]:
    """Names that stand for values of this code alone, each with another name: those that come again, are called nowhere, and
    are neither members nor imported."""
    seen: Counter[str] = Counter()
    other: set[str] = set()
    for leaf in code.leaves():
        if leaf.kind() in _NAMES:
            seen[leaf.text()] += 1
            if not _is_value(leaf, code.text):
                other.add(leaf.text())
    kept = {"self", "cls", "this", "$this", "super", "_"}
    names = [
        name for name in seen if seen[name] > 1 and name not in other | kept and not name.lstrip("$")[:1].isupper()
    ]
    return {name: f"{name}Value" if re.search(r"[a-z][A-Z]", name) else f"{name}_value" for name in names}


def _is_value(leaf: SgNode, text: str) -> bool:
    """Whether a name is read or set as a variable, as far as its neighbours tell."""
    start, end = leaf.range().start.index, leaf.range().end.index
    before, after = text[:start].rstrip(), text[end:].lstrip()
    line = text[text.rfind("\n", 0, start) + 1 : end]
    if re.match(
        r"\s*(import|from|use|using|require|package|#include|namespace|def|func|fn|fun|function|class)\b", line
    ):
        return bool(re.search(r"\(", line))
    if before.endswith((".", "->", "::", "@", "&", "#")) or after.startswith(("(", "::", ":", "<", "!")):
        return False
    return not (re.match(r"=(?![=>])", after) and before.endswith(("(", ",")))


def _spliced(code: _Code, splices: Mapping[tuple[int, int], str]) -> str | None:
    """The text with spans replaced, or None where there are none."""
    parts: list[str] = []
    at = 0
    for (start, end), new in sorted(splices.items()):
        if start >= at:
            parts += [code.text[at:start], new]
            at = end
    return "".join([*parts, code.text[at:]]) if splices else None


def _span(node: SgNode) -> tuple[int, int]:
    return node.range().start.index, node.range().end.index


def _other_names(code: _Code) -> str | None:
    names = _locals(code)
    return _spliced(
        code,
        {_span(leaf): names[leaf.text()] for leaf in code.leaves() if leaf.kind() in _NAMES and leaf.text() in names},
    )


def _other_receiver(code: _Code) -> str | None:
    """What was a variable is a member now, where a call is made on it in a line that counts."""
    prefix = _SELF.get(code.language)
    if prefix is None:
        return None
    names = _locals(code)
    splices: dict[tuple[int, int], str] = {}
    for leaf in code.leaves():
        start, end = _span(leaf)
        follows = code.text[end : end + 2]
        if (
            leaf.text() in names
            and leaf.range().start.line + 1 in code.changed
            and (follows[:1] == "." or follows == "->")
        ):
            splices[start, end] = prefix + leaf.text().lstrip("$")
    return _spliced(code, splices)


def _other_layout(code: _Code) -> str | None:
    """Every argument of a call that counts on a line of its own, with a comment over the statement."""
    splices: dict[tuple[int, int], str] = {}
    for node in code.root.find_all(any=[{"kind": kind} for kind in _argument_kinds(code.root)]):
        start, _ = _span(node)
        if node.range().start.line + 1 not in code.changed or code.text[start : start + 1] != "(":
            continue
        margin = re.match(r"\s*", code.text[code.text.rfind("\n", 0, start) + 1 :])
        pad = (margin.group() if margin else "").split("\n")[-1] + "        "
        for child in node.children():
            at, end = _span(child)
            if child.text() in {"(", ","} and code.text[end : end + 1] not in {"\n", ")"}:
                splices[at, end + len(code.text[end:]) - len(code.text[end:].lstrip(" "))] = f"{child.text()}\n{pad}"
    return _spliced(code, splices)


def _argument_kinds(root: SgNode) -> list[str]:
    waiting, kinds = [root], set[str]()
    while waiting:
        node = waiting.pop()
        if node.kind() in {"argument_list", "arguments"}:
            kinds.add(node.kind())
        waiting += node.children()
    return sorted(kinds)


def _value_in_a_variable(code: _Code) -> str | None:
    """The first argument of the first call that counts, given a name on the line before."""
    spelling = _VARIABLE.get(code.language)
    kinds = _argument_kinds(code.root)
    if spelling is None or not kinds:
        return None
    for node in code.root.find_all(any=[{"kind": kind} for kind in kinds]):
        values = [child for child in node.children() if child.is_named()]
        statement = _statement(node)
        if node.range().start.line + 1 not in code.changed or not values or statement is None:
            continue
        value = values[0]
        if value.kind() in _NAMES | _NO_VALUES or "\n" in value.text() or len(value.text()) < 3:
            continue
        name = "$prepared" if code.language == "php" else "prepared"
        at = _span(statement)[0]
        margin = code.text[code.text.rfind("\n", 0, at) + 1 : at]
        if margin.strip():
            continue
        return _spliced(code, {(at, at): f"{spelling.format(name, value.text())}\n{margin}", _span(value): name})
    return None


def _statement(node: SgNode) -> SgNode | None:
    """The outermost node around it that begins its line, and is a statement."""
    found = None
    around: SgNode | None = node
    while around is not None and around.range().start.line == node.range().start.line:
        if around.kind() in _STATEMENTS:
            found = around
        around = around.parent()
    return found


def _other_surroundings(code: _Code) -> str | None:
    """Another function behind it, and a comment over each line that counts."""
    comment = _COMMENT.get(code.language, "// {}").format("as agreed")
    lines = code.text.split("\n")
    first = min(code.changed, default=0)
    starts = [
        one
        for one in code.root.find_all(any=[{"kind": kind} for kind in _present(code.root)])
        if one.range().start.line + 1 == first
    ]
    if first and first <= len(lines) and starts:
        margin = lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]
        lines[first - 1] = f"{margin}{comment}\n{lines[first - 1]}"
    indented = next((line[: len(line) - len(line.lstrip())] for line in lines if line.strip()), "")
    more = _AROUND.get(code.language, "")
    return "\n".join(lines).rstrip("\n") + "\n\n" + "".join(f"{indented}{line}\n" for line in more.splitlines())


def _present(root: SgNode) -> list[str]:
    waiting, kinds = [root], set[str]()
    while waiting:
        node = waiting.pop()
        kinds.add(node.kind())
        waiting += node.children()
    return sorted(kinds & _STATEMENTS)


REWRITINGS: Mapping[str, Callable[[_Code], str | None]] = {
    "other names": _other_names,
    "another receiver": _other_receiver,
    "other layout": _other_layout,
    "a value in a variable": _value_in_a_variable,
    "other surroundings": _other_surroundings,
}
