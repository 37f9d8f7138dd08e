"""What do an org's rules find in these files?

Matches become findings: with a fingerprint that survives moved lines, the matched lines, and what the rule says of them.
Inline comments that waive a rule are honoured, as Semgrep's command-line tool does.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from rsolv_ray.engine.match import EngineError, Limits, Match, Run, Target
from rsolv_ray.engine.reading import Reading
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.languages import language_of
from rsolv_ray.model.rule import Rule

__all__ = ["LONGEST_SNIPPET", "FileScan", "scan_files"]

LONGEST_SNIPPET = 20_000
"""A snippet of so many characters may have been cut."""
_LONGEST_METAVARIABLE = 500
_LONGEST_MESSAGE = 5_000


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
            reading = Reading(targets[index].file, targets[index].language)
            findings += _findings(reading, list(matches), self._rules, self._repository)
        paths = [error.path for error in run.errors]
        every = [target.path for target in targets] if None in paths else []
        return FileScan(
            findings=tuple(findings),
            errors=tuple(_told(error) for error in run.errors if not error.is_of_parsing),
            files=len(targets),
            unread=tuple(dict.fromkeys([path for path in paths if path is not None] + every)),
        )


def _findings(
    reading: Reading, matches: Sequence[Match], rules: Mapping[str, Rule], repository: Repository
) -> Iterator[Finding]:
    """What was found in one file, but for what its comments waive."""
    for match, print_ in reading.fingerprinted(matches):
        if not reading.waives(match):
            yield _finding(reading, match, rules[match.rule], print_, repository)


def _finding(reading: Reading, match: Match, rule: Rule, print_: str, repository: Repository) -> Finding:
    return Finding(
        id=Finding.id_of(repository.id, print_, match.path),
        fingerprint=print_,
        rule=rule.id,
        rule_version=rule.version,
        repository=repository.id,
        path=match.path,
        span=match.span,
        snippet=reading.lines_of(match)[:LONGEST_SNIPPET],
        message=match.message[:_LONGEST_MESSAGE],
        severity=rule.severity,
        cwe=rule.cwe,
        metavariables={name: text[:_LONGEST_METAVARIABLE] for name, text in match.metavariables.items()},
    )


def _told(error: EngineError) -> str:
    told = ": ".join(part for part in (error.path, error.rule, error.kind, error.message) if part)
    return told[:1000]
