"""Which part of a request no longer reaches which place of a weakness?

Where a language holds a request in names of its own (`$_GET`, `params`), whatever is in them comes from outside, through any number of
names and texts. The source is the request, the sinks are those of the family; what the fix put in the value's place, or round it, is
what makes it harmless. Where the fix builds on the request still, the bare part alone is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import scope_of
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.origins import outside
from rsolv_ray.synthesis.forms.sinks import Use, family_of, family_sinks, name_of, own_sink, uses_in
from rsolv_ray.synthesis.forms.wrapping import cleaners
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import LITERALS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_BUILT_FIRST = frozenset({"sql", "command", "ldap"})
"""The families in which a text that is built is weak whatever is put into it."""


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """Taint rules from a request to the family of the place that it reached, else to that place alone."""
    notation = NOTATIONS[before.language]
    if "$REQUEST" not in notation.request_parts and not notation.follows_requests:
        return []
    clean = [*cleaners(after, edits, families), *_given_instead(before, after, edits)]
    found: dict[tuple[object, ...], list[Draft]] = {}
    for use in _uses(edits):
        source = outside(use.value, before)
        if source is not None and use.likeness not in found:
            found[use.likeness] = list(_of_use(use, source, clean, before, families))
    return [draft for some in found.values() for draft in some]


def _uses(edits: Sequence[Hunk]) -> Iterator[Use]:
    """What the before side does with values and the after side does not; then what it does with the names that were set otherwise."""
    for hunk in edits:
        kept = {(use.likeness, use.value.key) for use in uses_in(hunk.after)}
        yield from (use for use in uses_in(hunk.before) if (use.likeness, use.value.key) not in kept)
    for hunk in edits:
        for name, scope in _names_set(hunk.before):
            for use in uses_in([scope]):
                if any(node.kind == "identifier" and node.text == name for node in use.value.walk()):
                    yield use


def _names_set(units: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    for node in (node for unit in units for node in unit.walk() if "assignment" in node.kind):
        target = node.field("left")
        if target is not None and target.kind == "identifier":
            yield target.text, scope_of(node)


def _given_instead(before: Tree, after: Tree, edits: Sequence[Hunk]) -> Iterator[str]:
    """The calls that the after side alone makes, and gives what the before side gave something else: with their fixed options."""
    known = {call.node.key for call in calls_in([before.root])}
    places = {use.likeness for hunk in edits for use in uses_in(hunk.before)}
    for use in (use for hunk in edits for use in uses_in(hunk.after) if use.likeness in places):
        call = Call(use.value) if use.value.kind == "call" else None
        name = full_name(call, after) if call is not None and call.node.key not in known else None
        if call is None or name is None:
            continue
        notation = NOTATIONS[after.language]
        fixed = [notation.given(key, value.text) for key, value in call.keywords.items() if value.kind in LITERALS]
        yield f"{name}(..., {', ..., '.join(fixed)}, ...)" if fixed else f"{name}(...)"


def _of_use(
    use: Use, source: JsonObject, clean: Sequence[str], before: Tree, families: Sequence[Family]
) -> Iterator[Draft]:
    notation, names = NOTATIONS[before.language], CATALOGUES[before.language].names
    name = name_of(use, before)
    family = family_of(use, name, families) if name is not None else None
    if family is not None:
        sinks = family_sinks(family, notation)
        yield Draft(_body(source, sinks, clean, families), "taint:request", 11 if family.name in _BUILT_FIRST else 9)
        yield Draft(_direct(sinks, before.language), "request:bare", 28)
    elif name is not None and use.pattern is None and use.name and use.name not in names.quiet:
        own = [own_sink(use, name, notation)]
        rank = 33 if not name.startswith(names.weak_evidence) else 56
        yield Draft(_body(source, own, clean, families), "taint:request", rank)


def _body(
    source: JsonObject, sinks: Sequence[JsonObject], clean: Sequence[str], families: Sequence[Family]
) -> JsonObject:
    known = sorted({f"{one}(...)" for family in families for one in family.sanitizers})
    sanitizers: list[JsonObject] = [{"pattern": text} for text in dict.fromkeys([*clean, *known])]
    body: JsonObject = {"mode": "taint", "pattern-sources": [source], "pattern-sinks": [*sinks]}
    return {**body, "pattern-sanitizers": [*sanitizers]} if sanitizers else body


def _direct(sinks: Sequence[JsonObject], language: str) -> JsonObject:
    """The part of a request itself, as it is named."""
    names = "|".join(re.escape(one) for one in sorted(CATALOGUES[language].names.requests))
    named: JsonObject = {"metavariable": "$SINK", "regex": rf"^({names})(\[[^\[\]]*\])*$"}
    harmless: list[JsonObject] = [{"pattern-not": one} for one in NOTATIONS[language].harmless]
    clean: JsonObject = {"metavariable": "$SINK", "patterns": [*harmless]}
    return {
        "patterns": [
            {"pattern-either": [*sinks]},
            {"metavariable-regex": named},
            *([{"metavariable-pattern": clean}] if harmless else []),
        ]
    }
