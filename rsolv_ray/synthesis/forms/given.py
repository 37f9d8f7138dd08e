"""Which parameter no longer reaches a place of the weakness as it is?

Where a function hands what it is given to a place of a family, and the fix hands something else there, what functions are given is the
source. A parameter that is marked to hold a part of a request (`@RequestParam`), and the request itself, may reach any family; any other
parameter only those that nobody hands a bare value to: a statement, a command line, code, a filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import assigned, built_values, parameters, scope_of
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.origins import of_request, outside
from rsolv_ray.synthesis.forms.sinks import Use, family_of, family_sinks, name_of, uses_in
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import LITERALS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_BARE = frozenset({"sql", "command", "code", "ldap", "xpath", "deserialisation", "document"})
"""The families whose places a bare parameter should not reach."""
_HOPS = 4


def drafts(before: Tree, edits: Sequence[Hunk], families: Sequence[Family], cleaners: Sequence[str]) -> list[Draft]:
    """Taint rules from what functions are given to all places of a family; `cleaners` are patterns of what the fix put round values."""
    notation = NOTATIONS[before.language]
    if not notation.marked:
        return []
    found: dict[str, list[Draft]] = {}
    for use, family in _uses(before, edits, families):
        sources, rank = _sources(use, family, before)
        if sources and family.name not in found:
            clean = [*cleaners, *(f"{one}(...)" for one in sorted(family.sanitizers))]
            body: JsonObject = {
                "mode": "taint",
                "pattern-sources": [*sources],
                "pattern-sinks": [*family_sinks(family, notation)],
            }
            if clean:
                body["pattern-sanitizers"] = [{"pattern": text} for text in dict.fromkeys(clean)]
            found[family.name] = [Draft(body, "taint:given", rank)]
    return [draft for some in found.values() for draft in some]


def _uses(before: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> Iterator[tuple[Use, Family]]:
    """The places of a family that the before side hands something else to than the after side does."""
    old, new = _around(edits, is_before=True), _around(edits, is_before=False)
    kept = {(use.likeness, use.value.key) for use in uses_in(new) if not use.value.has("identifier")}
    for use in uses_in(old):
        name = name_of(use, before)
        family = family_of(use, name, families) if name is not None else None
        if family is not None and (use.likeness, use.value.key) not in kept:
            yield use, family


def _around(edits: Sequence[Hunk], *, is_before: bool) -> list[Node]:
    """The functions that were changed, whole: the place may stay as it is while what reaches it is made otherwise."""
    units = [unit for hunk in edits for unit in (hunk.before if is_before else hunk.after)]
    return list({id(scope): scope for scope in map(scope_of, units)}.values())


def _sources(use: Use, family: Family, tree: Tree) -> tuple[list[JsonObject], int]:
    """What reaches the place, as sources, and the rank of a rule that has them; nothing where it is no parameter."""
    notation, marks = NOTATIONS[tree.language], CATALOGUES[tree.language].names.marks
    found: list[JsonObject] = []
    taken = list(_taken(use.value))
    is_asked = outside(use.value, tree) is not None or any(_is_marked(part, marks) for part in taken)
    if not is_asked and (not taken or family.name not in _BARE or _is_a_text(use)):
        return [], 0
    if CATALOGUES[tree.language].names.requests:
        found.append(of_request(tree.language))
    if marks:
        found.append(_marked(notation.marked, marks))
    if not is_asked:
        return [*found, notation.any_parameter()], 19
    return found, 17


def _is_a_text(use: Use) -> bool:
    """Whether a text is built there, which `taint` tells of by what is put into it."""
    return bool(built_values(use.value))


def _taken(value: Node) -> Iterator[Node]:
    """The parameters that a value comes from, directly or through names."""
    waiting, seen = [(value, 0)], set[str]()
    while waiting:
        node, hops = waiting.pop()
        if node.kind == "identifier" and node.text not in seen and hops < _HOPS and node.field_name != "function":
            seen.add(node.text)
            given = parameters(scope_of(node)).get(node.text)
            if given is not None:
                yield given
            waiting += [(one, hops + 1) for one in assigned(node)]
        waiting += [(part, hops) for part in node.parts if part.kind not in LITERALS or part.has("interpolation")]


def _is_marked(parameter: Node, marks: frozenset[str]) -> bool:
    around = parameter.parent
    before = [one for one in around.children if one.end <= parameter.start][-1:] if around is not None else []
    said = [node for top in (parameter, *before) for node in top.walk() if node.kind == "decorator"]
    return any(_name(one) in marks for one in said)


def _name(decorator: Node) -> str:
    found = re.match(r"\W*(\w+)", decorator.text)
    return found[1] if found else ""


def _marked(patterns: Sequence[str], marks: frozenset[str]) -> JsonObject:
    names = "|".join(sorted(marks))
    return {"patterns": [
        {"pattern-either": [{"pattern": one} for one in patterns]},
        {"metavariable-regex": {"metavariable": "$MARK", "regex": f"^({names})$"}},
        {"focus-metavariable": "$P"},
    ]}  # fmt: skip
