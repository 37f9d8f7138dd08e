"""How is Terraform (HCL) read and written?"""

from __future__ import annotations

from rsolv_ray.synthesis.languages.grammar import Grammar
from rsolv_ray.synthesis.languages.notation import NO_CALLS

__all__ = ["GRAMMAR", "NOTATION"]

GRAMMAR = Grammar(
    parsers=("hcl",),
    fields={},
    kinds={"config_file": "module"},
    leaves=frozenset({"string_lit", "template_expr", "heredoc_template"}),
)
NOTATION = NO_CALLS
