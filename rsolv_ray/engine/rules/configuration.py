"""How does a rule come in from outside, and go out?

Rules are hostile until read: the text is capped before it is parsed; nesting, the number of values and of rules are
capped; YAML aliases and tags are refused, repeated keys too, since readers differ in which of them they take. What is
read is JSON-able and nothing else. Whether a rule is a good one, structurally, is told by `problems.problems`.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from rsolv_ray.engine.rules.pcre.paths import Effort
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.engine.rules.values import flaw_of
from rsolv_ray.engine.rules.yaml import read_yaml
from rsolv_ray.model.errors import Rejected, TooLarge
from rsolv_ray.model.noun import JsonObject

LARGEST_TEXT = 1 << 20
MOST_RULES = 5000
_MOST_PROBLEMS_TOLD = 50
_STEPS_PER_CONFIGURATION = 1_000_000


def read_rules(text: str) -> tuple[JsonObject, ...]:
    """The rules of a Semgrep configuration in YAML or JSON: a mapping with a list under `rules`, or one rule alone.

    Raises:
        TooLarge: the text is longer than 1 MiB.
        Rejected: it is no such configuration, or one of the forms that are refused; the reason says where.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST_TEXT:
        raise TooLarge(f"the rules are longer than {LARGEST_TEXT} bytes")
    body = _of_json(text) if text.lstrip().startswith("{") else read_yaml(text)
    flaw = flaw_of(body)
    if flaw is not None:
        raise Rejected(f"the rules are refused: {flaw}")
    rules = _rules_of(body)
    _refuse_repeated_ids(rules)
    return rules


def checked_rules(text: str) -> tuple[JsonObject, ...]:
    """The rules of a configuration in which every rule is well formed.

    Raises:
        Rejected: as `read_rules` does, or for the problems of the rules, the first 50 of them in one message.
    """
    rules = read_rules(text)
    effort = Effort(_STEPS_PER_CONFIGURATION)
    found = (f"{_name(rule, at)}: {problem}" for at, rule in enumerate(rules) for problem in problems(rule, effort))
    told = list(islice(found, _MOST_PROBLEMS_TOLD))
    if told:
        raise Rejected("; ".join(told))
    return rules


def _name(rule: JsonObject, at: int) -> str:
    return str(rule.get("id", f"rule {at}"))[:200]


def dump_rules(rules: Sequence[JsonObject]) -> str:
    """A Semgrep configuration in YAML that `read_rules` reads back as the same rules."""
    writer = YAML()
    writer.width = 2 * LARGEST_TEXT  # where a line is folded, runs of blanks in it are not read back as they were
    writer.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    writer.dump({"rules": [_for_people(rule) for rule in rules]}, out)
    return out.getvalue()


def _of_json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise Rejected("the rules are nested too deep") from None
    except ValueError as error:
        return _of_yaml_in_braces(text, str(error))


def _of_yaml_in_braces(text: str, why_no_json: str) -> object:
    try:
        return read_yaml(text)
    except Rejected as error:
        raise Rejected(f"the rules are no JSON: {why_no_json[:200]}; read as YAML: {error}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise Rejected(f"a duplicate key, {twice[:60]!r}")
    return read


def _rules_of(body: object) -> tuple[JsonObject, ...]:
    if isinstance(body, dict) and "rules" not in body and "id" in body:
        body = {"rules": [body]}
    found = body.get("rules") if isinstance(body, dict) else None
    if not isinstance(found, list) or not found:
        raise Rejected("expected a mapping with a list of at least one rule under 'rules'")
    if not all(isinstance(rule, dict) for rule in found):
        raise Rejected("every rule is a mapping")
    if len(found) > MOST_RULES:
        raise TooLarge(f"there are {len(found)} rules, and at most {MOST_RULES} are read at once")
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
