"""What does a scan of a folder here look like in SARIF's terms?

The source is at hand, so that each result bears GitHub's own mark of its line beside our fingerprint, and a comment that
waives a rule shows as a suppression in the source. Patches have no place here: none was proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rsolv_ray.engine.match import CHANGED, RULE_REFUSED, EngineError, Match, Run, Target
from rsolv_ray.engine.reading import Reading
from rsolv_ray.engine.sarif.line_hash import line_hashes
from rsolv_ray.engine.sarif.log import Notice, Report, Result, Root, Suppression
from rsolv_ray.engine.sarif.rules import RuleText, of_definition
from rsolv_ray.engine.scan import LONGEST_SNIPPET
from rsolv_ray.model.finding import Finding
from rsolv_ray.model.ids import FindingId
from rsolv_ray.model.noun import JsonObject

_GONE = "the file is gone or another one since it was scanned"


def of_run(
    definitions: Sequence[JsonObject], run: Run, targets: Sequence[Target], root: Root, *, prefix: str = ""
) -> Report:
    """What the engine found in `targets` with the rules of a file. `prefix` leads from the root to the folder that the
    targets' paths begin in: empty, or with a `/` at its end."""
    rules = {rule.id: rule for rule in map(of_definition, definitions)}
    results: list[Result] = []
    errors = list(run.errors)
    for index, matches in groupby(run.matches, key=lambda match: match.target):
        some, target = list(matches), targets[index]
        reading = Reading(target.file, target.language)
        if reading.still_holds(some):
            results += _results(reading, some, rules, root.base, prefix)
        else:
            errors.append(EngineError(CHANGED, f"{_GONE}: {len(some)} matches are left out", path=target.path))
    refused = {error.rule for error in run.errors if error.kind == RULE_REFUSED}
    return Report(
        category="rsolv/",
        rules=list(rules.values()),
        results=results,
        roots=[root],
        notices=[_notice(error, root.base, prefix) for error in errors],
        is_successful=not rules.keys() <= refused,
        properties={"engine": run.engine, "files": len(targets)},
    )


def of_known(
    definitions: Sequence[JsonObject],
    findings: Sequence[Finding],
    errors: Sequence[EngineError],
    root: Root,
    *,
    engine: str,
    files: int,
    prefix: str = "",
) -> Report:
    """The findings of a scan that remembers what earlier ones found out: their source is not read again, so that results
    bear no mark of GitHub's, and what comments waive is not among them. `prefix` is as in `of_run`."""
    rules = {rule.id: rule for rule in map(of_definition, definitions)}
    return Report(
        category="rsolv/",
        rules=list(rules.values()),
        results=[_known(one, rules[str(one.rule)], root.base, prefix + one.path) for one in findings],
        roots=[root],
        notices=[_notice(error, root.base, prefix) for error in errors],
        properties={"engine": engine, "files": files},
    )


def _known(finding: Finding, rule: RuleText, base: str, path: str) -> Result:
    return Result(
        rule=rule.id,
        message=finding.message.strip(),
        severity=rule.severity,
        path=path,
        base=base,
        span=finding.span,
        fingerprint=finding.fingerprint,
        identity=FindingId.of(finding.fingerprint, path),
        lines=finding.snippet if len(finding.snippet) < LONGEST_SNIPPET else None,
        properties={"metavariables": {**finding.metavariables}} if finding.metavariables else {},
    )


def _results(
    reading: Reading, matches: Sequence[Match], rules: dict[str, RuleText], base: str, prefix: str
) -> Iterator[Result]:
    marks = line_hashes(reading.source)
    for match, print_ in reading.fingerprinted(matches):
        lines, line = reading.lines_of(match), match.span.start_line
        rule, path = rules[match.rule], prefix + match.path
        yield Result(
            rule=rule.id,
            message=match.message.strip(),
            severity=rule.severity,
            path=path,
            base=base,
            span=match.span,
            fingerprint=print_,
            identity=FindingId.of(print_, path),
            lines=lines if len(lines) < LONGEST_SNIPPET else None,
            line_hash=marks[line - 1] if line <= len(marks) else None,
            suppression=Suppression("inSource") if reading.waives(match) else None,
            properties={"metavariables": {**match.metavariables}} if match.metavariables else {},
        )


def _notice(error: EngineError, base: str, prefix: str) -> Notice:
    told = ": ".join(part for part in (error.rule, error.kind, error.message) if part)
    path = None if error.path is None else prefix + error.path
    if error.is_of_parsing:
        return Notice("unread-file", told, level="warning", path=path, base=base)
    return Notice("engine-error", told, path=path, base=base)
