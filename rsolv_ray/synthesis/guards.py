"""Which check did the fix put before which call?

The code that the check protects is the positive pattern: without it a rule about an absent check would match everywhere.
A function that makes the check anywhere is left alone (`pattern-not-inside`; a `pattern-not` would remove nothing).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.building import built_values, scope_of
from rsolv_ray.synthesis.calls import Call, calls_in
from rsolv_ray.synthesis.edits import Hunk, units
from rsolv_ray.synthesis.names import full_name
from rsolv_ray.synthesis.notation import NOTATIONS
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Tree
from rsolv_ray.synthesis.taint import family_sinks, sources
from rsolv_ray.synthesis.weaknesses import CATALOGUES, Family


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """Search rules for the calls that a check of the after side protects."""
    catalogue = CATALOGUES[before.language]
    known = {call.name for call in calls_in([before.root])} | catalogue.quiet
    found: list[Draft] = []
    for hunk in edits:
        for check in _checks(hunk, known):
            guard = full_name(check, after)
            if guard is None or guard.startswith(catalogue.weak_evidence):
                continue
            for rank, call, family in _protected(hunk, before, families):
                found.append(_draft(call, family, before, guard, rank))
    return found


def _checks(hunk: Hunk, known: Collection[str | None]) -> Iterator[Call]:
    """Calls of functions new to the file that decide whether to go on: in the head of an `if`, or as a statement of their own."""
    for unit in hunk.after:
        stands_alone = unit.kind == "expression_statement" and len(unit.parts) == 1 and unit.parts[0].kind == "call"
        decides = unit.field_name == "condition"
        if stands_alone or decides:
            calls = [Call(unit.parts[0])] if stands_alone else calls_in([unit])
            yield from (call for call in calls if call.name not in known and call.arguments)


def _protected(hunk: Hunk, before: Tree, families: Sequence[Family]) -> Iterator[tuple[int, Call, Family | None]]:
    """The calls after the check, with rank: those of the weakness's family first, then those with a built value."""
    start = hunk.before[-1] if hunk.before else hunk.follows
    if start is None:
        return
    catalogue = CATALOGUES[before.language]
    later = [unit for unit in units(scope_of(start)) if unit.start >= start.start]
    for call in calls_in(later):
        name = full_name(call, before)
        if name is None or call.name in catalogue.quiet:
            continue
        family = next((one for one in families if name in one.functions or call.name in one.methods), None)
        built = any(built_values(argument) for argument in call.arguments)
        if family is not None:
            yield 28 if built else 45, call, family if built else None
        elif built:
            yield 48, call, None
        elif not name.startswith(catalogue.weak_evidence) and call.arguments:
            yield 58, call, None


def _draft(call: Call, family: Family | None, tree: Tree, guard: str, rank: int) -> Draft:
    name = full_name(call, tree) or ""
    notation = NOTATIONS[tree.language]
    unguarded: list[JsonObject] = [notation.in_a_function(), *notation.not_beside(f"{guard}(...)")]
    shown = guard.removeprefix("$O.")
    what = f"`{name.removeprefix('$O.')}` is reached without `{shown}`"
    instead = f"call `{shown}` first and stop where it refuses"
    if family is not None:
        sinks: list[JsonObject] = [{"patterns": [sink, *unguarded]} for sink in family_sinks(family, notation)]
        body: JsonObject = {"mode": "taint", "pattern-sources": [*sources(notation)], "pattern-sinks": [*sinks]}
        return Draft(body, "guard:family", rank, what, instead)
    operators: list[JsonObject] = [{"pattern": f"{name}(...)"}, {"pattern-not": f'{name}("...", ...)'}, *unguarded]
    return Draft({"patterns": [*operators]}, "guard", rank, what, instead)
