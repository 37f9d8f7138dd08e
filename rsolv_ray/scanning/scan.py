"""What do these rules find in a folder now?

The index is brought up to date while the engine says which words the rules need; then comes what is known, then run by
run what is not. Early runs are short, so that the first word comes soon, and later ones as long as a person waits for the
next word, since each start of the engine costs a tenth of a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from rsolv_ray.engine.match import Limits
from rsolv_ray.engine.prefilter import requirements
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.finding import Repository
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.scanning.planning import CHUNK_FILES, Part, plan
from rsolv_ray.scanning.results import ResultCache
from rsolv_ray.scanning.running import run_part

__all__ = ["Step", "scan"]

_WORD_EVERY_S = 5.0
_MOST_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """How far a scan is. `part` is what came since the last step; `done` of `files` files are scanned."""

    part: FileScan
    done: int
    files: int


def scan(  # noqa: PLR0917 - who looks for what, where; and what is known
    engine: Engine,
    rules: Sequence[Rule],
    repository: Repository,
    root: Path,
    corpus: Corpus,
    cache: ResultCache,
    *,
    limits: Limits,
    budget_s: float,
    tell: Callable[[Step], None] = lambda _: None,
) -> FileScan:
    """Run `rules` over the folder `root`, all of it in this process, for at most `budget_s` seconds.

    `tell` hears of each step; what it raises ends the scan. What the time did not suffice for is told in `errors` and
    stands in `unread`; what was run until then is remembered. `limits` holds for each run of the engine.

    Raises:
        ToolFailed: the engine is broken: it fails on any code.
        StorageFull, Unavailable: the index cannot be brought up to date.
    """
    until = time.monotonic() + budget_s
    with ThreadPoolExecutor(1) as beside:
        needed = beside.submit(requirements, [rule.definition for rule in rules])
        corpus.refresh(root)
    planned = plan(
        rules, repository, corpus, cache, needed.result(), engine_version=engine.version, chunk_files=_MOST_FILES
    )
    done = _Done(planned.files, tell)
    done.take(planned.known)
    for part in _paced(planned.parts):
        left = until - time.monotonic()
        if left <= 0:
            done.miss(part, budget_s)
            continue
        within = replace(limits, wall_s=min(limits.wall_s, left))
        try:
            done.take(run_part(engine, rules, repository, root, part, cache, limits=within))
        except ToolFailed:
            if time.monotonic() < until:
                raise
            done.miss(part, budget_s)
    return done.whole()


class _Done:
    """What a scan gave so far."""

    def __init__(self, files: int, tell: Callable[[Step], None]) -> None:
        self._files, self._tell = files, tell
        self._parts: list[FileScan] = []
        self._late: list[str] = []
        self._budget_s = 0.0

    def take(self, part: FileScan) -> None:
        self._parts.append(part)
        self._tell(Step(part, sum(one.files for one in self._parts), self._files))

    def miss(self, part: Part, budget_s: float) -> None:
        self._late += [file.path for file in part.files]
        self._budget_s = budget_s

    def whole(self) -> FileScan:
        errors = [error for part in self._parts for error in part.errors]
        if self._late:
            errors.append(f"{len(self._late)} files were not scanned within {self._budget_s:g} s: scan again to go on")
        unread = [path for part in self._parts for path in part.unread]
        return FileScan(
            findings=tuple(finding for part in self._parts for finding in part.findings),
            errors=tuple(dict.fromkeys(errors)),
            files=sum(part.files for part in self._parts),
            unread=tuple(dict.fromkeys([*unread, *self._late])),
        )


def _paced(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts in pieces, each as large as the last one's speed bears."""
    size = CHUNK_FILES
    for part in parts:
        start = 0
        while start < len(part.files):
            some = part.files[start : start + size]
            began = time.monotonic()
            yield replace(part, files=some)
            took = max(time.monotonic() - began, 0.001)
            start += len(some)
            size = min(_MOST_FILES, max(CHUNK_FILES, int(len(some) * _WORD_EVERY_S / took)))
