"""What does one part of a scan give, and what of that may be remembered?

An answer is remembered where its rule was run to the end on a content that was there, unchanged, all the while. What a
timeout, a crash or a cap cut short is told and found again the next time.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

from rsolv_ray.engine.batches import Batched, run_in_batches
from rsolv_ray.engine.batches import Part as Box
from rsolv_ray.engine.match import EngineError, Limits, Target
from rsolv_ray.engine.reading import Reading
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import IndexedFile
from rsolv_ray.scanning.answers import Answer, findings_of, place_of
from rsolv_ray.scanning.keys import content_key, is_bound_to_paths, path_key, rule_key
from rsolv_ray.scanning.planning import Part
from rsolv_ray.scanning.results import Learned, ResultCache

__all__ = ["run_part"]

_CLOCK_TICK_NS = 20_000_000
"""The file system's clock may be behind by so much."""
_KEPT_ENGINE = "semgrep-core"
"""Only its answers are remembered: the command-line tool tells less of a match."""

_Answers = Mapping[int, Mapping[str, Answer]]


def run_part(  # noqa: PLR0917 - who looks for what, where; and what is known
    engine: Engine,
    rules: Sequence[Rule],
    repository: Repository,
    root: Path,
    part: Part,
    cache: ResultCache,
    *,
    limits: Limits,
) -> FileScan:
    """Run one part of a plan for `rules` over `root`, and remember what it gave; `limits.wall_s` holds for all of it.

    A file that changed since it was planned, or while it was scanned, is told as unread.

    Raises:
        ToolFailed: the engine is broken: it fails on any code.
    """
    began_ns = time.time_ns() - _CLOCK_TICK_NS
    wanted = {str(rule.id): rule for rule in rules}
    targets = [Target(path=file.path, file=root / file.path, language=file.language) for file in part.files]
    boxes: list[Box] = []
    ran = run_in_batches(
        engine,
        [wanted[rule].definition for rule in part.rules],
        targets,
        limits=limits,
        until=time.monotonic() + limits.wall_s,
        on_part=boxes.append,
    )
    outcome = _Outcome(part, wanted, ran, _answers(ran, targets), _still(part.files, root, began_ns))
    if ran.engine.startswith(_KEPT_ENGINE):
        cache.record(list(outcome.learned(_settled(ran, boxes), engine.version)))
    return outcome.told(repository, cache.trouble)


def _answers(ran: Batched, targets: Sequence[Target]) -> _Answers:
    """Target -> rule -> the places where it fires."""
    answers: dict[int, dict[str, Answer]] = {}
    for index, matches in groupby(ran.matches, key=lambda match: match.target):
        reading = Reading(targets[index].file, targets[index].language)
        places = [(match.rule, place_of(match, reading)) for match in matches]
        answers[index] = {
            rule: tuple(place for _, place in some)
            for rule, some in groupby(sorted(places, key=lambda one: one[0]), key=lambda one: one[0])
        }
    return answers


def _still(files: Sequence[IndexedFile], root: Path, began_ns: int) -> dict[int, bool]:
    """The files whose content is the one that was planned for -> has it been so all the while?"""
    still: dict[int, bool] = {}
    for at, file in enumerate(files):
        try:
            with (root / file.path).open("rb") as opened:
                status = os.fstat(opened.fileno())
                is_same = status.st_size == file.size and _content(opened.read()) == file.key
        except OSError:
            continue
        if is_same:
            still[at] = status.st_ctime_ns < began_ns
    return still


def _content(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _settled(ran: Batched, boxes: Sequence[Box]) -> dict[int, set[str]]:
    """Target -> the rules that were run on it to the end."""
    settled: defaultdict[int, set[str]] = defaultdict(set)
    for box in boxes:
        for target in box.targets:
            settled[target].update(box.rules)
    for error in (*ran.errors, *(error for box in boxes for error in box.errors)):
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
class _Outcome:
    """What a part gave. `still` has the files whose content is the one that was planned for, and whether it has been so
    all the while."""

    part: Part
    rules: Mapping[str, Rule]
    ran: Batched
    answers: _Answers
    still: Mapping[int, bool]

    def learned(self, settled: Mapping[int, set[str]], engine: str) -> Iterator[Learned]:
        """What is to be remembered."""
        keys = {rule: rule_key(self.rules[rule].definition) for rule in self.part.rules}
        bound = {rule for rule in self.part.rules if is_bound_to_paths(self.rules[rule].definition)}
        not_understood = {error.target for error in self.ran.errors if error.is_of_parsing}
        for at in (at for at, is_same in self.still.items() if is_same):
            file, rules = self.part.files[at], settled.get(at, set())
            content = content_key(file.key, file.path, file.language, engine)
            for key, some in ((content, rules - bound), (path_key(content, file.path), rules & bound)):
                if some:
                    fired = {keys[rule]: answer for rule, answer in self.answers.get(at, {}).items() if rule in some}
                    yield Learned(key, frozenset(keys[rule] for rule in some), fired, at not in not_understood)

    def told(self, repository: Repository, trouble: str | None) -> FileScan:
        changed = [at for at in range(len(self.part.files)) if at not in self.still]
        errors = [_words(error) for error in self.ran.errors if not error.is_of_parsing]
        errors += [f"{self.part.files[at].path}: changed while the scan went on" for at in changed]
        errors += [trouble] if trouble else []
        return FileScan(
            findings=tuple(self._findings(repository)),
            errors=tuple(dict.fromkeys(errors)),
            files=len(self.part.files) - len(self.ran.unreached),
            unread=tuple(self.part.files[at].path for at in sorted({*self.ran.unread, *changed})),
        )

    def _findings(self, repository: Repository) -> Iterator[Finding]:
        for at, fired in self.answers.items():
            for rule, answer in fired.items():
                yield from findings_of(answer, self.rules[rule], repository, self.part.files[at].path)


def _words(error: EngineError) -> str:
    told = ": ".join(part for part in (error.path, error.rule, error.kind, error.message) if part)
    return told[:1000]
