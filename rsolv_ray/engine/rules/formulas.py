"""Is what a rule looks for well formed, operator by operator?

Semgrep passes over much without a word: a key that it does not know in the body of a condition, a condition on a
metavariable that nothing binds (it never holds), a condition beside `patterns` instead of inside, a source that is no
more than `$X`. All of it is told here, for every operator, however deep it stands.
Source: Semgrep's rule_schema_v1.yaml, and what semgrep-core 1.182 was seen to accept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rsolv_ray.engine.rules.pcre.paths import Effort
from rsolv_ray.engine.rules.regex_danger import danger_of

POSITIVE = ("pattern", "patterns", "pattern-either", "pattern-regex")
FILTERS = frozenset({
    "pattern-not", "pattern-inside", "pattern-not-inside", "pattern-not-regex", "focus-metavariable",
    "metavariable-regex", "metavariable-pattern", "metavariable-comparison", "metavariable-analysis",
    "metavariable-type", "metavariable-name",
})  # fmt: skip
LONGEST_PATTERN = 10_000
DEEPEST_BRACKETS = 200
_BRACKETS = re.compile(r"[(\[{}\])]")
_NESTED = frozenset({*POSITIVE, "pattern-inside", "pattern-not", "pattern-not-inside"})
_OF_EITHER = frozenset({*POSITIVE, "pattern-inside"})
_ANALYZERS = ("entropy", "entropy_v2", "redos")
_MODES = ("lax", "default", "strict")

_METAVARIABLE = re.compile(r"\$(?:\.\.\.)?[A-Z_][A-Z0-9_]*|\$[1-9][0-9]*")
_REGEX_IN_PATTERN = re.compile(r"=~/(.*)/", re.DOTALL)
_REGEX_IN_COMPARISON = re.compile(r"re\.match\(\s*r?(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")

Problems = Iterator[str]
Check = Callable[[Any, str], Problems]


@dataclass(frozen=True, slots=True)
class _Body:
    """The keys of a condition: those it needs, those it may have, and groups of which exactly one is given."""

    needs: Mapping[str, Check]
    may: Mapping[str, Check]
    one_of: tuple[str, ...] = ()


class Formulas:
    """Checks the formulas of one rule. `bound` are the metavariables that its patterns bind."""

    def __init__(self, bound: frozenset[str], effort: Effort) -> None:
        self._bound = bound
        self._effort = effort
        self._dangers: dict[str, str | None] = {}
        self._operators: dict[str, Check] = {
            "pattern": self._pattern,
            "pattern-regex": self.regex,
            "pattern-not-regex": self.regex,
            "patterns": self._all_of,
            "pattern-either": self._one_of,
            "pattern-not": self._nested,
            "pattern-inside": self._nested,
            "pattern-not-inside": self._nested,
            "focus-metavariable": self._focus,
        } | {name: self._condition_check(body) for name, body in self._bodies().items()}

    def positive(self, holder: Mapping[str, Any], where: str) -> Problems:
        """The one positive operator of a rule, of a part of a taint rule, or of a condition."""
        given = [name for name in POSITIVE if name in holder]
        if len(given) > 1:
            yield f"{where}: only one of {', '.join(POSITIVE)} may be given"
        for name in given:
            yield from self._operators[name](holder[name], _inside(where, name))

    def metavariable(self, value: object, where: str) -> Problems:
        if not isinstance(value, str) or not _METAVARIABLE.fullmatch(value):
            yield f"{where} must be a metavariable such as $X"
        elif value not in self._bound and not value[1].isdigit():
            yield f"{where}: no pattern binds {value[:60]}, so this never holds"

    def regex(self, value: object, where: str) -> Problems:
        if not isinstance(value, str) or not value:
            yield f"{where} must be text that is not empty"
            return
        if value not in self._dangers:  # rules repeat theirs, and each costs what the rule may spend
            self._dangers[value] = danger_of(value, self._effort)
        if danger := self._dangers[value]:
            yield f"{where}: the regular expression {_shown(value)} is refused: {danger}"

    def fix_regex(self, definition: Mapping[str, Any]) -> Problems:
        """What is wrong with a rule's `fix-regex`, where it has one."""
        if "fix-regex" in definition:
            body = _Body({"regex": self.regex, "replacement": _any_text}, {"count": _count})
            yield from self._condition(definition["fix-regex"], "'fix-regex'", body)

    def _pattern(self, value: object, where: str) -> Problems:
        yield from text(value, where)
        if isinstance(value, str):
            yield from _too_large(value, where)
            for inner in _REGEX_IN_PATTERN.findall(value):
                yield from self.regex(inner, where)

    def _all_of(self, value: object, where: str) -> Problems:
        yield from self._members(value, where, self._operators.keys(), "put it inside 'patterns'")

    def _one_of(self, value: object, where: str) -> Problems:
        yield from self._members(value, where, _OF_EITHER, "put it inside 'patterns' there")

    def _members(self, value: object, where: str, allowed: Any, advice: str) -> Problems:
        if not isinstance(value, list) or not value:
            yield f"{where} must be a list of at least one"
            return
        for at, member in enumerate(value):
            inner = f"{where}[{at}]"
            if not isinstance(member, dict) or len(member) != 1:
                yield f"{inner} must be an object with one operator"
                continue
            operator, operand = next(iter(member.items()))
            if operator not in self._operators:
                yield f"{inner}: unknown operator {operator[:60]!r}"
            elif operator not in allowed:
                yield f"{inner}: {operator!r} has no place there: {advice}"
            else:
                yield from self._operators[operator](operand, _inside(inner, operator))

    def _nested(self, value: object, where: str) -> Problems:
        if not isinstance(value, dict):
            yield from self._pattern(value, where)
        elif len(value) != 1 or next(iter(value)) not in _NESTED:
            yield f"{where} must be text, or an object with one of {', '.join(sorted(_NESTED))}"
        else:
            operator, operand = next(iter(value.items()))
            yield from self._operators[operator](operand, _inside(where, operator))

    def _focus(self, value: object, where: str) -> Problems:
        names = value if isinstance(value, list) else [value]
        if not names:
            yield f"{where} must name at least one metavariable"
        for name in names:
            yield from self.metavariable(name, where)

    def _bodies(self) -> dict[str, _Body]:
        named = {"metavariable": self.metavariable}
        return {
            "metavariable-regex": _Body({**named, "regex": self.regex}, {"constant-propagation": flag}),
            "metavariable-pattern": _Body(named, {"language": text, **dict.fromkeys(POSITIVE, _nothing)}, POSITIVE),
            "metavariable-comparison": _Body(
                {"comparison": self._comparison}, {**named, "strip": flag, "base": _base}
            ),
            "metavariable-analysis": _Body({**named, "analyzer": _analyzer}, {}),
            "metavariable-type": _Body(
                named, {"type": text, "types": texts, "language": text}, ("type", "types")
            ),
            "metavariable-name": _Body(
                named, {"module": text, "modules": texts, "kind": text}, ("module", "modules", "kind")
            ),
        }  # fmt: skip

    def _condition_check(self, body: _Body) -> Check:
        return lambda value, where: self._condition(value, where, body)

    def _condition(self, value: object, where: str, body: _Body) -> Problems:
        if not isinstance(value, dict):
            yield f"{where} must be an object with {', '.join(body.needs)}"
            return
        known = {**body.needs, **body.may}
        for key in sorted(value.keys() - known.keys()):
            yield f"{where}: {key[:60]!r} does nothing there"
        for key in sorted(body.needs.keys() - value.keys()):
            yield f"{where}: {key!r} is missing"
        if body.one_of and sum(key in value for key in body.one_of) != 1:
            yield f"{where} needs exactly one of {', '.join(body.one_of)}"
        for key in value.keys() & known.keys():
            yield from known[key](value[key], f"{where}: {key!r}")
        yield from self.positive(value, where)

    def _comparison(self, value: object, where: str) -> Problems:
        yield from text(value, where)
        if isinstance(value, str):
            for single, double in _REGEX_IN_COMPARISON.findall(value):
                yield from self.regex(single or double, where)


def bound_by(definition: Mapping[str, Any]) -> frozenset[str]:
    """The metavariables that some pattern or regular expression of a rule may bind."""
    found: set[str] = set()
    waiting: list[tuple[str, Any]] = [(key, value) for key, value in definition.items() if key.startswith("pattern")]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((key, member) for member in value)
        elif isinstance(value, str) and key in {"regex", "pattern-regex"}:
            found.update(f"${name}" for name in re.findall(r"\(\?P?['<]([A-Z_][A-Z0-9_]*)[>']", value))
        elif isinstance(value, str) and key.startswith("pattern"):
            found.update(_METAVARIABLE.findall(value))
    return frozenset(found)


def _inside(where: str, operator: str) -> str:
    return f"{where}: {operator}" if operator in {"patterns", "pattern-either"} else f"{where}: {operator!r}"


def text(value: object, where: str) -> Problems:
    if not isinstance(value, str) or not value.strip():
        yield f"{where} must be text that is not blank"


def texts(value: object, where: str) -> Problems:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each.strip() for each in value):
        yield f"{where} must be a list of texts that are not blank"


def flag(value: object, where: str) -> Problems:
    if not isinstance(value, bool):
        yield f"{where} must be true or false"


def _too_large(pattern: str, where: str) -> Problems:
    if len(pattern) > LONGEST_PATTERN:
        yield f"{where} is longer than {LONGEST_PATTERN} characters"
    depth = deepest = 0
    for bracket in _BRACKETS.findall(pattern):
        depth = depth + 1 if bracket in "([{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    if deepest > DEEPEST_BRACKETS:
        yield f"{where} has brackets nested more than {DEEPEST_BRACKETS} deep"


def _base(value: object, where: str) -> Problems:
    if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= 36:
        yield f"{where} must be a number from 2 to 36"


def _count(value: object, where: str) -> Problems:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
        yield f"{where} must be a number from 0 to 1000000"


def _any_text(value: object, where: str) -> Problems:
    if not isinstance(value, str):
        yield f"{where} must be text"


def _analyzer(value: object, where: str) -> Problems:
    body = value if isinstance(value, dict) else {"kind": value}
    if body.keys() - {"kind", "mode"} or body.get("kind") not in _ANALYZERS or body.get("mode", "lax") not in _MODES:
        yield f"{where} must be one of {', '.join(_ANALYZERS)}, or an object with one as 'kind' and a 'mode'"


def _nothing(_value: object, _where: str) -> Problems:
    """Checked with its neighbours."""
    return iter(())


def _shown(regex: str) -> str:
    return repr(regex if len(regex) <= 60 else regex[:57] + "...")
