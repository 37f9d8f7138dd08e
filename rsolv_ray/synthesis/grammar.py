"""Which kinds of node play which part in a language?

The names are those of the tree-sitter grammars. A language enters rule synthesis with a grammar here and a catalogue in
`weaknesses`; nothing else asks for a language by name.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grammar:
    """`blocks` hold statements; `compounds` are statements (and their clauses) that hold blocks."""

    blocks: frozenset[str]
    compounds: frozenset[str]
    functions: frozenset[str]
    expression_statements: frozenset[str]
    strings: frozenset[str]
    literals: frozenset[str]


GRAMMARS: dict[str, Grammar] = {
    "python": Grammar(
        blocks=frozenset({"module", "block"}),
        compounds=frozenset({
            "function_definition", "class_definition", "decorated_definition", "if_statement", "elif_clause", "else_clause",
            "for_statement", "while_statement", "try_statement", "except_clause", "except_group_clause", "finally_clause",
            "with_statement", "match_statement", "case_clause",
        }),
        functions=frozenset({"function_definition", "lambda"}),
        expression_statements=frozenset({"expression_statement"}),
        strings=frozenset({"string", "concatenated_string"}),
        literals=frozenset({"string", "concatenated_string", "integer", "float", "true", "false", "none"}),
    ),
}  # fmt: skip
