"""How is Bash read and written?"""

from __future__ import annotations

from rsolv_ray.synthesis.languages.grammar import Grammar, as_they_are
from rsolv_ray.synthesis.languages.notation import NO_CALLS

__all__ = ["GRAMMAR", "NOTATION"]

GRAMMAR = Grammar(
    parsers=("bash",),
    fields={"variable_assignment": (("left", "name"), ("right", "value")), "function_definition": as_they_are("name", "body")},
    kinds={
        "program": "module", "compound_statement": "block", "do_group": "block", "variable_assignment": "assignment",
        "case_statement": "match_statement", "case_item": "case_clause", "c_style_for_statement": "for_statement",
    },
    leaves=frozenset({"string", "raw_string", "ansi_c_string", "heredoc_body"}),
    layout=frozenset({";"}),
    is_shell=True,
)  # fmt: skip
NOTATION = NO_CALLS
