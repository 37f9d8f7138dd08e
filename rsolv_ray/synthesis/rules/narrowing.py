"""What tells a place that a rule should have spared from those that it should find?

A false positive has words bound to the rule's metavariables, and so have the places that are right. A rule is narrowed by what the first
has and none of the others: a value of another kind (a literal, a number, a constant, what a function returns), a function that is called
on the value before, the very word, the very code. The most general comes first; what each costs is for the engine and `validation` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import Tree, parse, unreadable
from rsolv_ray.synthesis.languages import GRAMMARS, NOTATIONS
from rsolv_ray.synthesis.rules.anti_unify import metavariables, tokens
from rsolv_ray.synthesis.rules.likeness import texts

__all__ = ["Narrowing", "Place", "narrowings"]

MOST_NARROWINGS = 16
LONGEST_WORD = 80
LONGEST_CODE = 400
_KINDS = (
    ("a literal text", r"""(?i:[bfru]{0,2})["'`]"""),
    ("a number", r"-?\d[\w.]*$"),
    ("a constant", r"(?:\w+\.)*[A-Z][A-Z0-9_]*$"),
)
_FINDS = ("pattern", "pattern-either", "pattern-regex")


@dataclass(frozen=True)
class Place:
    """Where a rule fires: the code found, what its metavariables stand for, and the code around it, up to the line where it stands."""

    text: str
    metavariables: dict[str, str] = field(default_factory=dict[str, str])
    before: str = ""


@dataclass(frozen=True)
class Narrowing:
    """A narrower definition. `why` is the lesson in words: what is spared from now on."""

    definition: JsonObject
    why: str


def narrowings(definition: JsonObject, language: str, spared: Place, right: Sequence[Place]) -> tuple[Narrowing, ...]:
    """Definitions that spare a place, the most general first; each tells apart what no place that is right has."""
    found = [
        *_by_kind(definition, spared, right),
        *_by_call(definition, language, spared, right),
        *_by_argument(definition, language, spared, right),
        *_by_word(definition, spared, right),
        *_by_code(definition, spared, right),
    ]
    return tuple(found[:MOST_NARROWINGS])


def _values(definition: JsonObject, spared: Place, right: Sequence[Place]) -> Iterator[tuple[str, str, list[str]]]:
    """Metavariable, what it stands for at the place, and what it stands for where the rule is right."""
    named = metavariables(texts(definition, found_alone=True))
    for name, value in sorted(spared.metavariables.items()):
        if name in named and not name.startswith("$..."):
            yield name, value, [place.metavariables[name] for place in right if name in place.metavariables]


def _by_kind(definition: JsonObject, spared: Place, right: Sequence[Place]) -> Iterator[Narrowing]:
    for name, value, others in _values(definition, spared, right):
        for kind, expression in _KINDS:
            if re.match(expression, value) and not any(re.match(expression, other) for other in others):
                yield from _conditioned(definition, name, expression, f"{name} is {kind}")


def _by_word(definition: JsonObject, spared: Place, right: Sequence[Place]) -> Iterator[Narrowing]:
    for name, value, others in _values(definition, spared, right):
        if len(value) <= LONGEST_WORD and "\n" not in value and value not in others:
            yield from _conditioned(definition, name, re.escape(value) + "$", f"{name} is `{value}`")


def _conditioned(definition: JsonObject, name: str, expression: str, why: str) -> Iterator[Narrowing]:
    condition: JsonObject = {"metavariable-regex": {"metavariable": name, "regex": f"^(?!{expression})"}}
    narrower = _with(definition, condition, where=name)
    if narrower is not None:
        yield Narrowing(narrower, f"it is left alone where {why}")


def _by_call(definition: JsonObject, language: str, spared: Place, right: Sequence[Place]) -> Iterator[Narrowing]:
    """Functions that are given something of the place before, or in it, and that none of the right places has near it."""
    if language not in GRAMMARS or not spared.before:
        return
    names = {token.text for token in tokens(spared.text) if token.kind == "name"}
    elsewhere = "\n".join(f"{place.before}\n{place.text}" for place in right)
    for name in dict.fromkeys(_called_with(spared.before, language, names)):
        last = name.rpartition(".")[2]
        if re.search(rf"\b{re.escape(last)}\s*\(", elsewhere):
            continue
        for narrower in (_cleaned(definition, f"{name}(...)"), _unbeside(definition, language, f"{name}(...)")):
            if narrower is not None:
                yield Narrowing(narrower, f"it is left alone where `{last}` was called on the value")


def _by_argument(definition: JsonObject, language: str, spared: Place, right: Sequence[Place]) -> Iterator[Narrowing]:
    """Arguments of the call that the place is in: a literal text first, and else the very argument."""
    call = _call_around(spared, language)
    others = [other for place in right if (other := _call_around(place, language)) is not None]
    if call is None:
        return
    given = {node.text for other in others for node in other.arguments}
    are_literal = any(node.kind == "string" for other in others for node in other.positional[:1])
    if call.positional and call.positional[0].kind == "string" and not are_literal:
        yield from _not_within(definition, f'{call.callee}("...", ...)', "its first argument is a literal text")
    for node in call.positional:
        if node.text not in given and spared.text not in node.text and len(node.text) <= LONGEST_WORD:
            yield from _not_within(definition, f"{call.callee}(..., {node.text}, ...)", f"it is given `{node.text}`")


def _not_within(definition: JsonObject, code: str, why: str) -> Iterator[Narrowing]:
    narrower = _with(definition, {"pattern-not-inside": code}, part="pattern-sinks") if "$" not in code else None
    if narrower is not None:
        yield Narrowing(narrower, f"it is left alone where {why}")


def _call_around(place: Place, language: str) -> Call | None:
    """The smallest call on the last lines that holds the code found."""
    if language not in GRAMMARS or not place.before or unreadable(place.before, language):
        return None
    calls = [call for call in calls_in([parse(place.before, language).root]) if place.text in call.node.text]
    return min(calls, key=lambda call: (-call.node.end_line, len(call.node.text)), default=None)


def _called_with(code: str, language: str, names: set[str]) -> Iterator[str]:
    """Full names of the functions that some code gives one of these names to, the last first."""
    if unreadable(code, language):
        return
    tree: Tree = parse(code, language)
    for call in reversed(calls_in([tree.root])):
        given = {node.text for argument in call.arguments for node in argument.walk() if node.kind == "identifier"}
        name = full_name(call, tree)
        if name is not None and given & names:
            yield name


def _cleaned(definition: JsonObject, call: str) -> JsonObject | None:
    """With one more call that makes values harmless, for a rule that follows values."""
    if definition.get("mode") != "taint":
        return None
    known = definition.get("pattern-sanitizers")
    return {**definition, "pattern-sanitizers": [*(known if isinstance(known, list) else []), {"pattern": call}]}


def _unbeside(definition: JsonObject, language: str, call: str) -> JsonObject | None:
    """Not in a function that makes the call."""
    narrower: JsonObject | None = definition
    for condition in NOTATIONS[language].not_beside(call):
        narrower = _with(narrower, condition, part="pattern-sinks") if narrower is not None else None
    return narrower


def _by_code(definition: JsonObject, spared: Place, right: Sequence[Place]) -> Iterator[Narrowing]:
    code = spared.text.strip().rstrip(";")
    if len(code) > LONGEST_CODE or "$" in code or any(code in place.text for place in right):
        return
    narrower = _with(definition, {"pattern-not": code}, part="pattern-sinks")
    if narrower is not None:
        yield Narrowing(narrower, f"`{code}` is left alone")


def _with(
    definition: JsonObject, condition: JsonObject, *, where: str | None = None, part: str | None = None
) -> JsonObject | None:
    """A definition with one more operator that has to hold; in a taint rule, in those sources and sinks that bind `where`."""
    if definition.get("mode") != "taint":
        operators = _operators(definition)
        rest = {key: value for key, value in definition.items() if key not in (*_FINDS, "patterns")}
        return None if operators is None else {**rest, "patterns": [*operators, condition]}
    narrower = dict(definition)
    for key in (part,) if part else ("pattern-sources", "pattern-sinks"):
        members = definition.get(key)
        if isinstance(members, list):
            narrower[key] = [_member(one, condition, where) for one in members]
    return narrower if narrower != definition else None


def _member(member: JsonValue, condition: JsonObject, where: str | None) -> JsonValue:
    if not isinstance(member, dict) or (where and where not in metavariables(texts(member, found_alone=True))):
        return member
    operators = _operators(member)
    if operators is None:
        return member
    rest = {key: value for key, value in member.items() if key not in (*_FINDS, "patterns")}
    return {**rest, "patterns": [*operators, condition]}


def _operators(formula: JsonObject) -> list[JsonValue] | None:
    """The operators that have to hold together; None where a formula has another shape."""
    held = formula.get("patterns")
    finds = [key for key in _FINDS if key in formula]
    if isinstance(held, list) and not finds:
        return [*held]
    return [{finds[0]: formula[finds[0]]}] if len(finds) == 1 and held is None else None
