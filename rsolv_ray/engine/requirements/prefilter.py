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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rsolv_ray.engine.job import ANSWER, RULES
from rsolv_ray.engine.requirements.algebra import all_of, any_of
from rsolv_ray.engine.requirements.regex_words import regex_requirement
from rsolv_ray.engine.semgrep import Engine, Limits, core_of_the_wheel
from rsolv_ray.engine.standby import Standby
from rsolv_ray.engine.surroundings import certify, surroundings
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.languages import canonical_language
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.requirement import EVERY_FILE, Requirement, Word
from rsolv_ray.tools import Running

__all__ = ["Prefilter", "requirements"]

_ONE_QUESTION_S = 10.0
_ALL_QUESTIONS_S = 30.0
_ADDRESS_SPACE_MB = 3072
_WORD = re.compile(r"[A-Za-z0-9_]+")
_IGNORING_CASE = frozenset({"apex", "dockerfile", "php"})
_REGEXES = frozenset({"pattern-regex", "pattern-not-regex", "regex"})
# Whether the engine answers at all.
_PLAIN_RULE: JsonObject = {"id": "plain", "languages": ["python"], "severity": "INFO", "message": "m", "pattern": "f()"}
# Says nothing of which files can match.
_IDLE = frozenset({"metadata", "fix", "fix-regex", "paths", "min-version", "max-version"})


@dataclass(frozen=True, slots=True)
class _Question:
    """One rule in one language, as the engine is asked. `regexes` are those that a word of its own hides in it."""

    rule: str
    language: str
    asked: JsonObject
    regexes: Mapping[str, str]
    ignore_case: bool


class Prefilter:
    """Asks the engine, each time in a new process.

    Args:
        core: the path of the `semgrep-core` binary, where it is not the one in the installed wheel.
        ready: how many engines wait for the next questions, which saves each a tenth of a second; `close` ends them.
    """

    def __init__(self, core: Path | None = None, *, ready: int = 0) -> None:
        self._core = core or core_of_the_wheel()
        self._standby = Standby(self._started, ready)

    def close(self) -> None:
        """End the engines that wait. It can be asked again after that."""
        self._standby.close()

    def settle(self) -> None:
        """Wait until as many engines wait as are to."""
        self._standby.settle()

    def requirements(self, rules: Sequence[JsonObject]) -> dict[str, Requirement]:
        """Rule id -> what a file of the rule's languages must hold; EVERY_FILE where nothing is known.

        One rule that is malformed spoils no other. Rules without an id are left out.
        """
        questions = [question for rule in rules for question in _questions(rule)]
        answers = _Interview(self._core, self._filters).answers(questions)
        found = dict[str, list[Requirement]]()
        for question, answer in zip(questions, answers, strict=True):
            found.setdefault(question.rule, []).append(_read(answer, question))
        named = [str(rule["id"]) for rule in rules if isinstance(rule.get("id"), str)]
        return {name: any_of(found[name]) if name in found else EVERY_FILE for name in named}

    def _filters(self, asked: bytes, wall_s: float) -> bytes:
        """What the engine prints of the rules of a configuration in JSON. Raises ToolFailed where it does not end."""
        with self._standby.taken() as spare:
            if spare is not None:
                (spare.folder / RULES).write_bytes(asked)
                if spare.begin(cpu_s=wall_s):
                    return spare.running.ended(wall_s=wall_s).output
        with TemporaryDirectory(prefix="rsolv-prefilter-") as folder:
            certify(Path(folder))
            (Path(folder) / RULES).write_bytes(asked)
            return self._started(Path(folder)).ended(wall_s=wall_s).output

    def _started(self, folder: Path) -> Running:
        return Running(
            [str(self._core), "-prefilter_of_rules", str(folder / RULES)],
            output=folder / ANSWER,
            cwd=folder,
            env=surroundings(folder),
            cpu_s=None,
            address_space_mb=_ADDRESS_SPACE_MB,
        )


def requirements(rules: Sequence[JsonObject], *, core: Path | None = None) -> dict[str, Requirement]:
    """As `Prefilter.requirements`, with an engine that is started for it: 0.1 s."""
    return Prefilter(core).requirements(rules)


def _questions(rule: JsonObject) -> Sequence[_Question]:
    name, languages = rule.get("id"), rule.get("languages")
    if not isinstance(name, str) or not isinstance(languages, list):
        return ()
    body = {key: value for key, value in rule.items() if key not in _IDLE}
    try:
        masks = _Masks(json.dumps(body))
        asked = masks.over(body)
    except RecursionError:
        return ()
    options = rule.get("options")
    caseless = isinstance(options, dict) and any("case" in key for key in options)
    known = dict.fromkeys(canonical_language(str(language)) or str(language) for language in languages)
    return [
        _Question(
            rule=name,
            language=language,
            asked={**asked, "languages": [language]},
            regexes=masks.regexes,
            ignore_case=caseless or language in _IGNORING_CASE,
        )
        for language in known
    ]


class _Masks:
    """Puts a plain word in place of each regex for the file: what the engine takes out of one and tells as identifiers
    could not be told apart from those of code. `regexes` holds them by their words, which the rule has nowhere else."""

    def __init__(self, rule: str) -> None:
        self.regexes: dict[str, str] = {}
        self._stem = "rsolvregex"
        while self._stem in rule:
            self._stem += "x"

    def over(self, value: Any) -> Any:
        """The value with every such regex masked."""
        if isinstance(value, dict):
            hidden = _REGEXES if "metavariable" not in value else _REGEXES - {"regex"}
            return {
                key: self._mask(member) if key in hidden and isinstance(member, str) else self.over(member)
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self.over(member) for member in value]
        return value

    def _mask(self, regex: str) -> str:
        mask = f"{self._stem}{len(self.regexes)}"
        self.regexes[mask] = regex
        return mask


class _Interview:
    """Asks the engine, without the rules that it refuses and by halves where that is not enough, until the time is up."""

    def __init__(self, core: Path, filters: Callable[[bytes, float], bytes]) -> None:
        self._core, self._filters = core, filters
        self._until = time.monotonic() + _ALL_QUESTIONS_S

    def answers(self, questions: Sequence[_Question]) -> Sequence[object]:
        """The engine's filter for each question, in order; None where it has none or does not tell."""
        told = self._told(questions)
        if told is not None:
            return told
        if self._told(_questions(_PLAIN_RULE)) is None:
            return [None] * len(questions)
        refused = self._refused(questions)
        rest = iter(self._by_halves([question for at, question in enumerate(questions) if at not in refused]))
        return [None if at in refused else next(rest) for at in range(len(questions))]

    def _by_halves(self, questions: Sequence[_Question]) -> Sequence[object]:
        told = self._told(questions)
        if told is not None:
            return told
        if len(questions) == 1 or time.monotonic() > self._until:
            return [None] * len(questions)
        half = len(questions) // 2
        return [*self._by_halves(questions[:half]), *self._by_halves(questions[half:])]

    def _refused(self, questions: Sequence[_Question]) -> set[int]:
        """Which questions the engine does not understand at all: one such silences it for all the others."""
        engine = Engine("core", Limits(wall_s=_ONE_QUESTION_S), core=self._core)
        try:
            errors = engine.run([_numbered(question, at) for at, question in enumerate(questions)], ()).errors
        except ToolFailed:
            return set()
        return {int(error.rule.removeprefix("q")) for error in errors if error.rule is not None}

    def _told(self, questions: Sequence[_Question]) -> Sequence[object] | None:
        left = self._until - time.monotonic()
        if not questions or left <= 0:
            return [None] * len(questions)
        asked = {"rules": [_numbered(question, at) for at, question in enumerate(questions)]}
        try:
            output = self._filters(
                json.dumps(asked, ensure_ascii=False).encode("utf-8", "replace"), min(left, _ONE_QUESTION_S)
            )
        except ToolFailed:
            return None
        return _by_number(output, len(questions))


def _numbered(question: _Question, at: int) -> JsonObject:
    return {**question.asked, "id": f"q{at}"}


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
        case ["Pred", ["Idents", [str() as name]]] if name in question.regexes:
            return regex_requirement(question.regexes[name])
        case ["Pred", ["Idents", [*names]]] if all(isinstance(name, str) for name in names):
            return all_of(leaf for name in names for leaf in _words_of(str(name), question))
        case ["Pred", ["Regexp", str() as regex]]:
            return regex_requirement(regex, anchored=False)
        case _:
            return EVERY_FILE


def _words_of(name: str, question: _Question) -> Sequence[Requirement]:
    return [Word(text=run, ignore_case=question.ignore_case) for run in _WORD.findall(name)]
