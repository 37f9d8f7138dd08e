"""Where do the rules of a file fire in a folder of which an index is kept?

The index and what is known of the files live in a folder of their own: the next scan reads what changed, asks the engine
for what nobody knows yet, and is done with the rest at once. What a comment waives is not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rsolv_ray.cli.scan_here import NO_GOOD, Progress, limits_here, log_at, out_of_time, rules_of
from rsolv_ray.engine.match import RULE_REFUSED, TIMED_OUT, EngineError
from rsolv_ray.engine.sarif.scan import of_known
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import Rejected, Unavailable
from rsolv_ray.model.finding import Finding
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.scanning.foreign import as_repository, as_rule, has_fit_id
from rsolv_ray.scanning.results import ResultCache
from rsolv_ray.scanning.scan import Step, scan
from rsolv_ray.settings import Settings

INDEX, RESULTS = "words", "results.sqlite"
_NOT_DONE = "Not done"
_ODD_ID = "with --index an id has lower-case letters, digits and . _ - only, at most 128"


@dataclass(frozen=True)
class Indexed:
    """What a scan of the folder `root` by its index gave; `total` files are in the rules' languages, and for `unreached`
    of them the time did not suffice."""

    root: Path
    definitions: Sequence[JsonObject]
    findings: Sequence[Finding]
    errors: Sequence[EngineError]
    unread: Sequence[str]
    total: int
    unreached: int
    engine: str

    @property
    def found(self) -> int:
        return len(self.findings)

    def rows(self) -> list[dict[str, Any]]:
        """The findings as they are shown."""
        return [
            {
                "rule": str(one.rule),
                "path": one.path,
                "start_line": one.span.start_line,
                "end_line": one.span.end_line,
                "code": one.snippet,
                "message": one.message,
            }
            for one in self.findings
        ]

    def log(self) -> bytes:
        """The SARIF log; its paths begin at the top of the git work tree where there is one."""
        return log_at(
            self.root,
            lambda root, prefix: of_known(
                self.definitions, self.findings, self.errors, root, engine=self.engine, files=self.total, prefix=prefix
            ),
        )


def scan_indexed(
    rules: Path, folder: Path, index: Path, *, timeout_s: float, tolerant: bool, tell: Progress
) -> Indexed:
    """Run the rules of a file over a folder for about `timeout_s` seconds, with the index that is kept in `index`.

    Bringing the index up to date is not cut short. `tolerant` is as in `scan_here`.

    Raises:
        Rejected: the file holds no rules, or one that is no good or has an id that findings cannot bear.
        StorageFull, Unavailable: the index cannot be written; the engine refuses every rule, or is broken.
    """
    definitions, left_out = _named(*rules_of(rules, tolerant=tolerant), tolerant=tolerant)
    _check_apart(index, folder)
    limits, heard, settings = limits_here(timeout_s), _Heard(tell), Settings.load()
    # They start while the index is opened and brought up to date.
    engine = Engine(limits=replace(limits, jobs=1), ready=limits.jobs)
    corpus = Corpus.open(index / INDEX)
    try:
        with ResultCache(index / RESULTS, cap_mb=settings.scan_cache_mb) as cache:
            gave = scan(
                engine, [as_rule(one) for one in definitions], as_repository(folder), folder, corpus, cache,
                limits=limits, budget_s=timeout_s, index_memory_mb=settings.index_memory_mb, tell=heard.step,
            )  # fmt: skip
    finally:
        engine.close()
    refused = [error for error in gave.errors if f": {RULE_REFUSED}: " in error]
    if refused and all(any(error.startswith(f"{one['id']}: ") for error in refused) for one in definitions):
        raise Unavailable(f"the engine refuses every rule: {refused[0]}")
    return Indexed(
        root=folder,
        definitions=definitions,
        findings=gave.findings,
        errors=[*left_out, *(EngineError(_NOT_DONE, _with_reason(error, limits.rule_s)) for error in gave.errors)],
        unread=gave.unread,
        total=heard.total,
        unreached=max(0, heard.total - gave.files),
        engine=engine.version,
    )


class _Heard:
    """Passes on how far the scan is."""

    def __init__(self, tell: Progress) -> None:
        self._tell, self._found, self.total = tell, 0, 0

    def step(self, step: Step) -> None:
        self._found += len(step.part.findings)
        self.total = step.files
        self._tell(step.done, step.files, self._found)


def _named(
    definitions: Sequence[JsonObject], left_out: list[EngineError], *, tolerant: bool
) -> tuple[Sequence[JsonObject], list[EngineError]]:
    """The rules that findings can name; the others are left out where that is tolerated, and refused by `as_rule` else."""
    fit = [one for one in definitions if has_fit_id(one)] if tolerant else definitions
    if not fit:
        raise Rejected(
            "no rule of the file has an id that findings can bear: lower-case letters, digits and . _ - only"
        )
    odd = [EngineError(NO_GOOD, _ODD_ID, rule=str(one["id"])[:200]) for one in definitions if one not in fit]
    return fit, [*left_out, *odd]


def _with_reason(error: str, rule_s: float) -> str:
    return f"{error}: {out_of_time(rule_s)}" if error.endswith(f": {TIMED_OUT}") else error


def _check_apart(index: Path, folder: Path) -> None:
    """An index within the folder would be among what is scanned, and a change of it a change of the folder."""
    if index.resolve().is_relative_to(folder.resolve()):
        raise Rejected(f"the index cannot be kept in {folder}, which is scanned: give --index a folder elsewhere")
