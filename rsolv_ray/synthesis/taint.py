"""Which built value reaches which call?

The form that is worth most: string building is the source, the call that the built value reaches (directly or through a
variable) is the sink, an organisation's own `self._run(command)` included. What makes a value harmless in the catalogue, and what
the fix put round it, are sanitizers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.building import built_values
from rsolv_ray.synthesis.calls import Call, calls_in
from rsolv_ray.synthesis.names import full_name
from rsolv_ray.synthesis.semgrep_rule import Draft
from rsolv_ray.synthesis.syntax import Node, Tree
from rsolv_ray.synthesis.weaknesses import QUIET, Family

OPERANDS: tuple[str, ...] = (
    'f"...{$X}..."',
    '"..." % $X', '"..." % (..., $X, ...)', '"..." % {..., $K: $X, ...}',
    '"...".format(..., $X, ...)', '"...".format(..., $K=$X, ...)', '"...".format(*$X)', '"...".format(**$X)',
    '"..." + $X', '$X + "..."',
)  # fmt: skip
"""The values put into a string, in every spelling that Python has: one spelling shown in a fix stands for all."""
_NO_VALUES = ('"..."', "(..., $T, ...)", "{..., $T: $U, ...}", "$A + $B", "$A % $B")
"""Parts of a string that are no values of their own: literals, and what holds values that are looked at one by one."""


def sources() -> list[JsonObject]:
    """Values as they are put into a string. Only the value itself is a source: what a sanitizer has made of it is none."""
    either: list[JsonObject] = [{"pattern": text} for text in OPERANDS]
    either.append({"patterns": [
        {"pattern": "$HEAD + $X"},
        {"metavariable-pattern": {"metavariable": "$HEAD", "pattern": '<... "..." ...>'}},
    ]})  # fmt: skip
    either.append({"patterns": [{"pattern-inside": '$V = "..."\n...\n'}, {"pattern": "$V += $X"}]})
    no_values: list[JsonObject] = [{"pattern-not": text} for text in _NO_VALUES]
    return [{
        "patterns": [
            {"pattern-either": [*either]},
            {"metavariable-pattern": {"metavariable": "$X", "patterns": [*no_values]}},
            {"metavariable-regex": {"metavariable": "$X", "regex": r"^(?!-?[0-9.]+$|True$|False$|None$)"}},
            {"focus-metavariable": "$X"},
        ],
        "exact": True,
    }]  # fmt: skip


@dataclass(frozen=True)
class Reach:
    """A call that a built value reaches: through the positional argument at `position`, or the one named `keyword`."""

    call: Call
    position: int
    keyword: str | None
    built: tuple[Node, ...]


def reached_calls(top: Node, changed: Sequence[Node]) -> list[Reach]:
    """The calls under `top` that a built value reaches, where the call or the building stands in a changed unit."""
    return [reach for call in calls_in([top]) for reach in _reaches(call) if _is_changed(reach, changed)]


def _reaches(call: Call) -> Iterable[Reach]:
    if call.name == "format":
        return
    for position, argument in enumerate(call.positional):
        if built := built_values(argument):
            yield Reach(call, position, None, tuple(built))
    for keyword, value in call.keywords.items():
        if built := built_values(value):
            yield Reach(call, -1, keyword, tuple(built))


def _is_changed(reach: Reach, changed: Sequence[Node]) -> bool:
    places = (reach.call.node, *reach.built)
    return any(unit.start < place.end and place.start < unit.end for unit in changed for place in places)


def drafts(before: Tree, changed: Sequence[Node], families: Sequence[Family], cleaners: Sequence[str]) -> list[Draft]:
    """Taint rules for the built values that the fix changed, the widest first.

    `cleaners` are patterns of what the fix put round values: a call, or a list in place of a string.
    """
    found: list[Draft] = []
    for reach in reached_calls(before.root, changed):
        name = full_name(reach.call, before)
        if name is None:
            continue
        family = next((one for one in families if reach.call.name in one.methods or name in one.functions), None)
        clean = [*cleaners, *(f"{one}(...)" for one in sorted({one for kin in families for one in kin.sanitizers}))]
        if family is not None:
            found.append(_draft(family_sinks(family), clean, "taint:family", 10))
            found.append(_draft([call_sink(reach, name)], clean, "taint:call", 20))
        elif (reach.call.name or "") not in QUIET:
            found.append(_draft([call_sink(reach, name)], clean, "taint:call", 15))
    return found


def family_sinks(family: Family) -> list[JsonObject]:
    """The first argument of every call that belongs to a family."""
    sinks: list[JsonObject] = []
    if family.methods:
        names = "|".join(sorted(family.methods))
        sinks.append({"patterns": [
            {"pattern": "$O.$METHOD($SINK, ...)"},
            {"metavariable-regex": {"metavariable": "$METHOD", "regex": f"^({names})$"}},
            {"focus-metavariable": "$SINK"},
        ]})  # fmt: skip
    if family.functions:
        either: list[JsonObject] = [{"pattern": f"{name}($SINK, ...)"} for name in sorted(family.functions)]
        sinks.append({"patterns": [{"pattern-either": [*either]}, {"focus-metavariable": "$SINK"}]})
    return sinks


def call_sink(reach: Reach, name: str) -> JsonObject:
    """The argument of one call that the built value reaches."""
    if reach.keyword is not None:
        pattern = f"{name}(..., {reach.keyword}=$SINK, ...)"
    elif reach.position == 0:
        pattern = f"{name}($SINK, ...)"
    else:
        pattern = f"{name}(..., $SINK, ...)"
    return {"patterns": [{"pattern": pattern}, {"focus-metavariable": "$SINK"}]}


def _draft(sinks: Sequence[JsonObject], cleaners: Sequence[str], form: str, rank: int) -> Draft:
    body: JsonObject = {
        "mode": "taint",
        "pattern-sources": [*sources()],
        "pattern-sinks": [*sinks],
    }
    if cleaners:
        body["pattern-sanitizers"] = [{"pattern": text} for text in cleaners]
    return Draft(body, form, rank)
