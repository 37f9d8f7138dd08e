"""What does the good code do with what a call gives, which the bad code does not do?

Both make a thing, and one of them alone sets it up: `cookie.setSecure(true)`, `factory.setFeature(...)`. The call that makes it is the
positive pattern; where the thing is set up afterwards the call is left alone (`pattern-not-inside`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.code.building import scope_of
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.code.values import Kind, Value
from rsolv_ray.synthesis.forms.features import QUIET, Made, Setting, Side, weight
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_RANK = 36
"""The rank of what a call that could say no more is followed by: taken where nothing else tells the sides apart."""
_MOST_ARGUMENTS = 4


def missing_drafts(bad: Side, good: Side, tree: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    """Rules for calls that make a thing which only the good side sets up, by calling something of it or by setting a field."""
    for made in bad.calls:
        worth = weight(made, tree, families)
        twins = [one for one in good.calls if one.name == made.name]
        if worth >= QUIET or not twins or made.name.startswith("$O"):
            continue
        for code, shown in (*_calls_lacking(made, twins, bad, good), *_fields_lacking(made, twins, bad, good)):
            what = f"What `{made.name}` gives is not followed by `{shown[:80]}`"
            body: JsonObject = {"patterns": _without(made, code, NOTATIONS[tree.language])}
            yield Draft(body, "contrast:missing", _RANK + worth, what, f"write `{shown[:80]}` for it")


def _without(made: Made, code: str, notation: Notation) -> list[JsonValue]:
    # the engine takes a declaration for this, too
    begun = [notation.later(one.format(name="$MADE", value=f"{made.name}(...)")) for one in notation.names_given]
    unless: list[JsonObject] = [{"pattern-not-inside": f"{one}{code}{notation.ending}"} for one in begun]
    return [notation.call(made.name, "..."), *unless]


def _calls_lacking(made: Made, twins: Sequence[Made], bad: Side, good: Side) -> Iterator[tuple[str, str]]:
    """The calls on the thing that all good ones make and the bad one does not: as pattern, and as written."""
    done = _on(_target(made), bad)
    for later in _in_common([_on(_target(twin), good) for twin in twins]):
        if not any(_is_like(one, later) for one in done):
            yield _written(later), later.call.node.text


def _fields_lacking(made: Made, twins: Sequence[Made], bad: Side, good: Side) -> Iterator[tuple[str, str]]:
    """The same of its fields that are set."""
    done = {one.name for one in _set_on(_target(made), bad)}
    lists = [_set_on(_target(twin), good) for twin in twins]
    for one in lists[0]:
        if one.name not in done and all(any(other.name == one.name for other in some) for some in lists):
            value = one.value.node.text if one.value.kind is Kind.SWITCH else "$_"
            yield f"$MADE.{one.name} = {value}", one.node.text


def _set_on(target: Node | None, side: Side) -> list[Setting]:
    """The fields of what a name holds that are set in its function."""
    if target is None:
        return []
    scope, found = scope_of(target), list[Setting]()
    for one in side.settings:
        left = one.node.field("left")
        owner = left.field("object") if left is not None else None
        is_here = scope.start <= one.node.start < scope.end and one.node.source is target.source
        if owner is not None and owner.text == target.text and is_here:
            found.append(one)
    return found


def _is_like(one: Made, other: Made) -> bool:
    """Whether two calls on a thing set the same of it: by their name, and, where more is given than a value, by what comes first."""
    if one.last != other.last:
        return False
    first, second = one.slots.get(0), other.slots.get(0)
    return len(other.slots) < 2 or first is None or second is None or first.text == second.text


def _target(made: Made) -> Node | None:
    """The name that is given what a call gives."""
    around = made.call.node.parent
    target = around.field("left") if around is not None and around.kind == "assignment" else None
    return target if target is not None and target.kind == "identifier" else None


def _on(target: Node | None, side: Side) -> list[Made]:
    """The calls on a name in its function."""
    if target is None:
        return []
    scope = scope_of(target)
    return [
        one
        for one in side.calls
        if one.call.receiver is not None
        and one.call.receiver.text == target.text
        and scope.start <= one.call.node.start < scope.end
        and one.call.node.source is target.source
    ]


def _in_common(lists: Sequence[Sequence[Made]]) -> list[Made]:
    """The calls that come in all lists, as they are written."""
    return [one for one in lists[0] if all(any(_written(other) == _written(one) for other in some) for some in lists)]


def _written(made: Made) -> str:
    """A call on what was made, with the values that are fixed; beside a switch, which says it, what is switched is left open."""
    slots = {slot: value for slot, value in made.slots.items() if isinstance(slot, int)}
    switched = any(value.kind is Kind.SWITCH for value in slots.values())
    given = [_kept(value) if not switched or value.kind is Kind.SWITCH else "$_" for value in slots.values()]
    is_whole = len(given) == len(made.slots) and len(given) <= _MOST_ARGUMENTS
    function, receiver = made.call.function, made.call.receiver
    named = function.source[receiver.end : function.end] if receiver is not None else ""
    return f"$MADE{named}({', '.join(given) if is_whole else '...'})"


def _kept(value: Value) -> str:
    return value.node.text if value.is_fixed and len(value.node.text) <= 120 else "$_"
