"""Can this finding be mended by its rule?

The rule's own `fix`, or `fix-regex`, filled in by the engine, is put in the finding's place. The patch is offered only where it proves
itself: nothing of the template is left unfilled, the file parses as well as before, the place is silent, and nothing new
is found in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.engine.match import Match, Run
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.fingerprints import syntax_errors
from rsolv_ray.model.finding import Finding, Proposal
from rsolv_ray.model.ids import FindingId, ProposalId, RepositoryId
from rsolv_ray.model.languages import language_of
from rsolv_ray.model.rule import Rule

__all__ = ["Withheld", "patch", "patches", "source_of"]

_METAVARIABLE = re.compile(r"\$(?:\.\.\.)?[A-Z_][A-Z_0-9]*(?!\w)")


@dataclass(frozen=True, slots=True)
class Withheld:
    """No patch is offered for a finding, and why."""

    finding: FindingId
    reason: str


@dataclass(frozen=True, slots=True)
class _Edit:
    """A finding's file with the fix in place. `start` and `end` are character offsets of what is replaced by `fix`."""

    rule: Rule
    finding: Finding
    source: str
    start: int
    end: int
    fix: str

    @property
    def result(self) -> str:
        return self.source[: self.start] + self.fix + self.source[self.end :]

    def moved(self, match: Match) -> tuple[str, int, int] | None:
        """Where a match of the source is to be found in the result; None if it was replaced."""
        grown = len(self.fix) - (self.end - self.start)
        if match.end <= self.start:
            return match.rule, match.start, match.end
        if match.start >= self.end:
            return match.rule, match.start + grown, match.end + grown
        if (match.start, match.end) != (self.start, self.end) and match.start <= self.start and match.end >= self.end:
            return match.rule, match.start, match.end + grown
        return None


def patch(engine: Engine, rule: Rule, finding: Finding, source: str, *, now: datetime) -> Proposal | str:
    """A proposal for one finding of `rule` in `source` (the whole file), or why none is offered.

    Raises:
        ToolFailed: the engine crashed, or went over a limit.
    """
    answer = _offered(engine, [rule], [(finding, source)], now)[0]
    return answer.reason if isinstance(answer, Withheld) else answer


def patches(
    engine: Engine,
    rules: Sequence[Rule],
    findings: Sequence[Finding],
    folders: Mapping[RepositoryId, Path] | Mapping[str, Path],
    *,
    now: datetime,
) -> tuple[Proposal | Withheld, ...]:
    """One answer for each finding, in order, in two runs of the engine; `folders` maps a repository to its files.

    Raises:
        ToolFailed: the engine crashed, or went over a limit.
    """
    by_repository = {str(repository): folder for repository, folder in folders.items()}
    read = [(finding, source_of(by_repository[finding.repository], finding.path)) for finding in findings]
    return _offered(engine, rules, read, now)


def _offered(
    engine: Engine, rules: Sequence[Rule], findings: Sequence[tuple[Finding, str | None]], now: datetime
) -> tuple[Proposal | Withheld, ...]:
    definitions, by_id = [rule.definition for rule in rules], {rule.id: rule for rule in rules}
    texts = [_text(finding, source or "") for finding, source in findings]
    before = engine.run_texts(definitions, texts)
    edits = [
        _edit(by_id.get(finding.rule), finding, source, _of(before, index))
        for index, (finding, source) in enumerate(findings)
    ]
    results = [
        _text(edit.finding, edit.result) if isinstance(edit, _Edit) else texts[index]
        for index, edit in enumerate(edits)
    ]
    after = engine.run_texts(definitions, results)
    return tuple(
        _judged(edit, before, after, index, now) if isinstance(edit, _Edit) else edit
        for index, edit in enumerate(edits)
    )


def source_of(folder: Path, path: str) -> str | None:
    """The file's text with its own line ends; None if it is gone, is no plain file of the folder, or is no UTF-8."""
    file = folder / path
    try:
        if file.resolve(strict=True) != folder.resolve() / path:
            return None
        return file.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, UnicodeDecodeError):
        return None


def _text(finding: Finding, source: str) -> SourceText:
    language = language_of(finding.path)
    assert language is not None, "only files in known languages are scanned"
    return SourceText(finding.path, language, source)


def _of(run: Run, index: int) -> list[Match]:
    return [match for match in run.matches if match.target == index]


def _edit(rule: Rule | None, finding: Finding, source: str | None, matches: Sequence[Match]) -> _Edit | Withheld:
    if rule is None or not rule.mends:
        return Withheld(finding.id, "the rule has no fix")
    if source is None:
        return Withheld(finding.id, "the file is gone, or is no UTF-8 text")
    here = next((one for one in matches if (one.rule, one.span) == (rule.id, finding.span)), None)
    if here is None:
        return Withheld(finding.id, "the code has changed since it was scanned")
    if here.rendered_fix is None or here.rendered_fix == here.text:
        return Withheld(finding.id, "the fix changes nothing here")
    if unfilled := _unfilled(rule.fix or "", here.rendered_fix):
        return Withheld(finding.id, f"the fix does not fit this form: {', '.join(unfilled)} stands for nothing here")
    return _Edit(rule, finding, source, here.start, here.end, here.rendered_fix)


def _unfilled(template: str, rendered: str) -> list[str]:
    """The metavariables of a template that are still there. They may well parse: `$FORMAT` is a variable in PHP."""
    left = set(_METAVARIABLE.findall(rendered))
    return [name for name in dict.fromkeys(_METAVARIABLE.findall(template)) if name in left]


def _judged(edit: _Edit, before: Run, after: Run, index: int, now: datetime) -> Proposal | Withheld:
    reason = _why_not(edit, before, after, index)
    if reason is not None:
        return Withheld(edit.finding.id, reason)
    diff = unified_diff(edit.finding.path, edit.source, edit.result)
    return Proposal(
        id=ProposalId.of(edit.finding.id, edit.rule.version, diff),
        finding=edit.finding.id,
        rule=edit.rule.id,
        rule_version=edit.rule.version,
        repository=edit.finding.repository,
        path=edit.finding.path,
        diff=diff,
        created_at=now,
    )


def _why_not(edit: _Edit, before: Run, after: Run, index: int) -> str | None:
    if _is_worse(edit, before, after, index):
        return "the fixed file would not parse"
    if any(error.target == index or error.rule == edit.rule.id for error in after.errors if not error.is_of_parsing):
        return "the engine could not look at the fixed file"
    expected = {moved for match in _of(before, index) if (moved := edit.moved(match)) is not None}
    found = {(match.rule, match.start, match.end) for match in _of(after, index)}
    new = found - expected
    if any(
        rule == edit.rule.id and start < edit.start + len(edit.fix) and end > edit.start for rule, start, end in new
    ):
        return "the rule would still fire there"
    return "the fix would bring a new finding" if new else None


def _is_worse(edit: _Edit, before: Run, after: Run, index: int) -> bool:
    language = language_of(edit.finding.path) or ""
    old, new = syntax_errors(edit.source, language), syntax_errors(edit.result, language)
    if old is not None and new is not None and new > old:
        return True
    gaps = [sum(error.target == index and error.is_of_parsing for error in run.errors) for run in (before, after)]
    return gaps[1] > gaps[0]
