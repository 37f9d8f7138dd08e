"""Which call must not come after which, on the same thing?

Two calls of the bad side that are right alone and wrong one after the other: a thing that is released and used, a name that is asked
about and used. What the two have in common is one metavariable; what stands between them is followed by the engine, so that a thing
that is given a new value is a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.code.building import bare, scope_of
from rsolv_ray.synthesis.code.calls import Call
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms import sizes
from rsolv_ray.synthesis.forms.weak_calls import calls_with_names, changed_scopes, is_one_of
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_LONGEST = 100
"""Members of members that are written longer than this are not followed."""
_OWN = re.compile(r"(?i)^(\w+_)?(free|release|destroy|dealloc|put|close|unref|dispose)(_\w+)?$")
"""Names that organisations give to what releases something."""


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """Rules for pairs of calls in one function of the bad side, and for those that lack their other half."""
    notation, later = NOTATIONS[before.language], [unit for hunk in edits for unit in hunk.after]
    calls = [one for one in calls_with_names(changed_scopes(edits), before) if one[0].positional]
    others = calls_with_names(later, after)
    found: list[Draft] = []
    for family in families:
        found += _of_releases(calls, family, notation)
        found += _of_checks(calls, family, notation)
        found += _of_missing(calls, others, later, family, notation)
        found += _of_order(calls, calls_with_names([after.root], after), family, notation)
        found += sizes.drafts(calls, family, notation, 15)
        found += _of_returns(edits, family, notation)
    return list({str(one.body): one for one in found}.values())


def _of_missing(
    calls: Sequence[tuple[Call, str]],
    others: Sequence[tuple[Call, str]],
    later: Sequence[Node],
    family: Family,
    notation: Notation,
) -> Iterator[Draft]:
    """A call of the family that the good side follows, or precedes, by another one, or by setting a part of what was written."""
    known = {name for _, name in calls}
    members = _members(family)
    for name in sorted({name for _, name in calls if name in members}):
        about = {_thing(call) for call, other in calls if other == name}
        for code in sorted(
            {f"{other}(...)" for _, other in others if other not in known and other in family.companions}
        ):
            yield _lacking(name, "...", code, notation)
        if any(target in about for target in _parts_set(later)):
            yield _lacking(name, "$THING, ...", "$THING[...] = $END", notation)


def _members(family: Family) -> set[str]:
    return {one for group in (*family.groups, *family.answers) for one in group.functions} | family.functions


def _of_order(
    calls: Sequence[tuple[Call, str]], others: Sequence[tuple[Call, str]], family: Family, notation: Notation
) -> Iterator[Draft]:
    """Two calls of the family that the good side makes the other way round."""
    members = _members(family)
    old, new = ([name for _, name in some if name in members] for some in (calls, others))
    for first, second in dict.fromkeys(pairwise(old)):
        if first == second or first not in new or second not in new or new.index(first) < new.index(second):
            continue
        both = f"<... $FIRST(...) ...>{notation.ending}\n...\n<... $SECOND(...) ...>{notation.ending}"
        patterns: list[JsonObject] = [{"pattern": "$FIRST(...)"}, {"pattern-inside": both}]
        for metavariable, name in (("$FIRST", first), ("$SECOND", second)):
            kin = next((some for some in family.kin if name in some), (name,))
            named: JsonObject = {"metavariable": metavariable, "regex": f"^({'|'.join(map(re.escape, kin))})$"}
            patterns.append({"metavariable-regex": named})
        what, instead = f"`{first}` is called before `{second}`", f"call `{second}` first"
        yield Draft({"patterns": [*patterns]}, "sequence:order", 13, what, instead)


def _parts_set(units: Sequence[Node]) -> Iterator[str]:
    """What is given a value at some place in it."""
    for node in (one for unit in units for one in unit.walk() if one.kind == "assignment"):
        target = node.field("left")
        held = target.field("value") if target is not None and target.kind == "subscript" else None
        if held is not None:
            yield re.sub(r"\s+", "", held.text)


def _lacking(name: str, arguments: str, code: str, notation: Notation) -> Draft:
    patterns: list[JsonObject] = [{"pattern": f"{name}({arguments})"}, *notation.not_beside(code)]
    what = f"`{name}` is called without `{code.replace('...', '')}`"
    return Draft({"patterns": [*patterns]}, "sequence:lacks", 18, what)


def _of_returns(edits: Sequence[Hunk], family: Family, notation: Notation) -> Iterator[Draft]:
    """The address of what ends with the function is handed out."""
    if not family.releases or not notation.local_array:
        return
    gone = [unit for hunk in edits for unit in hunk.before]
    names = {name.text for scope in changed_scopes(edits) for name in _arrays(scope)}
    following = [hunk.follows for hunk in edits if hunk.follows is not None]
    for unit in [*gone, *following]:
        if unit.kind == "return_statement" and unit.parts:
            given = bare(unit.parts[0])
            if given.text in names or given.text.startswith("&"):
                yield _handed_out(notation)
    if any(name.text in names for scope in changed_scopes(edits) for name in _returned(scope)):
        yield _handed_out(notation)


def _arrays(scope: Node) -> Iterator[Node]:
    """The names that a function declares as arrays of its own."""
    for node in (one for one in scope.walk() if one.kind in ("declaration", "assignment")):
        for name, sign in pairwise(node.children):
            if name.kind == "identifier" and sign.text == "[" and not node.text.startswith("static"):
                yield name


def _returned(scope: Node) -> Iterator[Node]:
    return (bare(node.parts[0]) for node in scope.walk() if node.kind == "return_statement" and node.parts)


def _handed_out(notation: Notation) -> Draft:
    unless: list[JsonObject] = [{"pattern-not-inside": one} for one in notation.lasting]
    either: list[JsonObject] = [
        {"patterns": [{"pattern": f"return {given}{notation.ending}"}, {"pattern-inside": one}]}
        for given, declared in (("$P", notation.local_array), ("&$P", (*notation.local, *notation.local_array)))
        for one in declared
    ]
    return Draft(
        {"patterns": [{"pattern-either": [*either]}, *unless]}, "sequence:returned", 15, "A local's address is returned"
    )


def _thing(call: Call) -> str:
    """What a call is about: its first argument, without casts and brackets."""
    node = bare(call.positional[0])
    while node.kind == "cast_expression" and (value := node.field("value")) is not None:
        node = bare(value)
    return re.sub(r"\s+", "", node.text)


def _of_releases(calls: Sequence[tuple[Call, str]], family: Family, notation: Notation) -> Iterator[Draft]:
    """A thing that is released and used after that; or released again, where the fix shows that."""
    if not family.releases:
        return
    released = [one for one in calls if is_one_of(one[1], family.releases) or _OWN.match(one[1])]
    last = {(name, _thing(call)): call.node.start for call, name in released}
    for first, name in released:
        thing, own = _thing(first), () if is_one_of(name, family.releases) else (name,)
        releasers = sorted({*family.releases, *own})
        if any(last.get((other, thing), -1) > first.node.end for other in releasers):
            yield _again(releasers, notation)
        if _last_uses(scope_of(first.node)).get(thing, -1) > first.node.end:
            yield _used(releasers, notation)


@lru_cache(maxsize=64)
def _last_uses(scope: Node) -> dict[str, int]:
    """Name, or member of one, -> where a function uses it last. Remembered, because every release asks."""
    found = (node for node in scope.walk() if node.kind in ("identifier", "attribute"))
    return {re.sub(r"\s+", "", node.text): node.start for node in found if node.end - node.start <= _LONGEST}


def _again(releasers: Sequence[str], notation: Notation) -> Draft:
    """Released twice in one stretch of statements, and given nothing new in between."""
    end = notation.ending
    twice, anew = f"$FIRST($THING, ...){end}\n...\n", f"$THING = $NEW{end}\n...\n"
    second = f"<... $SECOND($THING, ...) ...>{end}"
    known = f"^({'|'.join(map(re.escape, releasers))})$"
    patterns: list[JsonObject] = [
        {"pattern": f"{twice}{second}"},
        {"pattern-not": f"{twice}{anew}{second}"},
        {"metavariable-regex": {"metavariable": "$FIRST", "regex": known}},
        {"metavariable-regex": {"metavariable": "$SECOND", "regex": known}},
        {"focus-metavariable": "$SECOND"},
    ]
    return Draft({"patterns": [*patterns]}, "sequence:again", 14, "Memory is released again")


def _used(releasers: Sequence[str], notation: Notation) -> Draft:
    """The very thing that was released is used, before it is given something new."""
    either: list[JsonObject] = [{"pattern": f"{name}($THING, ...)"} for name in releasers]
    touches: list[JsonObject] = [{"pattern": text} for text in notation.touches]
    focus: JsonObject = {"focus-metavariable": "$THING"}
    source: JsonObject = {"patterns": [{"pattern-either": [*either]}, focus], "by-side-effect": "only"}
    body: JsonObject = {
        "mode": "taint",
        "options": {"taint_unify_mvars": True},
        "pattern-sources": [source],
        "pattern-sinks": [{"patterns": [{"pattern-either": [*touches]}, focus]}],
    }
    return Draft(body, "sequence:used", 15, "Memory is used after it was released")


def _of_checks(calls: Sequence[tuple[Call, str]], family: Family, notation: Notation) -> Iterator[Draft]:
    """What stands under a name is asked about, and used under the same name in the same function."""
    for first, name in calls:
        if not is_one_of(name, family.checks):
            continue
        if any(is_one_of(other, family.uses) and _thing(call) == _thing(first) for call, other in calls):
            yield _raced(family, notation)


def _raced(family: Family, notation: Notation) -> Draft:
    either: list[JsonObject] = [{"pattern": f"{name}($NAME, ...)"} for name in sorted(family.checks)]
    body = notation.statement.replace("{code}", "$USE($NAME, ...)")
    inside: list[JsonObject] = [{"pattern-inside": one.replace("{body}", body)} for one in notation.functions]
    named: JsonObject = {"metavariable": "$USE", "regex": f"^({'|'.join(sorted(map(re.escape, family.uses)))})$"}
    patterns: list[JsonObject] = [
        {"pattern-either": [*either]},
        {"pattern-either": [*inside]},
        {"metavariable-regex": named},
    ]
    return Draft({"patterns": [*patterns]}, "sequence:raced", 12)
