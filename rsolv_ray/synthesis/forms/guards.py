"""Which check did the fix put before which call?

The code that the check protects is the positive pattern: without it a rule about an absent check would match everywhere.
A function that makes the check anywhere is left alone (`pattern-not-inside`; a `pattern-not` would remove nothing).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.building import built_values, scope_of
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import Hunk, units
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.origins import outside
from rsolv_ray.synthesis.forms.sinks import Use, family_of, family_sinks, name_of, uses_in
from rsolv_ray.synthesis.forms.taint import sources
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_TESTS = frozenset({
    "startsWith", "startswith", "endsWith", "endswith", "includes", "indexOf", "hasOwnProperty", "hasOwn", "test", "match", "has", "isAbsolute",
    "isabs", "isfile", "every", "some", "call",
})  # fmt: skip
"""Methods and functions that look at a value alone, and say little by being called."""
_COMPARED_WITH = frozenset({"string", "regex"})


@dataclass(frozen=True)
class _Check:
    """What a function must hold that is left alone. `of` are the names that a check of the value alone looks at: it protects only
    what uses them; a function made to check protects all that comes after it."""

    code: str
    shown: str
    of: frozenset[str] | None = None
    also: tuple[str, ...] = ()
    """Other spellings of the same check."""


@dataclass(frozen=True)
class _Protected:
    """A use after a check: with its family, where it is one of its sinks, and with the part of a request that it uses."""

    rank: int
    pattern: JsonObject
    shown: str
    form: str
    sources: tuple[JsonObject, ...] = ()
    sinks: tuple[JsonObject, ...] = ()


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """Rules for the uses that a check of the after side protects."""
    known = {call.name for call in calls_in([before.root])}
    kept = {call.name for call in calls_in([after.root])}
    found: list[Draft] = []
    for hunk in edits:
        for check in _checks(hunk, known, after):
            found += [_draft(one, check, before) for one in _protected(hunk, check, before, families, kept)]
    return found


def _checks(hunk: Hunk, known: Collection[str | None], after: Tree) -> Iterator[_Check]:
    """What decides whether to go on, in a condition or as a statement of its own: calls of functions new to the file, then
    methods and comparisons of the value itself."""
    catalogue = CATALOGUES[after.language]
    for unit in hunk.after:
        stands_alone = unit.kind == "expression_statement" and len(unit.parts) == 1 and unit.parts[0].kind == "call"
        if not stands_alone and unit.field_name != "condition":
            continue
        for call in [Call(unit.parts[0])] if stands_alone else calls_in([unit]):
            name = full_name(call, after)
            if name is None or not call.arguments:
                continue
            weak = call.name in catalogue.names.quiet or name.startswith(catalogue.names.weak_evidence)
            if not weak and call.name not in known:
                yield _Check(f"{name}(...)", name.removeprefix("$O."))
            elif call.name in _TESTS:
                code = f"$TESTED.{call.name}(...)" if name.startswith("$O") else f"{name}(...)"
                yield _Check(code, call.name, _names(call.node))
        for node in unit.walk() if not stands_alone else ():
            if node.kind == "comparison_operator":
                text = next((part for part in node.parts if part.kind in _COMPARED_WITH and len(part.text) > 2), None)
                if text is not None and not text.has("interpolation"):
                    yield _Check(text.text, f"a comparison with {text.text}", _names(node))
                else:
                    yield from _membership(node, NOTATIONS[after.language].membership)


def _membership(node: Node, spellings: Sequence[str]) -> Iterator[_Check]:
    """A name that is looked up among what is allowed, or refused."""
    checked = node.parts[0] if node.parts else None
    is_looked_up = any(child.text in ("in", "not in") for child in node.children)
    if spellings and is_looked_up and checked is not None and checked.kind == "identifier":
        yield _Check(spellings[0], "a look at what is allowed", _names(checked), tuple(spellings[1:]))


def _names(node: Node) -> frozenset[str]:
    return frozenset(
        one.text for one in node.walk() if one.kind == "identifier" and one.field_name not in ("attribute", "function")
    )


def _protected(
    hunk: Hunk, check: _Check, before: Tree, families: Sequence[Family], kept: Collection[str | None]
) -> Iterator[_Protected]:
    """The uses after the check: those of the weakness's family first, then those with a built value. What the after side does no more
    is not what its checks protect."""
    start = hunk.before[-1] if hunk.before else hunk.follows
    if start is None:
        return
    later = [unit for unit in units(scope_of(start)) if unit.start >= start.start]
    for use in uses_in(later):
        if use.name in kept and (check.of is None or check.of & _names(use.value)):
            yield from _of_use(use, before, families)
    for unit in later if check.of is not None else ():
        yield from _of_keys(unit, check, before)


def _of_use(use: Use, before: Tree, families: Sequence[Family]) -> Iterator[_Protected]:
    catalogue, notation = CATALOGUES[before.language], NOTATIONS[before.language]
    name = name_of(use, before)
    if name is None or use.call is None or use.keyword is not None:
        return
    family, built, asked = family_of(use, name, families), built_values(use.value), outside(use.value, before)
    shown = name.removeprefix("$O.")
    pattern: JsonObject = {"patterns": [notation.call(name, "..."), {"pattern-not": f'{name}("...", ...)'}]}
    if family is not None and (built or asked is not None):
        start = sources(notation) if built else [asked] if asked is not None else []
        yield _Protected(28, pattern, shown, "guard:family", tuple(start), tuple(family_sinks(family, notation)))
    elif family is not None:
        yield _Protected(45, pattern, shown, "guard")
    elif use.name in catalogue.names.quiet:
        return
    elif built:
        yield _Protected(48, pattern, shown, "guard")
    elif not name.startswith(catalogue.names.weak_evidence):
        yield _Protected(58, pattern, shown, "guard")


def _of_keys(unit: Node, check: _Check, before: Tree) -> Iterator[_Protected]:
    """A field set by a name that the check looks at."""
    for node in unit.walk():
        target = node.field("left") if node.kind == "assignment" else None
        index = target.field("subscript") if target is not None else None
        if index is not None and check.of is not None and check.of & _names(index):
            notation = NOTATIONS[before.language]
            is_walked = any(around.kind == "for_statement" for around in node.ancestors())
            operators = notation.walking_names if is_walked else notation.set_by_name
            if operators:
                yield _Protected(29, {"patterns": [*operators]}, "a field set by a name from elsewhere", "guard:key")


def _draft(use: _Protected, check: _Check, tree: Tree) -> Draft:
    notation = NOTATIONS[tree.language]
    unguarded: list[JsonObject] = [
        notation.in_a_function(),
        *(one for code in (check.code, *check.also) for one in notation.not_beside(code)),
    ]
    what = f"`{use.shown}` is reached without `{check.shown}`"
    instead = f"check with `{check.shown}` first and stop where it refuses"
    if use.sinks:
        sinks: list[JsonObject] = [{"patterns": [sink, *unguarded]} for sink in use.sinks]
        body: JsonObject = {"mode": "taint", "pattern-sources": [*use.sources], "pattern-sinks": [*sinks]}
        return Draft(body, use.form, use.rank, what, instead)
    return Draft({"patterns": [use.pattern, *unguarded]}, use.form, use.rank, what, instead)
