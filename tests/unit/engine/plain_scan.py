"""What does a plain scan find: every rule on every file, with neither index nor memory?

What scans that leave out files and recall answers are compared with.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rsolv_ray.engine.batches import Batched, run_in_batches
from rsolv_ray.engine.match import EngineError, Limits, Match, Target
from rsolv_ray.engine.reading import Reading
from rsolv_ray.engine.scan import LONGEST_SNIPPET, FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.languages import language_of
from rsolv_ray.model.rule import Rule

_LONGEST_METAVARIABLE = 500
_LONGEST_MESSAGE = 5_000


def scan_files(
    engine: Engine,
    rules: Sequence[Rule],
    repository: Repository,
    root: Path,
    files: Sequence[str],
    *,
    limits: Limits | None = None,
) -> FileScan:
    """Run `rules` over `files` (paths relative to `root`, with `/`) of a repository.

    Files in no known language are passed over. What breaks the engine is told in `errors`, and the rest is scanned, as
    long as the time lasts; `limits.wall_s` holds for all of it.

    Raises:
        ToolFailed: the engine is broken: it fails on any code.
    """
    known = [(file, language) for file in files if (language := language_of(file)) is not None]
    targets = [Target(path=file, file=root / file, language=language) for file, language in known]
    within = limits or engine.limits
    ran = run_in_batches(
        engine,
        [rule.definition for rule in rules],
        targets,
        limits=within,
        until=time.monotonic() + within.wall_s,
    )
    return _scanned(ran, targets, {str(rule.id): rule for rule in rules}, repository)


def _scanned(ran: Batched, targets: Sequence[Target], rules: Mapping[str, Rule], repository: Repository) -> FileScan:
    findings: list[Finding] = []
    for index, matches in groupby(ran.matches, key=lambda match: match.target):
        reading = Reading(targets[index].file, targets[index].language)
        findings += _findings(reading, list(matches), rules, repository)
    late = [f"{len(ran.unreached)} files were not reached: the time was up"] if ran.unreached else []
    return FileScan(
        findings=tuple(findings),
        errors=tuple([_told(error) for error in ran.errors if not error.is_of_parsing] + late),
        files=len(targets) - len(ran.unreached),
        unread=tuple(targets[index].path for index in ran.unread),
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
