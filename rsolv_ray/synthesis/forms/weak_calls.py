"""Which calls of the bad side are weak by whom they call, or by what they are given, whatever else the function does?

A function that is weak by being called brings those that are as weak for the same reason; an argument that has to be a literal and is
none brings the other calls of the family that take one; a size that is taken from what is copied, and not from where it goes, brings
the other calls that copy; an answer that nobody looks at brings the other calls that may fail alike. The bad side shows one of each; what the good
side does is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Family, Group
from rsolv_ray.synthesis.code.building import assigned, bare, is_built, parameters, scope_of
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.names import full_name, imported
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.forms.sinks import family_sinks
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.languages.grammar import LITERALS
from rsolv_ray.synthesis.languages.notation import Notation
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_PATTERN = re.compile(r"^([\w:$.&]+)\((.*)\)$", re.DOTALL)
_AFTER = re.compile(r"^([\w:$.]+)\(.*\.\.\., (\"[^\"]+\"), \$SINK\b")
_NAME = re.compile(r"^([A-Za-z_]\w*)((?:(?:\.|::)\w+)*)$")
_FIELD = re.compile(r"^([\w.]+)\{.*\b(\w+): .*\$SINK")
_BEST = 13
_COMMON = 36
"""The rank of a function that is weak by being called, and of one that is called everywhere."""
_OTHERS = 12
"""How much later a form comes where the fix does not say what weakness it mends."""


def drafts(
    before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family], *, is_told: bool
) -> list[Draft]:
    """Search rules for weak calls that the bad side makes. `is_told`: whether the families are those of the fix's weakness."""
    old = [unit for hunk in edits for unit in hunk.before]
    notation, later = NOTATIONS[before.language], 0 if is_told else _OTHERS
    called, near = calls_with_names(old, before), calls_with_names(changed_scopes(edits), before)
    kept = {name for _, name in calls_with_names([unit for hunk in edits for unit in hunk.after], after)}
    types = {full for node in (one for unit in old for one in unit.walk()) if (full := _type(node, before)) is not None}
    found = [*_of_constructs(old, [unit for hunk in edits for unit in hunk.after], notation)]
    for family in families:
        for group in family.groups:
            found += _of_group(group, {name for _, name in called} | types, kept, notation, later)
        for group in family.answers:
            found += _of_answers(group, near, notation, 17 + later)
        shown = any(_is_computed(call, name, family) for call, name in called) or _fills(old, family, before)
        if family.literal and shown:
            also = _also_computed(calls_with_names([unit for hunk in edits for unit in hunk.after], after), family)
            found += [_of_computed(family, notation, 17 + later + 2 * at, without) for at, without in enumerate(also)]
            if len(also) > 1 and any(
                _is_given(value) for call, name in called for value in _dangerous(call, name, family)
            ):
                found.append(_of_parameters(family, notation, 22 + later))
    return found


def calls_with_names(nodes: Iterable[Node], tree: Tree) -> list[tuple[Call, str]]:
    """The calls in some nodes, with the full names of what they call."""
    return [(call, name) for call in calls_in(nodes) if (name := full_name(call, tree)) is not None]


def changed_scopes(edits: Sequence[Hunk]) -> list[Node]:
    """The functions of the before side in which something changed, or was put in."""
    units = [unit for hunk in edits for unit in (hunk.before or ([hunk.follows] if hunk.follows is not None else []))]
    return list({id(scope): scope for scope in map(scope_of, units)}.values())


def _of_constructs(old: Sequence[Node], new: Sequence[Node], notation: Notation) -> Iterator[Draft]:
    """What the language itself calls dangerous, where the bad side alone does it."""
    kinds = {node.kind for unit in old for node in (unit, *unit.walk())}
    kept = {node.kind for unit in new for node in (unit, *unit.walk())}
    for kind, pattern in notation.constructs.items():
        if kind in kinds and kind not in kept:
            body: JsonObject = {"patterns": [{"pattern": pattern}]}
            yield Draft(body, "weak:construct", 21, f"`{pattern}` is written", "do without it, as the fix does")


def _type(node: Node, tree: Tree) -> str | None:
    """The full name of a type where it stands in a literal."""
    named = node.field("type")
    if named is None or node.kind not in ("struct_expression", "composite_literal"):
        return None
    told = _NAME.match(named.text)
    return f"{imported(tree).get(told[1], told[1])}{told[2]}" if told is not None else None


def is_one_of(name: str, functions: Iterable[str]) -> bool:
    """Whether a full name is one of some; methods are known by their own."""
    last = re.split(r"\.|::", name)[-1]
    return any(name == one or (one.startswith("$") and one.rpartition(".")[2] == last) for one in functions)


def _of_group(group: Group, called: set[str], kept: Iterable[str], notation: Notation, later: int) -> Iterator[Draft]:
    """The functions of a group of which the bad side calls one, and those of them alone that the good side does not call."""
    shown = next((name for name in sorted(called) if is_one_of(name, (*group.functions, *group.types))), None)
    if shown is None:
        return
    left = [one for one in group.functions if not any(is_one_of(name, [one]) for name in kept)]
    rank = (_COMMON if group.common else _BEST) + later
    for at, functions in enumerate([list(group.functions), left] if left != list(group.functions) else [left]):
        if any(is_one_of(one, (*functions, *group.types)) for one in called):
            body: JsonObject = {"patterns": [*_calls_of(group, functions, notation)]}
            yield Draft(body, "weak:group", rank + 3 * at, f"`{_plain(shown)}` is called")


def _calls_of(
    group: Group, functions: Sequence[str], notation: Notation, written: str = "{call}"
) -> Iterator[JsonObject]:
    """The calls of a group's functions, without those that are spared."""
    either: list[JsonObject] = [*notation.called(functions, "...")]
    if written != "{call}":
        either = [{"pattern": written.format(call=f"{name}(...)")} for name in functions]
    for name in group.types:
        either.append({"pattern": name})
    yield {"pattern-either": [*either]} if len(either) > 1 else either[0]
    if group.only:
        yield {"pattern-either": [{"pattern": text} for text in group.only]}
    for text in group.spared:
        yield {"pattern-not": text}


def _of_answers(group: Group, called: Sequence[tuple[Call, str]], notation: Notation, rank: int) -> Iterator[Draft]:
    """Calls whose answer goes nowhere, or into a name that no condition looks at."""
    own = [(call, name) for call, name in called if is_one_of(name, group.functions)]
    alone = next((name for call, name in own if _stands_alone(call.node)), None)
    instead = "look at the answer and stop where the call failed"
    if alone is not None:
        what = f"Nobody looks at what `{_plain(alone)}` answers"
        body: JsonObject = {"patterns": [*_calls_of(group, group.functions, notation, "{call}" + notation.ending)]}
        yield Draft(body, "weak:unchecked", rank, what, instead)
    held = next(
        (name for call, name in own if (given := _holder(call.node)) is not None and not _is_asked(given)), None
    )
    if held is not None and notation.asked:
        either: JsonObject = {"pattern-either": [
            {"pattern": f"$ANSWER = {name}(...)"} for name in group.functions
        ]}  # fmt: skip
        unless: list[JsonObject] = [{"pattern-not-inside": text} for text in notation.asked]
        what = f"Nobody looks at whether `{_plain(held)}` worked"
        yield Draft({"patterns": [either, *unless]}, "weak:unasked", rank + 1, what, instead)


def _stands_alone(node: Node) -> bool:
    around = node.parent
    if around is not None and around.kind == "cast_expression":
        around = around.parent
    return around is not None and around.kind == "expression_statement"


def _holder(node: Node) -> Node | None:
    """The name that is given what a call answers."""
    around = node.parent
    while around is not None and around.kind in ("cast_expression", "parenthesized_expression"):
        around = around.parent
    if around is None or around.kind != "assignment":
        return None
    target = around.field("left")
    return target if target is not None and target.kind == "identifier" else None


def _is_asked(name: Node) -> bool:
    """Whether a condition of its function looks at a name."""
    return name.text in _names_asked(scope_of(name))


@lru_cache(maxsize=64)
def _names_asked(scope: Node) -> frozenset[str]:
    """The names that the conditions of a function look at. Remembered, because every answer asks."""
    conditions = (node for node in scope.walk() if node.field_name == "condition")
    return frozenset(node.text for one in conditions for node in one.walk() if node.kind == "identifier")


def _is_computed(call: Call, name: str, family: Family) -> bool:
    """Whether a call of the family is given something that is no literal where it takes what is dangerous."""
    return any(_is_open(given) for given in _dangerous(call, name, family))


def _dangerous(call: Call, name: str, family: Family) -> Iterator[Node]:
    """What a call gives to the family's sinks: its first argument, one by its place, or one by what stands before it."""
    given = call.positional
    if given and (name in family.functions or (call.receiver and call.name in family.methods)):
        yield given[0]
    at = place_of(name, "$SINK", family.sinks)
    if at is not None and at < len(given):
        yield given[at]
    for told in (found for one in family.sinks if (found := _AFTER.match(one)) is not None):
        if is_one_of(name, [told[1]]):
            yield from (value for flag, value in pairwise(given) if flag.text == told[2])


def _is_open(given: Node) -> bool:
    """Whether it is neither a literal nor made of literals alone: a list of them, what a call makes of them, a name given them."""
    waiting, seen = [bare(given)], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        made = _made_of(one)
        if is_built(one) or (made is None and one.kind not in LITERALS):
            return True
        waiting += [bare(part) for part in made or ()]
    return False


def _made_of(value: Node) -> Sequence[Node] | None:
    """What a value is made of: the values that a name was given, what a call is given, what a list holds. None: nothing of that."""
    if value.kind == "identifier":
        return assigned(value) or None
    if value.kind == "call":
        return Call(value).positional or None
    held = value.field("body") if value.kind == "composite_literal" else value if value.kind == "list" else None
    return None if held is None else held.parts


def _fills(units: Sequence[Node], family: Family, tree: Tree) -> bool:
    """Whether a literal of a type gives something that is no literal to the field which is a sink."""
    told = [found.groups() for one in family.sinks if (found := _FIELD.match(one)) is not None]
    for node in (one for unit in units for one in unit.walk() if one.kind == "composite_literal"):
        name, body = _type(node, tree), node.field("body")
        for pair in body.parts if body is not None else ():
            key, value = pair.field("key"), pair.field("value")
            if key is not None and value is not None and (name, key.text) in told and _is_open(value):
                return True
    return False


def place_of(name: str, role: str, patterns: Iterable[str]) -> int | None:
    """The position of what plays a role in the pattern of a call by this name."""
    for pattern in patterns:
        told = _PATTERN.match(pattern)
        if told is not None and is_one_of(name, [told[1]]):
            parts = [part.strip() for part in told[2].split(",")]
            if role in parts and "..." not in parts[: parts.index(role)]:
                return parts.index(role)
    return None


def _also_computed(called: Sequence[tuple[Call, str]], family: Family) -> list[frozenset[str]]:
    """What to leave out of the family: nothing, and what the good side, too, gives something that is no literal."""
    left: set[str] = set()
    for call, name in called:
        if _is_computed(call, name, family):
            told = {pattern for pattern in family.sinks if place_of(name, "$SINK", [pattern]) is not None}
            left |= told or {name, call.name or name}
    return [frozenset[str](), frozenset(left)] if left else [frozenset[str]()]


def _of_computed(family: Family, notation: Notation, rank: int, without: frozenset[str]) -> Draft:
    """Everything that is no literal where the family takes one; `without` some of its functions, methods and patterns."""
    sinks = [one for one in family.sinks if one not in without and (_PATTERN.match(one) or _FIELD.match(one))]
    methods = (f"$O.{method}($SINK, ...)" for method in sorted(family.methods - without))
    others: list[JsonObject] = [{"pattern": text} for text in (*methods, *sinks)]
    either = [*notation.called(sorted(family.functions - without), "$SINK, ..."), *others]
    clean = ('"..."', *(f"{one}(...)" for one in sorted(family.sanitizers)))
    harmless: list[JsonObject] = [{"pattern-not": text} for text in clean]
    body: JsonObject = {"patterns": [
        {"pattern-either": [*either]},
        {"metavariable-pattern": {"metavariable": "$SINK", "patterns": [*harmless]}},
        {"metavariable-regex": {"metavariable": "$SINK", "regex": f"^(?!{notation.constants})"}},
        *notation.given_before("$SINK", '$MAKE("...")'),
    ]}  # fmt: skip
    return Draft(body, "weak:computed", rank)


def _is_given(value: Node) -> bool:
    """Whether a value is a parameter of its function, or made from one."""
    taken = parameters(scope_of(value))
    return any(node.kind == "identifier" and node.text in taken for node in value.walk())


def _of_parameters(family: Family, notation: Notation, rank: int) -> Draft:
    """From what functions are given to the family: for where the good side computes, too, but of what it knows."""
    clean: list[JsonObject] = [{"pattern": f"{one}(...)"} for one in sorted(family.sanitizers)]
    body: JsonObject = {
        "mode": "taint",
        "pattern-sources": [notation.any_parameter()],
        "pattern-sinks": [*family_sinks(family, notation)],
    }
    return Draft({**body, "pattern-sanitizers": [*clean]} if clean else body, "weak:given", rank)


def _plain(name: str) -> str:
    return name.removeprefix("$O.").removeprefix("$O::")
