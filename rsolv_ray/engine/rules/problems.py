"""What is wrong with a rule, before any engine sees it?

Semgrep passes over much without a word: a `pattern-not` beside a top-level `pattern` is ignored, and so are unknown
keys; a rule without `message` can empty the result of its neighbours. All of that is refused here; what is looked for,
operator by operator, in `formulas`.
Source: the rule syntax of Semgrep 1.182, and what its engine was seen to do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from itertools import chain, islice

from rsolv_ray.engine.rules.breadth import is_everything
from rsolv_ray.engine.rules.formulas import FILTERS, POSITIVE, Formulas, bound_by, flag, text
from rsolv_ray.engine.rules.pcre.paths import Effort
from rsolv_ray.engine.rules.values import flaw_of
from rsolv_ray.model.languages import LANGUAGES, canonical_language
from rsolv_ray.model.noun import JsonObject

LARGEST_RULE = 64 * 1024
LONGEST_MESSAGE = 10_000
STEPS_PER_RULE = 100_000
"""What is spent on the regular expressions of one rule, in steps of `Effort`."""

REQUIRED = ("id", "languages", "severity", "message")
SEVERITIES = frozenset({"INFO", "WARNING", "ERROR", "LOW", "MEDIUM", "HIGH", "CRITICAL"})

_MOST_TOLD = 100
_OF_ANY_FILE = frozenset({"generic", "regex", "none"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_OPERATORS = frozenset(POSITIVE) | FILTERS
_TAINT = {
    "pattern-sources": frozenset({"exact", "by-side-effect", "control", "label", "requires"}),
    "pattern-sinks": frozenset({"exact", "at-exit", "requires"}),
    "pattern-sanitizers": frozenset({"exact", "by-side-effect", "not_conflicting"}),
    "pattern-propagators": frozenset({"from", "to", "by-side-effect", "label", "requires", "replace-labels"}),
}
_PLAIN = frozenset({
    *REQUIRED, "mode", "metadata", "fix", "fix-regex", "options", "paths", "min-version", "max-version",
})  # fmt: skip


def problems(definition: JsonObject, effort: Effort | None = None) -> tuple[str, ...]:
    """Everything that keeps a definition from being a well-formed rule, at most 100; empty where there is nothing.

    It does not say whether the patterns are valid code: that the engine tells. `effort` is what may be spent on regular
    expressions, where rules share it.
    """
    unfit = _unfit(definition)
    if unfit is not None:
        return (unfit,)
    formulas = Formulas(bound_by(definition), effort or Effort(STEPS_PER_RULE))
    found = chain(
        _missing(definition),
        _header(definition),
        formulas.fix_regex(definition),
        _unknown_keys(definition),
        _logic(definition, formulas),
        _breadth(definition),
    )
    return tuple(islice(found, _MOST_TOLD))


def _lacking(definition: JsonObject) -> tuple[str, ...]:
    lacking = [name for name in REQUIRED if name not in definition]
    if definition.get("mode") == "taint":
        lacking += [name for name in ("pattern-sources", "pattern-sinks") if name not in definition]
    elif not any(name in definition for name in POSITIVE):
        lacking.append("pattern")
    return tuple(lacking)


def _unfit(definition: JsonObject) -> str | None:
    """Why nothing further is said of a rule: it is no plain value of bounded size."""
    flaw = flaw_of(definition)
    if flaw is not None:
        return f"the rule is refused: {flaw}"
    if len(json.dumps(definition)) > LARGEST_RULE:
        return f"the rule is longer than {LARGEST_RULE} bytes"
    return None


def _missing(definition: JsonObject) -> Iterator[str]:
    for name in _lacking(definition):
        yield f"'{name}' is missing" if name != "pattern" else f"one of {', '.join(POSITIVE)} is missing"


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_paths(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"include", "exclude"}
        and all(isinstance(globs, list) and all(isinstance(each, str) for each in globs) for globs in value.values())
    )


def _is_version(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}", value) is not None


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
    "mode": (lambda value: isinstance(value, str) and value in ("search", "taint"), "search or taint"),
    "fix": (lambda value: isinstance(value, str), "text"),
    "metadata": (_is_object, "an object"),
    "options": (_is_object, "an object"),
    "paths": (_is_paths, "an object with lists of texts under 'include', 'exclude' or both"),
    "min-version": (_is_version, "a version such as 1.182.0"),
    "max-version": (_is_version, "a version such as 1.182.0"),
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
        if isinstance(language, str) and language.strip().lower() in _OF_ANY_FILE:
            yield (
                f"{language[:40]!r} reads any file as text, and scans look at files in known languages: name those, with "
                "'pattern-regex'"
            )
        elif not isinstance(language, str) or canonical_language(language) is None:
            yield f"unsupported language {str(language)[:40]!r}: one of {', '.join(sorted(LANGUAGES))}"


def _unknown_keys(definition: JsonObject) -> Iterator[str]:
    known = _PLAIN | _OPERATORS | _TAINT.keys()
    for name in sorted(definition.keys() - known):
        near = get_close_matches(name, known, n=1)
        yield f"unknown key {name[:60]!r}" + (f", did you mean {near[0]!r}?" if near else "")


def _logic(definition: JsonObject, formulas: Formulas) -> Iterator[str]:
    taint = definition.get("mode") == "taint"
    for name in sorted(definition.keys() & FILTERS):
        yield f"{name!r} does nothing beside the other keys of a rule: put it inside 'patterns'"
    if taint:
        for name in sorted(definition.keys() & set(POSITIVE)):
            yield f"{name!r} has no place in a rule of mode taint: put it inside sources, sinks or sanitizers"
    for name in sorted(definition.keys() & _TAINT.keys()):
        yield from _taint_part(name, definition[name], formulas) if taint else [f"{name!r} needs 'mode: taint'"]
    if not taint:
        yield from formulas.positive(definition, "the rule")


def _taint_part(name: str, value: object, formulas: Formulas) -> Iterator[str]:
    if not isinstance(value, list) or not value:
        yield f"{name!r} must be a list of at least one"
        return
    for at, part in enumerate(value):
        where = f"{name}[{at}]"
        if not isinstance(part, dict):
            yield f"{where} must be an object"
            continue
        for key in sorted(part.keys() - _TAINT[name] - set(POSITIVE)):
            yield f"{where}: {key[:60]!r} does nothing there" + (": put it inside 'patterns'" if key in FILTERS else "")
        if not part.keys() & set(POSITIVE):
            yield f"{where}: one of {', '.join(POSITIVE)} is missing"
        yield from formulas.positive(part, where)
        yield from _taint_keys(name, part, where, formulas)


def _taint_keys(name: str, part: JsonObject, where: str, formulas: Formulas) -> Iterator[str]:
    for key in ("exact", "at-exit", "control", "not_conflicting"):
        if key in part:
            yield from flag(part[key], f"{where}: {key!r}")
    if "by-side-effect" in part and part["by-side-effect"] not in (True, False, "only"):
        yield f"{where}: 'by-side-effect' must be true, false or only"
    if "label" in part:
        yield from text(part["label"], f"{where}: 'label'")
    for key in ("from", "to") if name == "pattern-propagators" else ():
        if key in part:
            yield from formulas.metavariable(part[key], f"{where}: {key!r}")
        else:
            yield f"{where}: {key!r} is missing"


def _breadth(definition: JsonObject) -> Iterator[str]:
    if definition.get("mode") != "taint":
        if is_everything(definition):
            yield "the rule matches everything: let a condition stand beside its pattern, inside 'patterns'"
        return
    for name in ("pattern-sources", "pattern-sinks", "pattern-sanitizers"):
        parts = definition.get(name)
        for at, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict) and is_everything(part):
                yield f"{name}[{at}] matches everything: let a condition stand beside its pattern, inside 'patterns'"
