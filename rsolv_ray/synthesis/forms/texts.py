"""Which texts tell by themselves what they are for, and where do values stand in them?

A statement for a database and a piece of a page are written in a language of their own: a value that is put where that language
takes values is the weakness, whatever the text is handed to. So a fix of one teaches all, where no call is known that they reach,
and names of tables, or values in texts of another kind, are none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.code.building import built_values
from rsolv_ray.synthesis.code.syntax import Node
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import STRINGS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_CLEANED = r"(?i)^(?!.*(?:escape|quote|saniti|clean|safe|encode|replace|join)\w*\()"
"""What a call by its name makes harmless is left out, and what is put together from what stands elsewhere."""
_COMPUTED = r"^(?![\w]+$)"
"""Where the text alone tells its language a plain name says little: it may hold another piece of such a text."""
_SURE, _UNSURE, _LAST = 11, 33, 36
"""Ranks: where the place in the text tells that a value belongs there, where the text alone tells its language, and beside a rule of
a known sink, since what is found twice is told twice."""


def values_in_place(
    family: Family, notation: Notation, spared: Sequence[JsonObject] = (), *, anywhere: bool = False
) -> list[JsonObject]:
    """Conditions on a value `$X` that stands in a text of the family's language where values do; none where that cannot be told.

    `spared` are conditions on what to leave out; `anywhere`: in a text that need not tell its language.
    """
    if notation.in_texts is None or not (family.text or family.place):
        return []
    no_values, elsewhere = notation.no_value()
    no_values += [one for one in spared if "pattern-not" in one]
    return [
        {"pattern-either": [*notation.in_texts("" if anywhere else family.text, family.place)]},
        {"metavariable-pattern": {"metavariable": "$X", "patterns": [*no_values]}},
        {"metavariable-regex": {"metavariable": "$X", "regex": rf"^(?!{notation.constants})"}},
        {"focus-metavariable": "$X"},
        *(one for one in [*spared, *elsewhere] if "pattern-not" not in one),
    ]


def sources_in_place(family: Family, notation: Notation, spared: Sequence[JsonObject] = ()) -> list[JsonObject]:
    """These values as the sources of a taint rule, whose sinks tell the language."""
    found = values_in_place(family, notation, spared, anywhere=True)
    return [{"patterns": [*found], "exact": True}] if found else []


def drafts(
    language: str,
    changed: Sequence[Node],
    families: Sequence[Family],
    clean: Sequence[str],
    spared: Sequence[JsonObject],
    *,
    is_last: bool,
) -> Iterator[Draft]:
    """A search rule for the texts of a family that changed units build, wherever they go.

    `clean` are patterns of what makes values harmless, `spared` conditions on what the after side still puts into such texts.
    """
    notation = NOTATIONS[language]
    for family in families:
        if not family.text or not any(_is_of(one, family) for unit in changed for one in built_values(unit)):
            continue
        harmless: list[JsonObject] = [{"pattern-not": one} for one in clean]
        checked = [one for text in clean if text.endswith(")") for one in notation.given_before("$X", text)]
        for extra, cost in ((spared, 2), ((), 0)) if spared else (((), 0),):
            conditions = values_in_place(family, notation, [*harmless, *checked, *extra, *_told(family)])
            if conditions:
                rank = (_LAST if is_last else _SURE if family.place else _UNSURE) + cost
                yield Draft({"patterns": [*conditions]}, "text:values", rank)


def _told(family: Family) -> list[JsonObject]:
    """Conditions on how a value is written: one that a call makes harmless is none, and a plain name only where its place tells it."""
    written = [_CLEANED] if family.place else [_CLEANED, _COMPUTED]
    return [{"metavariable-regex": {"metavariable": "$X", "regex": regex}} for regex in written]


def _is_of(built: Node, family: Family) -> bool:
    """Whether a text with values in it is written in the family's language."""
    said = " ".join(part.text for part in built.walk() if part.kind in STRINGS)
    return re.search(family.text, said, re.IGNORECASE | re.DOTALL) is not None
