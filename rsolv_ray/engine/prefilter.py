"""Which words must a file hold so that a rule can fire in it?

The engine's own filter is asked for (`semgrep-core -prefilter_of_rules`) and read as a requirement over whole words, since
an identifier of a pattern stands in the source as a whole run of word characters. What the engine does not tell, what does
not parse and what has an unknown shape is required of nothing: every file is looked at.
Source: Analyze_rule.ml and Analyze_pattern.ml of Semgrep.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rsolv_ray.engine.regex_words import regex_requirement
from rsolv_ray.engine.requirement_algebra import all_of, any_of
from rsolv_ray.engine.semgrep import core_of_the_wheel
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.languages import canonical_language
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.requirement import EVERY_FILE, Part, Requirement, Word
from rsolv_ray.tools import run_limited

__all__ = ["requirements"]

_ONE_QUESTION_S = 10.0
_ALL_QUESTIONS_S = 30.0
_ADDRESS_SPACE_MB = 3072
_SHORTEST_PART = 2
_WORD = re.compile(r"[A-Za-z0-9_]+")
_IGNORING_CASE = frozenset({"apex", "dockerfile", "php"})
# Of text rather than of code: a word of the pattern may be matched inside a longer one.
_OF_TEXT = frozenset({"generic", "regex"})
# Says nothing of which files can match.
_IDLE = frozenset({"metadata", "fix", "fix-regex", "paths", "min-version", "max-version"})


@dataclass(frozen=True, slots=True)
class _Question:
    """One rule in one language, as the engine is asked. `wrapped` holds its regexes as they go out -> as they were."""

    rule: str
    language: str
    asked: JsonObject
    wrapped: Mapping[str, str]
    ignore_case: bool


def requirements(rules: Sequence[JsonObject], *, core: Path | None = None) -> dict[str, Requirement]:
    """Rule id -> what a file of the rule's languages must hold; EVERY_FILE where nothing is known. Takes 0.1 s.

    Args:
        rules: Semgrep rules as objects. One that is malformed spoils no other. Rules without an id are left out.
        core: the path of the `semgrep-core` binary, where it is not the one in the installed wheel.
    """
    questions = [question for rule in rules for question in _questions(rule)]
    answers = _Interview(core or core_of_the_wheel()).answers(questions)
    found = dict[str, list[Requirement]]()
    for question, answer in zip(questions, answers, strict=True):
        found.setdefault(question.rule, []).append(_read(answer, question))
    named = [str(rule["id"]) for rule in rules if isinstance(rule.get("id"), str)]
    return {name: any_of(found[name]) if name in found else EVERY_FILE for name in named}


def _questions(rule: JsonObject) -> Sequence[_Question]:
    name, languages = rule.get("id"), rule.get("languages")
    if not isinstance(name, str) or not isinstance(languages, list):
        return ()
    wrapped = dict[str, str]()
    asked = {key: _wrapping(value, key, wrapped) for key, value in rule.items() if key not in _IDLE}
    options = rule.get("options")
    caseless = isinstance(options, dict) and any("case" in key for key in options)
    known = dict.fromkeys(canonical_language(str(language)) or str(language) for language in languages)
    return [
        _Question(
            rule=name,
            language=language,
            asked={**asked, "languages": [language]},
            wrapped=wrapped,
            ignore_case=caseless or language in _IGNORING_CASE,
        )
        for language in known
    ]


def _wrapping(value: Any, key: str, wrapped: dict[str, str]) -> Any:
    """The value with each `pattern-regex` in a group, so that the engine does not tell a plain one as an identifier."""
    if key in {"pattern-regex", "pattern-not-regex"} and isinstance(value, str):
        wrapped[f"(?:{value})"] = value
        return f"(?:{value})"
    if isinstance(value, dict):
        return {inner: _wrapping(member, inner, wrapped) for inner, member in value.items()}
    if isinstance(value, list):
        return [_wrapping(member, "", wrapped) for member in value]
    return value


class _Interview:
    """Asks the engine, by halves where one rule spoils the answer for its neighbours, until the time is up."""

    def __init__(self, core: Path) -> None:
        self._core = core
        self._until = time.monotonic() + _ALL_QUESTIONS_S

    def answers(self, questions: Sequence[_Question]) -> Sequence[object]:
        """The engine's filter for each question, in order; None where it has none or does not tell."""
        left = self._until - time.monotonic()
        if not questions or left <= 0:
            return [None] * len(questions)
        told = self._told(questions, min(left, _ONE_QUESTION_S))
        if told is not None:
            return told
        half = len(questions) // 2
        return [None] if half == 0 else [*self.answers(questions[:half]), *self.answers(questions[half:])]

    def _told(self, questions: Sequence[_Question], wall_s: float) -> Sequence[object] | None:
        asked = {"rules": [{**question.asked, "id": f"q{at}"} for at, question in enumerate(questions)]}
        with TemporaryDirectory(prefix="rsolv-prefilter-") as folder:
            file = Path(folder) / "rules.json"
            file.write_bytes(json.dumps(asked, ensure_ascii=False).encode("utf-8", "replace"))
            try:
                ended = run_limited(
                    [str(self._core), "-prefilter_of_rules", str(file)],
                    output=Path(folder) / "answer.json",
                    cwd=Path(folder),
                    env={"HOME": folder, "TMPDIR": folder, "LC_ALL": "C.UTF-8"},
                    wall_s=wall_s,
                    cpu_s=None,
                    address_space_mb=_ADDRESS_SPACE_MB,
                )
            except ToolFailed:
                return None
        return _by_number(ended.output, len(questions))


def _by_number(output: bytes, count: int) -> Sequence[object] | None:
    try:
        told = {entry["rule_id"]: entry["filter"] for entry in json.loads(output)}
        return [told[f"q{at}"] for at in range(count)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _read(answer: object, question: _Question) -> Requirement:
    match answer:
        case ["Some", formula]:
            return _formula(formula, question)
        case _:
            return EVERY_FILE


def _formula(formula: object, question: _Question) -> Requirement:
    match formula:
        case ["And", [*members]]:
            return all_of(_formula(member, question) for member in members)
        case ["Or", [_, *_] as members]:
            return any_of(_formula(member, question) for member in members)
        case ["Pred", ["Idents", [*names]]]:
            return all_of(leaf for name in names for leaf in _words_of(str(name), question))
        case ["Pred", ["Regexp", str() as regex]]:
            original = question.wrapped.get(regex)
            return regex_requirement(regex if original is None else original, anchored=original is not None)
        case _:
            return EVERY_FILE


def _words_of(name: str, question: _Question) -> Sequence[Requirement]:
    runs = _WORD.findall(name)
    if question.language in _OF_TEXT or "match" in question.asked:
        return [Part(text=run, ignore_case=question.ignore_case) for run in runs if len(run) >= _SHORTEST_PART]
    return [Word(text=run, ignore_case=question.ignore_case) for run in runs]
