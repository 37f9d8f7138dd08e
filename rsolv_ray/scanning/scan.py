"""What do these rules find in a folder now?

First comes what is known, then run by run what is not, as many runs of the engine side by side as there are processors
for it: two with one thread each are through with a few files in half the time that one with two threads takes. Early runs
are short, so that the first word comes soon, and later ones as long as a person waits for the next word, since each start
of the engine costs a tenth of a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Self

from rsolv_ray.engine.match import Limits
from rsolv_ray.engine.requirements.prefilter import Prefilter
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.finding import Repository
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.scanning.pieces import Pace, piles
from rsolv_ray.scanning.planning import Plan, PlanPart
from rsolv_ray.scanning.preparing import prepare
from rsolv_ray.scanning.results import ResultCache
from rsolv_ray.scanning.running import Outcome, outcome_of, remembered
from rsolv_ray.scanning.tally import Tally

__all__ = ["Step", "scan"]

_WORD_EVERY_S = 5.0


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
    prefilter: Prefilter | None = None,
    index_memory_mb: int = 256,
    tell: Callable[[Step], None] = lambda _: None,
) -> FileScan:
    """Run `rules` over the folder `root`, all of it in this process, for at most `budget_s` seconds.

    `limits.jobs` runs of the engine go on side by side, and each has the other limits for itself; a rule may fire
    `limits.matches_per_rule` times in all. The budget counts from the call, but bringing the index up to date is not cut
    short: of a large folder that is new, that is what the time goes into. `prefilter` and `index_memory_mb` are as in
    `prepare`.

    `tell` hears of each step; what it raises ends the scan as soon as the runs that go on are over. What the time did not
    suffice for is told in `errors` and stands in `unread`; what was run until then is remembered.

    Raises:
        ToolFailed: the engine is broken: it fails on any code.
        NotFound: `root` is no folder.
        StorageFull, Unavailable: the index cannot be brought up to date.
    """
    until = time.monotonic() + budget_s
    planned = prepare(
        rules,
        repository,
        root,
        corpus,
        cache,
        engine_version=engine.version,
        prefilter=prefilter,
        index_memory_mb=index_memory_mb,
    )
    done = _Done(planned.files, budget_s, Tally(limits.matches_per_rule), tell)
    done.take(planned.known)
    with _Workers(engine, rules, repository, root, limits, until) as workers:
        for piece in _pieces(planned):
            for part, outcome in workers.run(done.tally.left(piece)):
                if outcome is None:
                    done.miss(part)
                else:
                    done.take(remembered(outcome, cache))
    return done.whole()


def _pieces(planned: Plan) -> Iterator[PlanPart]:
    pace = Pace(_WORD_EVERY_S)
    for part in planned.parts:
        for files in pace.pieces(part.files):
            yield replace(part, files=tuple(files))


class _Workers:
    """Runs of the engine side by side, each on a thread that waits for it."""

    def __init__(  # noqa: PLR0917 - what `scan` is told
        self, engine: Engine, rules: Sequence[Rule], repository: Repository, root: Path, limits: Limits, until: float
    ) -> None:
        self._engine, self._rules, self._repository, self._root = engine, rules, repository, root
        self._limits, self._until = limits, until
        self._threads = ThreadPoolExecutor(limits.jobs)
        self._is_over = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._threads.shutdown(cancel_futures=True)

    def run(self, piece: PlanPart) -> Iterator[tuple[PlanPart, Outcome | None]]:
        """What the files of a piece give, pile by pile as they are done; None where the time was up."""
        parts = [replace(piece, files=pile) for pile in piles(piece.files, self._limits.jobs)]
        running = {self._threads.submit(self._outcome, part): part for part in parts}
        for one in as_completed(running):
            yield running[one], one.result()

    def _outcome(self, part: PlanPart) -> Outcome | None:
        left = self._until - time.monotonic()
        if left <= 0:
            return None
        within = replace(self._limits, jobs=1, wall_s=min(self._limits.wall_s, left))
        try:
            return outcome_of(
                self._engine, self._rules, self._repository, self._root, part, limits=within, between=self._go_on
            )
        except ToolFailed:
            if time.monotonic() < self._until:
                raise
            return None

    def _go_on(self) -> None:
        if self._is_over.is_set():
            raise CancelledError


@dataclass
class _Done:
    """What a scan gave so far."""

    files: int
    budget_s: float
    tally: Tally
    tell: Callable[[Step], None]
    parts: list[FileScan] = field(default_factory=list[FileScan])
    late: list[str] = field(default_factory=list[str])

    def take(self, part: FileScan) -> None:
        kept = self.tally.take(part)
        self.parts.append(kept)
        self.tell(Step(kept, sum(one.files for one in self.parts), self.files))

    def miss(self, part: PlanPart) -> None:
        self.late += [file.path for file in part.files]

    def whole(self) -> FileScan:
        errors = [error for part in self.parts for error in part.errors]
        if self.late:
            errors.append(f"{len(self.late)} files were not scanned within {self.budget_s:g} s: scan again to go on")
        unread = [path for part in self.parts for path in part.unread]
        return FileScan(
            findings=tuple(finding for part in self.parts for finding in part.findings),
            errors=tuple(dict.fromkeys(errors)),
            files=sum(part.files for part in self.parts),
            unread=tuple(dict.fromkeys([*unread, *self.tally.silent, *self.late])),
        )
