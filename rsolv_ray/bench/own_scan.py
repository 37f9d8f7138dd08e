"""How long does our own scan take, and what does it find?

The scan of `rsolv_ray.scanning` in this process, as `rsolv scan --rules --index` runs it: it looks for what changed since
the last one, asks the index which files a rule can match, the cache what is known, and the engine for the rest. The tasks
of the service do the same, and wait for one another besides.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from rsolv_ray.bench.peer import RULE_S, Place, TimedScan
from rsolv_ray.engine.match import Limits
from rsolv_ray.engine.requirements.prefilter import Prefilter
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.finding import Finding
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.repos.corpus import Corpus, Refreshed
from rsolv_ray.scanning.foreign import as_repository, as_rule
from rsolv_ray.scanning.results import ResultCache
from rsolv_ray.scanning.scan import scan

BUDGET_S = 3600.0
REST_S = 0.5


class OwnScan:
    """Our scan of the folder `root`, with its index and its cache in `folder`; `jobs` workers of the engine, which wait for
    it from the beginning. Used in a `with`, so that they are ended."""

    def __init__(self, root: Path, folder: Path, *, jobs: int) -> None:
        self._root = root
        self._engine = Engine(ready=jobs)
        self._prefilter = Prefilter(ready=1)
        self.limits = Limits(wall_s=BUDGET_S, rule_s=RULE_S, jobs=jobs)
        self.corpus = Corpus.open(folder / "index")
        self._cache = ResultCache(folder / "results.sqlite")
        self._repository = as_repository(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()
        self._prefilter.close()
        self._cache.close()

    def rest(self) -> None:
        """Do nothing for a moment: what this process takes before it works."""
        time.sleep(REST_S)

    def refresh(self) -> Refreshed:
        return self.corpus.refresh(self._root)

    def scan(self, definitions: Sequence[JsonObject]) -> TimedScan:
        """One scan with the rules, from its call to its last finding. What waits for it is there before, and there again
        after, so that no peer is slowed down by its start."""
        rules = [as_rule(definition) for definition in definitions]
        self._settle()
        began = time.perf_counter()
        told = scan(
            self._engine, rules, self._repository, self._root, self.corpus, self._cache,
            limits=self.limits, budget_s=BUDGET_S, prefilter=self._prefilter,
        )  # fmt: skip
        taken = time.perf_counter() - began
        self._settle()
        return TimedScan(taken, len(told.findings), frozenset(map(_place, told.findings)))

    def _settle(self) -> None:
        self._engine.settle()
        self._prefilter.settle()


def _place(finding: Finding) -> Place:
    at = finding.span
    return Place(str(finding.rule), finding.path, at.start_line, at.start_column, at.end_line, at.end_column)
