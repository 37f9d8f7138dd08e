"""What is wrong with a rule, before any engine sees it?

Semgrep passes over much without a word: a `pattern-not` beside a top-level `pattern` is ignored, and so are unknown
keys; a rule without `message` can empty the result of its neighbours. All of that is refused here.
Source: the rule syntax of Semgrep 1.182, and what its engine was seen to do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from rsolv_ray.model.languages import LANGUAGES, canonical_language
from rsolv_ray.model.noun import JsonObject

DEEPEST = 40
LARGEST_RULE = 64 * 1024
LONGEST_MESSAGE = 10_000

REQUIRED = ("id", "languages", "severity", "message")
SEVERITIES = frozenset({"INFO", "WARNING", "ERROR", "LOW", "MEDIUM", "HIGH", "CRITICAL"})

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_POSITIVE = ("pattern", "patterns", "pattern-either", "pattern-regex")
_FILTERS = frozenset({
    "pattern-not", "pattern-inside", "pattern-not-inside", "pattern-not-regex", "focus-metavariable",
    "metavariable-regex", "metavariable-pattern", "metavariable-comparison", "metavariable-analysis",
    "metavariable-type", "metavariable-name",
})  # fmt: skip
_OPERATORS = frozenset(_POSITIVE) | _FILTERS
_TAINT = {
    "pattern-sources": frozenset({"exact", "by-side-effect", "control", "label", "requires"}),
    "pattern-sinks": frozenset({"exact", "at-exit", "requires"}),
    "pattern-sanitizers": frozenset({"exact", "by-side-effect", "not_conflicting"}),
    "pattern-propagators": frozenset({"from", "to", "by-side-effect", "label", "requires", "replace-labels"}),
}
_PLAIN = frozenset({
    *REQUIRED, "mode", "metadata", "fix", "fix-regex", "options", "paths", "min-version", "max-version",
})  # fmt: skip


def problems(definition: JsonObject) -> tuple[str, ...]:
    """Everything that keeps a definition from being a well-formed rule; empty where there is nothing.

    It does not say whether the patterns are valid code: that the engine tells.
    """
    too_big = _size(definition)
    if too_big:
        return (too_big,)
    return (*_missing(definition), *_header(definition), *_unknown_keys(definition), *_logic(definition))


def _lacking(definition: JsonObject) -> tuple[str, ...]:
    lacking = [name for name in REQUIRED if name not in definition]
    if definition.get("mode") == "taint":
        lacking += [name for name in ("pattern-sources", "pattern-sinks") if name not in definition]
    elif not any(name in definition for name in _POSITIVE):
        lacking.append("pattern")
    return tuple(lacking)


def _size(definition: JsonObject) -> str | None:
    if depth_of(definition) > DEEPEST:
        return f"the rule is nested more than {DEEPEST} deep"
    if len(json.dumps(definition)) > LARGEST_RULE:
        return f"the rule is longer than {LARGEST_RULE} bytes"
    return None


def depth_of(value: Any) -> int:
    """How deep lists and objects are nested, told no further than just beyond the limit."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        inner = [list(member.values()) if isinstance(member, dict) else member for member in level]
        level = [child for members in inner if isinstance(members, list) for child in members]
        depth += 1
    return depth


def _missing(definition: JsonObject) -> Iterator[str]:
    for name in _lacking(definition):
        yield f"'{name}' is missing" if name != "pattern" else f"one of {', '.join(_POSITIVE)} is missing"


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


_HEADER: dict[str, tuple[Callable[[object], bool], str]] = {
    "id": (
        lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None,
        "letters, digits, '.', '_' and '-', at most 200",
    ),
    "message": (
        lambda value: isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_MESSAGE,
        f"text of 1 to {LONGEST_MESSAGE} characters",
    ),
    "severity": (
        lambda value: isinstance(value, str) and value in SEVERITIES,
        f"one of {', '.join(sorted(SEVERITIES))}",
    ),
    "mode": (lambda value: value in ("search", "taint"), "search or taint"),
    "fix": (lambda value: isinstance(value, str), "text"),
    "metadata": (_is_object, "an object"),
    "options": (_is_object, "an object"),
    "paths": (_is_object, "an object"),
}


def _header(definition: JsonObject) -> Iterator[str]:
    for name, (is_right, expected) in _HEADER.items():
        if name in definition and not is_right(definition[name]):
            yield f"'{name}' must be {expected}"
    if "languages" in definition:
        yield from _languages(definition["languages"])


def _languages(value: object) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield "'languages' must be a list of at least one language"
        return
    for language in value:
        if not isinstance(language, str) or canonical_language(language) is None:
            yield f"unsupported language {str(language)[:40]!r}: one of {', '.join(sorted(LANGUAGES))}"


def _unknown_keys(definition: JsonObject) -> Iterator[str]:
    known = _PLAIN | _OPERATORS | _TAINT.keys()
    for name in sorted(definition.keys() - known):
        near = get_close_matches(name, known, n=1)
        yield f"unknown key {name[:60]!r}" + (f", did you mean {near[0]!r}?" if near else "")


def _logic(definition: JsonObject) -> Iterator[str]:
    taint = definition.get("mode") == "taint"
    for name in sorted(definition.keys() & _FILTERS):
        yield f"{name!r} does nothing beside the other keys of a rule: put it inside 'patterns'"
    if taint:
        for name in sorted(definition.keys() & set(_POSITIVE)):
            yield f"{name!r} has no place in a rule of mode taint: put it inside sources, sinks or sanitizers"
    for name in sorted(definition.keys() & _TAINT.keys()):
        yield from _taint_part(name, definition[name]) if taint else [f"{name!r} needs 'mode: taint'"]
    if not taint:
        yield from _formula(definition, "the rule")


def _taint_part(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield f"{name!r} must be a list of at least one"
        return
    for at, part in enumerate(value):
        where = f"{name}[{at}]"
        if not isinstance(part, dict):
            yield f"{where} must be an object"
            continue
        for key in sorted(part.keys() - _TAINT[name] - set(_POSITIVE)):
            yield f"{where}: {key!r} does nothing there" + (": put it inside 'patterns'" if key in _FILTERS else "")
        yield from _formula(part, where)


def _formula(holder: dict[str, Any], where: str) -> Iterator[str]:
    """The one positive operator of a rule, or of a part of a taint rule."""
    given = [name for name in _POSITIVE if name in holder]
    if len(given) > 1:
        yield f"{where}: only one of {', '.join(_POSITIVE)} may be given"
    if not given and where != "the rule":
        yield f"{where}: one of {', '.join(_POSITIVE)} is missing"
    for name in given:
        yield from _clause(name, holder[name], where)


def _clause(name: str, value: object, where: str) -> Iterator[str]:
    if name not in {"patterns", "pattern-either"}:
        if name in {"pattern", "pattern-regex"} and not (isinstance(value, str) and value.strip()):
            yield f"{where}: {name!r} must be text that is not blank"
        return
    if not isinstance(value, list) or not value:
        yield f"{where}: {name!r} must be a list of at least one"
        return
    for at, member in enumerate(value):
        inner = f"{where}: {name}[{at}]"
        if not isinstance(member, dict) or len(member) != 1:
            yield f"{inner} must be an object with one operator"
            continue
        operator, operand = next(iter(member.items()))
        if operator not in _OPERATORS:
            yield f"{inner}: unknown operator {operator[:60]!r}"
        else:
            yield from _clause(operator, operand, inner)
