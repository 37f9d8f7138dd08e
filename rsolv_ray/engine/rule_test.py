"""How is a rule handed over with its proof?

With a test as Semgrep's own runner reads it: code in which a comment stands over each line that the rule has to flag
(`ruleid:`) and over places that it has to spare (`ok:`), and what that code becomes by the rule's fix. It is put together
from the rule's cases, one below the other, as far as the rule finds there what it finds in each of them alone.
Source: https://semgrep.dev/docs/writing-rules/testing-rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rsolv_ray.engine.match import Match, SourceText
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.languages import extension_of
from rsolv_ray.model.rule import Case, CaseKind, Rule

__all__ = ["RuleTest", "rule_test"]

_MOST_CASES = 8
_HOLE = re.compile(r"\$(?:\.\.\.)?[A-Z_][A-Z_0-9]*(?!\w)")
"""A metavariable that the engine did not fill in."""
_SLASHES = frozenset({
    "javascript", "typescript", "java", "go", "c", "cpp", "csharp", "kotlin", "scala", "rust", "swift", "php", "solidity", "dart",
})  # fmt: skip
_SIGNS = frozenset({"python", "ruby", "bash", "terraform", "yaml", "dockerfile", "elixir"})
_OTHER = {"html": "<!-- {} -->", "ocaml": "(* {} *)", "clojure": "; {}"}


@dataclass(frozen=True, slots=True)
class RuleTest:
    """A test of one rule. `suffix` is that of its file's name, as in `.py`; `fixed` is what the fix makes of `text`, or
    None where the rule has none that says all of what is to stand there."""

    suffix: str
    text: str
    fixed: str | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A case with its marks. `expected` are the lines, from 1, where the rule has to fire."""

    text: str
    expected: frozenset[int]

    @property
    def height(self) -> int:
        return self.text.count("\n")


def rule_test(engine: Engine, rule: Rule) -> RuleTest | None:
    """The test of a rule, or None where there is no comment in its language, or no case that can be told so.

    Raises:
        ToolFailed: the engine crashed, or went over a limit.
    """
    cases = _chosen(rule.cases)
    if not cases or _comment(cases[0].language, "") is None:
        return None
    trial = _Trial(engine, rule, cases[0].language)
    pieces = [
        piece
        for case, at in zip(cases, trial.lines([case.code for case in cases]), strict=True)
        if (piece := _marked(case, at, rule))
    ]
    whole = trial.together(pieces)
    if whole is None or not whole.expected:
        return None
    return RuleTest(extension_of(trial.language), whole.text, trial.fixed(whole.text))


def _chosen(cases: Sequence[Case]) -> list[Case]:
    """The first cases in the language of the first."""
    alike = [case for case in cases if case.language == cases[0].language]
    return alike[:_MOST_CASES]


def _marked(case: Case, flagged: frozenset[int], rule: Rule) -> _Piece | None:
    """The code of a case with its marks; None where the rule does not do there what it should."""
    if (case.kind is CaseKind.FIRES) is not bool(flagged):
        return None
    lines = case.code.rstrip("\n").split("\n")
    marks = dict.fromkeys(flagged, "ruleid") or {min((one.first for one in case.lines), default=1): "ok"}
    text: list[str] = []
    expected: set[int] = set()
    for number, line in enumerate(lines, 1):
        if number in marks:
            text.append(_indented(line, _comment(case.language, f"{marks[number]}: {rule.id}") or ""))
        if number in flagged:
            expected.add(len(text) + 1)
        text.append(line)
    return _Piece("".join(f"{line}\n" for line in text), frozenset(expected))


def _indented(line: str, comment: str) -> str:
    return line[: len(line) - len(line.lstrip())] + comment


def _comment(language: str, words: str) -> str | None:
    if language in _SLASHES:
        return f"// {words}"
    if language in _SIGNS:
        return f"# {words}"
    return _OTHER[language].format(words) if language in _OTHER else None


@dataclass(frozen=True, slots=True)
class _Trial:
    """A rule at work on texts."""

    engine: Engine
    rule: Rule
    language: str

    def lines(self, texts: Sequence[str]) -> list[frozenset[int]]:
        """The lines on which the rule fires in each text."""
        found: list[set[int]] = [set() for _ in texts]
        for match in self._matches(texts):
            found[match.target].add(match.span.start_line)
        return [frozenset(lines) for lines in found]

    def together(self, pieces: Sequence[_Piece]) -> _Piece | None:
        """As many of the pieces, one below the other, as the rule finds where it should: all at once, or else one by one."""
        whole = self._kept(_joined(pieces))
        if whole is not None:
            return whole
        for piece in pieces:
            more = self._kept(_joined([*([whole] if whole else []), piece]))
            whole = more or whole
        return whole

    def _kept(self, piece: _Piece) -> _Piece | None:
        return piece if self.lines([piece.text]) == [piece.expected] else None

    def fixed(self, text: str) -> str | None:
        """What the rule's fix makes of a text, None where some of it stays unfilled. Of matches that overlap, the first is
        mended."""
        parts: list[str] = []
        end = 0
        for match in sorted(self._matches([text]), key=lambda one: (one.start, one.end)):
            if match.rendered_fix is None or (_HOLE.search(match.rendered_fix) and not _HOLE.search(match.text)):
                return None
            if match.start >= end:
                parts += [text[end : match.start], match.rendered_fix]
                end = match.end
        return "".join([*parts, text[end:]])

    def _matches(self, texts: Sequence[str]) -> Sequence[Match]:
        suffix = extension_of(self.language)
        sources = [SourceText(f"test{at}{suffix}", self.language, text) for at, text in enumerate(texts)]
        return self.engine.run_texts([self.rule.definition], sources).matches


def _joined(pieces: Sequence[_Piece]) -> _Piece:
    expected: set[int] = set()
    height = 0
    texts: list[str] = []
    for piece in pieces:
        gap = "\n" if texts else ""
        height += len(gap)
        expected |= {line + height for line in piece.expected}
        texts += [gap, piece.text]
        height += piece.height
    return _Piece("".join(texts), frozenset(expected))
