"""How does a rule come in from outside, and go out?

Rules are hostile until read: the text is capped before it is parsed; YAML aliases and tags are refused, since a few
lines of them may unfold to gigabytes or to objects; nesting is capped. What is read is JSON-able and nothing else.
Whether a rule is a good one, structurally, is told by `rule_problems.problems`.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scalarstring import LiteralScalarString

from rsolv_ray.engine.rule_problems import DEEPEST, depth_of, problems
from rsolv_ray.model.errors import Rejected, TooLarge
from rsolv_ray.model.noun import JsonObject

__all__ = ["checked_rules", "dump_rules", "problems", "read_rules"]

_LARGEST_TEXT = 1 << 20


def read_rules(text: str) -> tuple[JsonObject, ...]:
    """The rules of a Semgrep configuration in YAML or JSON: a mapping with a list under `rules`, or one rule alone.

    Raises:
        TooLarge: the text is longer than 1 MiB.
        Rejected: it is no such configuration, or one of the forms that are refused; the reason says where.
    """
    if len(text.encode("utf-8", "replace")) > _LARGEST_TEXT:
        raise TooLarge(f"the rules are longer than {_LARGEST_TEXT} bytes")
    body = _of_json(text) if text.lstrip().startswith("{") else _of_yaml(text)
    rules = _rules_of(body)
    _refuse_repeated_ids(rules)
    return rules


def checked_rules(text: str) -> tuple[JsonObject, ...]:
    """The rules of a configuration in which every rule is well formed.

    Raises:
        Rejected: as `read_rules` does, or for the problems of a rule, all of them in one message.
    """
    rules = read_rules(text)
    found = [
        f"{rule.get('id', f'rule {at}')}: {problem}" for at, rule in enumerate(rules) for problem in problems(rule)
    ]
    if found:
        raise Rejected("; ".join(found))
    return rules


def dump_rules(rules: Sequence[JsonObject]) -> str:
    """A Semgrep configuration in YAML that `read_rules` reads back as the same rules."""
    writer = YAML()
    writer.width = 120
    writer.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    writer.dump({"rules": [_for_people(rule) for rule in rules]}, out)
    return out.getvalue()


def _of_json(text: str) -> object:
    try:
        body = json.loads(text)
    except RecursionError:
        raise Rejected("the rules are nested too deep") from None
    except ValueError as error:
        return _of_yaml(text, or_else=f"the rules are no JSON: {error}")
    if depth_of(body) > DEEPEST:
        raise Rejected(f"the rules are nested more than {DEEPEST} deep")
    return _jsonable(body)


def _of_yaml(text: str, or_else: str | None = None) -> object:
    try:
        _refuse_unsafe(text)
        return _jsonable(YAML(typ="safe", pure=True).load(text))
    except (YAMLError, ValueError) as error:
        raise Rejected(or_else or f"the rules are no YAML: {_first_words(error)}") from error


def _refuse_unsafe(text: str) -> None:
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor is not None):
            raise Rejected(f"YAML anchors and aliases are refused: line {event.start_mark.line + 1}")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise Rejected(f"YAML tags are refused: {str(tag)[:60]!r} in line {event.start_mark.line + 1}")
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            depth += 1
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise Rejected(f"the rules are nested more than {DEEPEST} deep")


def _first_words(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _jsonable(value: Any) -> object:
    match value:
        case dict():
            return {_key(key): _jsonable(member) for key, member in value.items()}
        case list():
            return [_jsonable(member) for member in value]
        case date():
            return value.isoformat()
        case float() if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - only NaN differs
            raise Rejected("a number that is not finite is no JSON")
        case str() | bool() | int() | float() | None:
            return value
        case _:
            raise Rejected(f"a {type(value).__name__} has no place in a rule")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise Rejected(f"the key {str(key)[:60]!r} is no text")
    return key


def _rules_of(body: object) -> tuple[JsonObject, ...]:
    if isinstance(body, dict) and "rules" not in body and "id" in body:
        body = {"rules": [body]}
    found = body.get("rules") if isinstance(body, dict) else None
    if not isinstance(found, list) or not found:
        raise Rejected("expected a mapping with a list of at least one rule under 'rules'")
    if not all(isinstance(rule, dict) for rule in found):
        raise Rejected("every rule is a mapping")
    return tuple(found)


def _refuse_repeated_ids(rules: Sequence[JsonObject]) -> None:
    ids = Counter(str(rule["id"]) for rule in rules if "id" in rule)
    for name, times in ids.items():
        if times > 1:
            raise Rejected(f"two rules have the id {name[:200]!r}")


def _for_people(value: Any) -> Any:
    match value:
        case dict():
            return {key: _for_people(member) for key, member in value.items()}
        case list():
            return [_for_people(member) for member in value]
        case str() if "\n" in value and value.isprintable() is False and _stays_whole(value):
            return LiteralScalarString(value)
        case _:
            return value


def _stays_whole(text: str) -> bool:
    """Would a literal block give this text back? Other control characters and blank edges would not survive."""
    return all(line.isprintable() and line == line.rstrip() for line in text.split("\n")) and not text[:1].isspace()
