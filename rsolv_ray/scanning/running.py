"""What does one part of a scan give, and what of that may be remembered?

After the engine each file is read once more: what its places are made of is the content that was planned for, or the file
is told as changed and nothing of it is. An answer is remembered where the core ran its rule to the end on a content that
was there, unchanged, all the while. What a timeout, a crash or a cap cut short is told and found again the next time.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from rsolv_ray.engine.batches import Batched, Settled, run_in_batches
from rsolv_ray.engine.match import EngineError, Limits, Match, Target
from rsolv_ray.engine.reading import Reading
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import IndexedFile
from rsolv_ray.repos.reading import content_hash, read
from rsolv_ray.scanning.firings import Firing, Firings, findings_of, firing_of
from rsolv_ray.scanning.keys import content_key, is_bound_to_paths, path_key, rule_key
from rsolv_ray.scanning.planning import PlanPart
from rsolv_ray.scanning.results import Learned, ResultCache

__all__ = ["Outcome", "outcome_of", "remembered", "run_part"]

_CLOCK_TICK_NS = 20_000_000
"""The file system's clock may be behind by so much."""
_KEPT_ENGINE = "semgrep-core"
"""Only its answers are remembered: the command-line tool tells less of a match."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a part gave, and what of that is to be remembered."""

    told: FileScan
    learned: tuple[Learned, ...]


def run_part(  # noqa: PLR0917 - who looks for what, where; and what is known
    engine: Engine,
    rules: Sequence[Rule],
    repository: Repository,
    root: Path,
    part: PlanPart,
    cache: ResultCache,
    *,
    limits: Limits,
) -> FileScan:
    """Run one part of a plan for `rules` over `root`, and remember what it gave; `limits.wall_s` holds for all of it.

    A file that changed since it was planned, or while it was scanned, is told as unread, without findings.

    Raises:
        ToolFailed: the engine is broken: it fails on any code.
    """
    return remembered(outcome_of(engine, rules, repository, root, part, limits=limits), cache)


def remembered(outcome: Outcome, cache: ResultCache) -> FileScan:
    """What a part gave, and the cache knows it now. To be called on the cache's thread."""
    cache.record(outcome.learned)
    if cache.trouble is None:
        return outcome.told
    return replace(outcome.told, errors=tuple(dict.fromkeys((*outcome.told.errors, cache.trouble))))


def outcome_of(
    engine: Engine,
    rules: Sequence[Rule],
    repository: Repository,
    root: Path,
    part: PlanPart,
    *,
    limits: Limits,
    between: Callable[[], None] = lambda: None,
) -> Outcome:
    """What one part of a plan gives, on any thread. `between` is called after each run of the engine; what it raises ends
    the part. Raises otherwise as `run_part` does."""
    began_ns = time.time_ns() - _CLOCK_TICK_NS
    wanted = {str(rule.id): rule for rule in rules}
    targets = [Target(path=file.path, file=root / file.path, language=file.language) for file in part.files]
    runs: list[Settled] = []

    def take(run: Settled) -> None:
        runs.append(run)
        between()

    ran = run_in_batches(
        engine,
        [wanted[rule].definition for rule in part.rules],
        targets,
        limits=limits,
        until=time.monotonic() + limits.wall_s,
        on_part=take,
    )
    gave = _Gave(part, wanted, ran, _seen(part.files, root, ran, began_ns))
    return Outcome(gave.told(repository), tuple(gave.learned(_settled(ran, runs), engine.version)))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What rules gave on a file whose content is the one that was planned for; `is_sure`: it has been so all the while."""

    fired: Mapping[str, Firings]
    is_sure: bool


def _seen(files: Sequence[IndexedFile], root: Path, ran: Batched, began_ns: int) -> dict[int, _Seen]:
    """The files that are what they were planned as, by number."""
    matches = {at: tuple(some) for at, some in groupby(ran.matches, key=lambda match: match.target)}
    seen: dict[int, _Seen] = {}
    for at, file in enumerate(files):
        content = read(str(root / file.path), file.size)
        if content is None or content_hash(content.data).hex() != file.key:
            continue
        reading, some = Reading(content.data, file.language), matches.get(at, ())
        _, _, changed_ns, _ = content.stamp
        is_sure = changed_ns < began_ns
        # Another content may have been there for a moment, and have been what the engine saw.
        if is_sure or reading.still_holds(some):
            seen[at] = _Seen(_fired(some, reading), is_sure)
    return seen


def _fired(matches: Sequence[Match], reading: Reading) -> dict[str, Firings]:
    """Rule -> the places where it fires."""
    fired: defaultdict[str, list[Firing]] = defaultdict(list)
    for match in matches:
        fired[match.rule].append(firing_of(match, reading))
    return {rule: tuple(some) for rule, some in fired.items()}


def _settled(ran: Batched, runs: Sequence[Settled]) -> dict[int, set[str]]:
    """Target -> the rules that the core ran on it to the end."""
    settled: defaultdict[int, set[str]] = defaultdict(set)
    for run in runs:
        for target in run.targets if run.engine.startswith(_KEPT_ENGINE) else ():
            settled[target].update(run.rules)
    for error in (*ran.errors, *(error for run in runs for error in run.errors)):
        if not error.is_of_parsing:
            _unsettle(settled, error)
    return settled


def _unsettle(settled: dict[int, set[str]], error: EngineError) -> None:
    """What an error names was not run to the end: a pair, a rule, a target, or else anything."""
    for target in settled if error.target is None else [error.target]:
        if error.rule is None:
            settled[target] = set()
        else:
            settled[target].discard(error.rule)


@dataclass(frozen=True, slots=True)
class _Gave:
    """What the engine gave on a part, and the files of it that are what they were planned as."""

    part: PlanPart
    rules: Mapping[str, Rule]
    ran: Batched
    seen: Mapping[int, _Seen]

    def learned(self, settled: Mapping[int, set[str]], engine: str) -> Iterator[Learned]:
        """What is to be remembered."""
        keys = {rule: rule_key(self.rules[rule].definition) for rule in self.part.rules}
        bound = {rule for rule in self.part.rules if is_bound_to_paths(self.rules[rule].definition)}
        not_understood = {error.target for error in self.ran.errors if error.is_of_parsing}
        for at, seen in ((at, seen) for at, seen in self.seen.items() if seen.is_sure):
            file, rules = self.part.files[at], settled.get(at, set())
            content = content_key(file.key, file.path, file.language, engine)
            for key, some in ((content, rules - bound), (path_key(content, file.path), rules & bound)):
                if some:
                    fired = {keys[rule]: firings for rule, firings in seen.fired.items() if rule in some}
                    yield Learned(key, frozenset(keys[rule] for rule in some), fired, at not in not_understood)

    def told(self, repository: Repository) -> FileScan:
        changed = [at for at in range(len(self.part.files)) if at not in self.seen]
        errors = [_words(error) for error in self.ran.errors if not error.is_of_parsing]
        errors += [f"{self.part.files[at].path}: changed while the scan went on" for at in changed]
        return FileScan(
            findings=tuple(self._findings(repository)),
            errors=tuple(dict.fromkeys(errors)),
            files=len(self.part.files) - len(self.ran.unreached),
            unread=tuple(self.part.files[at].path for at in sorted({*self.ran.unread, *changed})),
        )

    def _findings(self, repository: Repository) -> Iterator[Finding]:
        for at, seen in self.seen.items():
            for rule, firings in sorted(seen.fired.items()):
                yield from findings_of(firings, self.rules[rule], repository, self.part.files[at].path)


def _words(error: EngineError) -> str:
    told = ": ".join(part for part in (error.path, error.rule, error.kind, error.message) if part)
    return told[:1000]
