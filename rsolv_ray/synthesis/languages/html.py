"""How is HTML read and written?"""

from __future__ import annotations

from rsolv_ray.synthesis.languages.grammar import Grammar
from rsolv_ray.synthesis.languages.notation import NO_CALLS

__all__ = ["GRAMMAR", "NOTATION"]

GRAMMAR = Grammar(
    parsers=("html",),
    fields={},
    kinds={"document": "module"},
    leaves=frozenset({"quoted_attribute_value", "doctype"}),
)
NOTATION = NO_CALLS
