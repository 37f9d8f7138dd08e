"""How is a piece of code built, whatever its words? The kinds of its syntax tree's nodes, each with its parent's kind."""

from __future__ import annotations

from collections import Counter

from ast_grep_py import SgNode, SgRoot

_GRAMMARS = {
    one: one
    for one in (
        "bash", "c", "cpp", "csharp", "elixir", "go", "html", "java", "javascript", "kotlin", "php", "python", "ruby",
        "rust", "scala", "solidity", "swift", "typescript", "yaml",
    )
} | {"terraform": "hcl"}  # fmt: skip


def kind_pairs(code: str, language: str) -> Counter[tuple[str, str]]:
    """How often each pair (kind of parent, kind of node) of named nodes occurs; empty for a language without a grammar.

    Code that does not parse gives the pairs of what could be parsed. Comments do not count.
    """
    grammar = _GRAMMARS.get(language)
    if grammar is None:
        return Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    # A stack, not recursion: 20,000 open brackets are 20,000 levels.
    waiting: list[tuple[str, SgNode]] = [("", SgRoot(_as_program(code, grammar), grammar).root())]
    while waiting:
        above, node = waiting.pop()
        kind = node.kind()
        if node.is_named():
            if "comment" in kind:
                continue
            pairs[above, kind] += 1
            above = kind
        waiting.extend((above, child) for child in node.children())
    return pairs


def _as_program(code: str, grammar: str) -> str:
    """Text that the grammar takes: without lone surrogates, and PHP with its tag, which a cut-out piece lacks."""
    clean = code.encode("utf-8", "replace").decode()
    return f"<?php\n{clean}" if grammar == "php" and "<?" not in clean else clean
