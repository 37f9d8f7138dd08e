"""Which size does the bad side take from the wrong thing?

The size of what is written has to be that of where it goes: taken from what is copied, it bounds nothing, and taken from the whole of
what is added to, it leaves out what is there already. The size of a pointer is not that of what it points to. One call of the bad side shows the
mistake, and the rule finds it in all calls that copy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.code.building import bare, scope_of
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.syntax import Node
from rsolv_ray.synthesis.forms.weak_calls import place_of
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft


def drafts(called: Sequence[tuple[Call, str]], family: Family, notation: Notation, rank: int) -> list[Draft]:
    """Search rules for the mistakes with sizes that some calls, with their full names, show."""
    found = [_of_sizes(family, role, notation, rank) for role in _sizes_of(called, family)]
    if any(_measures_pointer(call, name, family) for call, name in called):
        found.append(_of_pointers(family, notation, rank))
    return found


def _sizes_of(called: Sequence[tuple[Call, str]], family: Family) -> list[str]:
    """What the sizes of copying calls are wrongly taken from: `$FROM`, or, where something is added, `$INTO`."""
    from_source = any(_is_taken_from("$FROM", call, name, family.sized) for call, name in called)
    from_whole = any(_is_taken_from("$INTO", call, name, family.appending) for call, name in called)
    return [role for role, is_shown in (("$FROM", from_source), ("$INTO", from_whole)) if is_shown]


def _is_taken_from(role: str, call: Call, name: str, patterns: Sequence[str]) -> bool:
    size, place = place_of(name, "$SIZE", patterns), place_of(name, role, patterns)
    given = call.positional
    if size is None or len(given) <= size:
        return False
    others = given[size + 1 :] if place is None else given[place : place + 1]
    within = {_text(node) for node in given[size].walk()}
    into = place_of(name, "$INTO", patterns)
    is_bounded = role == "$FROM" and into is not None and into < len(given) and _text(given[into]) in within
    return not is_bounded and any(_text(one) in within for one in others if one.kind in ("identifier", "attribute"))


def _text(node: Node) -> str:
    return re.sub(r"\s+", "", bare(node).text)


def _of_sizes(family: Family, role: str, notation: Notation, rank: int) -> Draft:
    """Calls whose size is taken from what is copied alone, where that is no constant; or from the whole of what is added to."""
    patterns = family.sized if role == "$FROM" else family.appending
    either: list[JsonObject] = [{"pattern": one.replace("$SIZE", f"<... {role} ...>")} for one in patterns]
    unless: list[JsonObject] = []
    what = "What is added is bounded by the size of the whole"
    if role == "$FROM":
        what = "The size of what is written is taken from what is copied"
        bounded: list[JsonObject] = [{"pattern-not": one.replace("$SIZE", "<... $INTO ...>")} for one in patterns]
        known: list[JsonObject] = [
            {"pattern-not-inside": one.replace("$V", "$FROM")} for one in notation.constant_texts
        ]
        unless = [*bounded, *known]
    return Draft({"patterns": [{"pattern-either": [*either]}, *unless]}, "weak:size", rank, what)


def _measures_pointer(call: Call, name: str, family: Family) -> bool:
    """Whether the size of a pointer is asked for: a name that is declared with `*`, or as a parameter of no known length."""
    if name not in family.measures or len(call.positional) != 1:
        return False
    given = bare(call.positional[0])
    return given.text == "this" or (given.kind == "identifier" and _is_pointer(given))


def _is_pointer(name: Node) -> bool:
    return name.text in _pointers(scope_of(name))


@lru_cache(maxsize=64)
def _pointers(scope: Node) -> frozenset[str]:
    """The names that a function declares, or takes, with `*`. Remembered, because every size asks."""
    declared = (one for one in scope.walk() if one.kind in ("declaration", "typed_parameter", "assignment"))
    return frozenset(
        name.text
        for node in declared
        for sign, name in pairwise(node.children)
        if sign.text == "*" and name.kind == "identifier" and name.field_name != "right"
    )


def _of_pointers(family: Family, notation: Notation, rank: int) -> Draft:
    told: list[JsonObject] = [{"pattern": f"{one}($P)"} for one in sorted(family.measures)]
    declared: list[JsonObject] = [{"pattern-inside": one} for one in notation.pointers]
    body: JsonObject = {"pattern-either": [
        {"patterns": [{"pattern-either": [*told]}, {"pattern-either": [*declared]}]},
        *({"pattern": f"{one}(this)"} for one in sorted(family.measures) if "this" in notation.objects),
    ]}  # fmt: skip
    return Draft({"patterns": [body]}, "weak:pointer", rank, "The size of a pointer is taken")
