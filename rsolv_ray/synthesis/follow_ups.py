"""What does the good code do with what a call gives, which the bad code does not do?

Both make a thing, and one of them alone sets it up: `cookie.setSecure(true)`, `factory.setFeature(...)`. The call that makes it is the
positive pattern; where the thing is set up afterwards the call is left alone (`pattern-not-inside`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.building import scope_of
from rsolv_ray.synthesis.families import Family
from rsolv_ray.synthesis.features import QUIET, Made, Side, weight
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Node, Tree
from rsolv_ray.synthesis.values import Value

_RANK = 26
"""The rank of what a call that could say no more is followed by."""
_MOST_ARGUMENTS = 4


def missing_drafts(bad: Side, good: Side, tree: Tree, families: Sequence[Family]) -> Iterator[Draft]:
    """Rules for calls that make a thing which only the good side sets up."""
    notation = NOTATIONS[tree.language]
    for made in bad.calls:
        worth = weight(made, tree, families)
        twins = [one for one in good.calls if one.name == made.name]
        if worth >= QUIET or not twins or made.name.startswith("$O"):
            continue
        done = _on(_target(made), bad)
        for later in _in_common([_on(_target(twin), good) for twin in twins]):
            code = _written(later)
            if any(_is_like(one, later) for one in done):
                continue
            # the engine takes a declaration for this, too
            begun = notation.later(f"$MADE = {made.name}(...)")
            unless: JsonObject = {"pattern-not-inside": f"{begun}{code}"}
            what = f"What `{made.name}` gives is not followed by `{later.last}`"
            body: JsonObject = {"patterns": [notation.call(made.name, "..."), unless]}
            yield Draft(body, "contrast:missing", _RANK + worth, what, f"call `{later.call.node.text[:80]}` on it")


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
    """A call on what was made, with the values that are fixed."""
    given = [_kept(value) for slot, value in made.slots.items() if isinstance(slot, int)]
    is_whole = len(given) == len(made.slots) and len(given) <= _MOST_ARGUMENTS
    function, receiver = made.call.function, made.call.receiver
    named = function.source[receiver.end : function.end] if receiver is not None else ""
    return f"$MADE{named}({', '.join(given) if is_whole else '...'})"


def _kept(value: Value) -> str:
    return value.node.text if value.is_fixed and len(value.node.text) <= 120 else "$_"
