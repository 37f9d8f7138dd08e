"""Where do the rules of a file fire in a folder here? Piece by piece, so that people see how far it is and it ends in time.

What breaks the engine costs itself alone: it is named, and everything else is scanned. Nothing is kept for another time.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

from rsolv_ray.cli.console import one_line, say, show_json, show_table
from rsolv_ray.cli.text_file import text_of
from rsolv_ray.cli.words import first_line
from rsolv_ray.engine.batches import Batched, run_in_batches
from rsolv_ray.engine.match import RULE_REFUSED, TIMED_OUT, EngineError, Limits, Match, Run, Target
from rsolv_ray.engine.reading import Reading
from rsolv_ray.engine.rules.configuration import LARGEST_TEXT, checked_rules, read_rules
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.engine.sarif.log import SOURCE_ROOT, Report, Root, dumped
from rsolv_ray.engine.sarif.scan import of_run
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.event_words import counted
from rsolv_ray.model.errors import Rejected, Unavailable
from rsolv_ray.model.languages import canonical_language, language_of
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.repos.provenance import provenance
from rsolv_ray.repos.targets import targets as files_of
from rsolv_ray.scanning.pieces import Pace
from rsolv_ray.settings import Settings

NO_GOOD = "Rule left out"
_FIRST_PIECE, _LARGEST_PIECE = 400, 20_000
_WORD_EVERY_S = 2.0

Progress = Callable[[int, int, int], None]
"""Is told how many of how many files are scanned, and how often rules fired there."""


class Outcome(Protocol):
    """What a scan here came to, as far as it is told: `unreached` of `total` files were not come to."""

    @property
    def found(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def unreached(self) -> int: ...
    @property
    def errors(self) -> Collection[EngineError]: ...
    @property
    def unread(self) -> Collection[str]: ...
    def rows(self) -> list[dict[str, Any]]:
        """The findings as they are shown."""
        ...

    def log(self) -> bytes:
        """The SARIF log."""
        ...


@dataclass
class Scanned:
    """What was scanned in the folder `root`, and what that gave so far. `unreached` are the files that the time did not
    suffice for; they are among `unread`, of which silence proves nothing."""

    root: Path
    definitions: Sequence[JsonObject]
    targets: Sequence[Target]
    matches: list[Match] = field(default_factory=list[Match])
    errors: dict[EngineError, None] = field(default_factory=dict[EngineError, None])
    unread: list[str] = field(default_factory=list[str])
    unreached: int = 0
    engine: str = ""
    elapsed_s: float = 0.0
    rule_s: float = Limits().rule_s

    @property
    def found(self) -> int:
        return len(self.matches)

    @property
    def total(self) -> int:
        return len(self.targets)

    def rows(self) -> list[dict[str, Any]]:
        """The findings as they are shown."""
        return list(_findings(self))

    def log(self) -> bytes:
        """The SARIF log; its paths begin at the top of the git work tree where there is one."""
        return log_at(
            self.root, lambda root, prefix: of_run(self.definitions, self.run, self.targets, root, prefix=prefix)
        )

    @property
    def run(self) -> Run:
        """All of it as if it had been one run of the engine."""
        return Run(tuple(self.matches), tuple(self.errors), self.elapsed_s, self.engine)

    def take(self, gave: Batched, first: int) -> None:
        """Add what the targets from number `first` on gave."""
        self.matches += [replace(one, target=one.target + first) for one in gave.matches]
        shifted = (one if one.target is None else replace(one, target=one.target + first) for one in gave.errors)
        self.errors |= dict.fromkeys(replace(one, message=one.message or self._why(one)) for one in shifted)
        self.unread += [self.targets[first + at].path for at in gave.unread]
        self.unreached += len(gave.unreached)
        self.engine = gave.engine or self.engine

    def _why(self, error: EngineError) -> str:
        """What is told of an error of which the engine says no more than its kind."""
        return out_of_time(self.rule_s) if error.kind == TIMED_OUT else ""


def scan_here(rules: Path, path: Path, *, timeout_s: float, tolerant: bool, tell: Progress) -> Scanned:
    """Run the rules of a file over a file or folder for at most `timeout_s` seconds.

    `tolerant`: rules that are no good are left out and told, where they would all be refused otherwise.

    Raises:
        Rejected: the file holds no rules, or one that is no good.
        Unavailable: the engine refuses every rule, or is broken.
    """
    definitions, left_out = rules_of(rules, tolerant=tolerant)
    root = path.parent if path.is_file() else path
    engine, limits = Engine(), limits_here(timeout_s)
    told = dict.fromkeys(left_out)
    scanned = Scanned(root, definitions, _targets(definitions, path), errors=told, rule_s=limits.rule_s)
    began = time.monotonic()
    pace, first = Pace(_WORD_EVERY_S, at_least=_FIRST_PIECE, at_most=_LARGEST_PIECE), 0
    for some in pace.pieces(scanned.targets):
        gave = run_in_batches(engine, definitions, some, limits=limits, until=began + timeout_s)
        scanned.take(gave, first)
        first += len(some)
        tell(first, len(scanned.targets), len(scanned.matches))
    scanned.elapsed_s = time.monotonic() - began
    refused = [error for error in scanned.errors if error.kind == RULE_REFUSED]
    if refused and len({error.rule for error in refused}) == len(definitions):
        raise Unavailable(f"the engine refuses every rule: {refused[0].message}")
    return scanned


def out_of_time(rule_s: float) -> str:
    """Why a rule gave no answer on a file; the engine itself says that it timed out, and no more."""
    return f"the rule was not done with the file within {rule_s:g} s, and was given up there"


def progress_line(done: int, total: int, found: int) -> None:
    """How far a scan is, on one line of the terminal that errors go to; nothing where that is none."""
    if sys.stderr.isatty():
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r\x1b[Kscanned {done:,} of {counted(total, 'file')}, {counted(found, 'finding')}{end}")
        sys.stderr.flush()


def limits_here(timeout_s: float) -> Limits:
    """What the engine may use on this machine, by its settings."""
    return Limits(wall_s=timeout_s, jobs=os.cpu_count() or 1, memory_mb=Settings.load().engine_memory_mb)


def show(scanned: Outcome, *, as_json: bool) -> None:
    """Tell what was found and what was not looked at."""
    found = sorted(scanned.rows(), key=itemgetter("path", "start_line", "rule"))
    if as_json:
        errors = [{"kind": e.kind, "message": e.message, "rule": e.rule, "path": e.path} for e in scanned.errors]
        show_json({"findings": found, "errors": errors, "unread": list(scanned.unread), "unreached": scanned.unreached})
        return
    rows = [(f"{one['path']}:{one['start_line']}", one["rule"], first_line(one["code"])) for one in found]
    show_table(("place", "rule", "code"), rows, empty="nothing was found")
    for error in scanned.errors:
        where = ": ".join(one_line(part) for part in (error.path, error.rule) if part)
        say(f"{error.kind}: {error.message}" + (f" ({where})" if where else ""))


def log_at(folder: Path, report: Callable[[Root, str], Report]) -> bytes:
    """A SARIF log of what was found in a folder. `report` is told what its paths begin at, and what leads to the folder
    from there."""
    known = provenance(folder)
    if known is None:
        return dumped(report(Root(SOURCE_ROOT, "The folder that was scanned."), ""))
    top = Root(SOURCE_ROOT, "The top folder of the repository.", known.address, known.branch, known.revision)
    return dumped(report(top, known.prefix))


def rules_of(file: Path, *, tolerant: bool) -> tuple[Sequence[JsonObject], list[EngineError]]:
    """The rules to run, and what there is to tell of those that were left out.

    Raises:
        Usage: the file is no text that can be read.
        Rejected: the file holds no rules, or one that is no good; where that is tolerated, none that is any good.
    """
    text = text_of(file, most=LARGEST_TEXT)
    if not tolerant:
        return checked_rules(text), []
    good: list[JsonObject] = []
    left_out: list[EngineError] = []
    for at, rule in enumerate(read_rules(text)):
        found = problems(rule)
        if found:
            left_out.append(EngineError(NO_GOOD, "; ".join(found), rule=str(rule.get("id", f"rule {at}"))[:200]))
        else:
            good.append(rule)
    if not good:
        raise Rejected(f"no rule of the file is any good; of the first: {left_out[0].message}")
    return good, left_out


def _targets(definitions: Sequence[JsonObject], path: Path) -> list[Target]:
    names = [rule["languages"] for rule in definitions]
    spoken = {canonical_language(str(name)) for some in names if isinstance(some, list) for name in some}
    languages = {language for language in spoken if language}
    root, files = (path.parent, (path.name,)) if path.is_file() else (path, files_of(path, languages))
    return [
        Target(path=file, file=(root / file).resolve(), language=language)
        for file in files
        if (language := language_of(file)) in languages and language is not None
    ]


def _findings(scanned: Scanned) -> Iterator[dict[str, Any]]:
    for index, matches in groupby(scanned.matches, key=lambda match: match.target):
        target = scanned.targets[index]
        reading = Reading(target.file, target.language)
        for match in matches:
            yield {
                "rule": match.rule,
                "path": match.path,
                "start_line": match.span.start_line,
                "end_line": match.span.end_line,
                "code": _code(reading, match),
                "message": match.message,
            }


def _code(reading: Reading, match: Match) -> str:
    """The lines of a match; what was matched, where the file has gone or become another one since."""
    return reading.lines_of(match) if reading.still_holds([match]) else match.text
