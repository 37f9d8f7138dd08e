"""What do an org's rules find in these files?

Matches become findings: with a fingerprint that survives moved lines, the matched lines, and what the rule says of them.
Inline comments `nosemgrep` and `nosemgrep: <rule-id>` on the matched line, or alone on the line before, are honoured,
as Semgrep's command-line tool does.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import Path

from rsolv_ray.engine.match import EngineError, Limits, Match, Run, Target
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.fingerprints import Outline, fingerprint, normalised
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.languages import language_of
from rsolv_ray.model.rule import Rule

__all__ = ["FileScan", "scan_files"]

_LONGEST_SNIPPET = 20_000
_LONGEST_METAVARIABLE = 500
_LONGEST_MESSAGE = 5_000
_NOSEM = re.compile(r"\bnosem(?:grep)?\b(?:\s*:\s*(?P<ids>[\w.-]+(?:\s*,\s*[\w.-]+)*))?", re.IGNORECASE)
_COMMENT_ALONE = re.compile(r"^\s*[^\w\s]+\s*nosem", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileScan:
    """What some files gave. `files` counts those that were scanned.

    `errors` are what kept a rule from being run over a file; `unread` are the files that were not looked at whole, for
    that or because some part of them was not understood: silence there proves nothing.
    """

    findings: tuple[Finding, ...]
    errors: tuple[str, ...]
    files: int
    unread: tuple[str, ...] = ()


def scan_files(
    engine: Engine,
    rules: Sequence[Rule],
    repository: Repository,
    root: Path,
    files: Sequence[str],
    *,
    limits: Limits | None = None,
) -> FileScan:
    """Run `rules` over `files` (paths relative to `root`, with `/`) of a repository, in one go of the engine.

    Files in no known language are passed over. A file that crashes the engine is looked for and told in `errors`, as
    long as the time lasts; `limits.wall_s` holds for all of it.

    Raises:
        ToolFailed: the engine went over a limit, or crashes on more than one file.
    """
    known = [(file, language) for file in files if (language := language_of(file)) is not None]
    targets = [Target(path=file, file=root / file, language=language) for file, language in known]
    scan = _Scan(engine, rules, repository)
    within = limits or engine.limits
    return scan.of(targets, within, until=time.monotonic() + within.wall_s)


class _Scan:
    """The rules on their way through a repository."""

    def __init__(self, engine: Engine, rules: Sequence[Rule], repository: Repository) -> None:
        self._engine, self._repository = engine, repository
        self._definitions = [rule.definition for rule in rules]
        self._rules = {str(rule.id): rule for rule in rules}

    def of(self, targets: Sequence[Target], limits: Limits, *, until: float) -> FileScan:
        """What the targets give, by `until` (monotonic seconds)."""
        try:
            run = self._engine.run(self._definitions, targets, limits)
        except ToolFailed as error:
            left = until - time.monotonic()
            if len(targets) < 2 or left < 1:
                raise
            return self._around_the_guilty(targets, replace(limits, wall_s=left), until, error)
        return self._told(targets, run)

    def _around_the_guilty(
        self, targets: Sequence[Target], limits: Limits, until: float, error: ToolFailed
    ) -> FileScan:
        """One half after the other; should both break the engine, no single file is to blame."""
        middle, is_found = len(targets) // 2, False
        parts: list[FileScan] = []
        for half in (targets[:middle], targets[middle:]):
            try:
                parts.append(self.of(half, limits, until=until))
            except ToolFailed as again:
                if is_found or len(half) > 1:
                    raise error from again
                is_found = True
                parts.append(FileScan((), (f"{half[0].path}: {again}",), files=0, unread=(half[0].path,)))
        return FileScan(
            findings=tuple(finding for part in parts for finding in part.findings),
            errors=tuple(told for part in parts for told in part.errors),
            files=sum(part.files for part in parts),
            unread=tuple(path for part in parts for path in part.unread),
        )

    def _told(self, targets: Sequence[Target], run: Run) -> FileScan:
        findings: list[Finding] = []
        for index, matches in groupby(run.matches, key=lambda match: match.target):
            findings += _Scanned(targets[index], self._repository).findings(list(matches), self._rules)
        paths = [error.path for error in run.errors]
        every = [target.path for target in targets] if None in paths else []
        return FileScan(
            findings=tuple(findings),
            errors=tuple(_told(error) for error in run.errors if not error.is_of_parsing),
            files=len(targets),
            unread=tuple(dict.fromkeys([path for path in paths if path is not None] + every)),
        )


class _Scanned:
    """One file in which something was found."""

    def __init__(self, target: Target, repository: Repository) -> None:
        self._target, self._repository = target, repository

    @cached_property
    def _source(self) -> str:
        return self._target.file.read_bytes().decode("utf-8", "replace")

    @cached_property
    def _lines(self) -> list[str]:
        return self._source.split("\n")

    @cached_property
    def _outline(self) -> Outline:
        return Outline(self._source, self._target.language)

    def findings(self, matches: Sequence[Match], rules: Mapping[str, Rule]) -> list[Finding]:
        seen: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        found: list[Finding] = []
        for match in matches:
            tokens = normalised(match.text, self._target.language)
            enclosing = self._outline.around(match.span.start_line)
            ordinal = seen[match.rule, tokens, enclosing]
            seen[match.rule, tokens, enclosing] += 1
            if not self._is_waived(match):
                print_ = fingerprint(match.rule, tokens, enclosing, ordinal)
                found.append(self._finding(match, rules[match.rule], print_))
        return found

    def _finding(self, match: Match, rule: Rule, print_: str) -> Finding:
        lines = self._lines[match.span.start_line - 1 : match.span.end_line]
        return Finding(
            id=Finding.id_of(self._repository.id, print_, match.path),
            fingerprint=print_,
            rule=rule.id,
            rule_version=rule.version,
            repository=self._repository.id,
            path=match.path,
            span=match.span,
            snippet="\n".join(lines)[:_LONGEST_SNIPPET],
            message=match.message[:_LONGEST_MESSAGE],
            severity=rule.severity,
            cwe=rule.cwe,
            metavariables={name: text[:_LONGEST_METAVARIABLE] for name, text in match.metavariables.items()},
        )

    def _is_waived(self, match: Match) -> bool:
        first = match.span.start_line
        above = self._lines[first - 2] if first > 1 and _COMMENT_ALONE.match(self._lines[first - 2]) else ""
        return any(_waives(line, match.rule) for line in (*self._lines[first - 1 : first], above))


def _waives(line: str, rule: str) -> bool:
    found = _NOSEM.search(line)
    if found is None:
        return False
    ids = found["ids"]
    return ids is None or rule in re.split(r"\s*,\s*", ids)


def _told(error: EngineError) -> str:
    told = ": ".join(part for part in (error.path, error.rule, error.kind, error.message) if part)
    return told[:1000]
