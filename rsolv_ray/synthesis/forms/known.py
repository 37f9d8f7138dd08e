"""Which known form of the weakness has the fix taken away?

What everybody in the field knows of a language's weaknesses stands in its catalogue, as forms of code. A form is proposed where the
fix is of its kind of weakness; that it stood where the fix changed the code, and no longer stands there, is for the engine to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family, Form
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

__all__ = ["drafts"]

_TOLD, _NOT_TOLD = 18, 33
"""The rank of a form where the fix says what it mends, and where it does not."""


def drafts(families: Sequence[Family], *, is_told: bool) -> Iterator[Draft]:
    """Search and taint rules of the forms of some kinds of weaknesses; `is_told`: the fix names its own."""
    for family in families:
        for form in family.forms:
            yield Draft(_body(form), "known:form", _TOLD if is_told else _NOT_TOLD, family.what, family.instead)


def _body(form: Form) -> JsonObject:
    if form.sources:
        sources: list[JsonObject] = [{"pattern": text} for text in form.sources]
        sinks: JsonObject = {"patterns": [*_operators(form)]}
        return {"mode": "taint", "pattern-sources": [*sources], "pattern-sinks": [sinks]}
    return {"patterns": [*_operators(form)]}


def _operators(form: Form) -> list[JsonObject]:
    either: list[JsonObject] = [{"pattern": text} for text in form.either]
    return [
        {"pattern-either": [*either]},
        *({"pattern-inside": text} for text in form.inside),
        *({"pattern-not": text} for text in form.unless),
        *({"pattern-not-inside": text} for text in form.outside),
        *({"metavariable-regex": {"metavariable": f"${name}", "regex": regex}} for name, regex in form.where.items()),
    ]
