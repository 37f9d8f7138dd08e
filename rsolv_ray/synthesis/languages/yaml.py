"""How is YAML read and written?"""

from __future__ import annotations

from rsolv_ray.synthesis.languages.grammar import Grammar
from rsolv_ray.synthesis.languages.notation import NO_CALLS

__all__ = ["GRAMMAR", "NOTATION"]

GRAMMAR = Grammar(
    parsers=("yaml",),
    fields={},
    kinds={"stream": "module"},
    leaves=frozenset({"double_quote_scalar", "single_quote_scalar", "block_scalar"}),
)
NOTATION = NO_CALLS
