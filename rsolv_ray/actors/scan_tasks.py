"""What does a scan do beside the orchestrator? Plan a repository, run one part of its plan: plain functions, each a task.

The index and what is known lie in the data folder, which all nodes share; both are locked by whoever writes them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rsolv_ray.engine.match import EngineRun, Limits
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import RsolvError
from rsolv_ray.model.finding import Repository, RepositoryKind
from rsolv_ray.model.ids import OrgId
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.git import Git
from rsolv_ray.scanning.pieces import spread
from rsolv_ray.scanning.places import Places
from rsolv_ray.scanning.planning import Plan, PlanPart
from rsolv_ray.scanning.preparing import prepare
from rsolv_ray.scanning.results import ResultCache
from rsolv_ray.scanning.running import run_part
from rsolv_ray.tools.scratch import clear_away, scratch

_GIT_S = 300.0
_LEAST_S = 0.5


@dataclass(frozen=True, slots=True)
class Scope:
    """What the tasks of one scan have in common. A repository is cut into about `spread` tasks, where it has enough files.
    `until` is seconds since the epoch: it holds on every node."""

    org: OrgId
    data_dir: str
    engine: str
    limits: Limits
    cache_mb: int
    index_memory_mb: int
    spread: int
    until: float

    @property
    def left_s(self) -> float:
        """Seconds until the scan's time is up; never less than a moment, so that it can be a limit."""
        return max(_LEAST_S, self.until - time.time())

    @property
    def is_up(self) -> bool:
        """Is the time up, or as good as up?"""
        return time.time() > self.until - _LEAST_S

    def results(self, repository: Repository) -> ResultCache:
        """What is known of the repository's files."""
        return ResultCache(Places(Path(self.data_dir)).results(self.org, repository.id), cap_mb=self.cache_mb)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be run in the folder `root`, as `scanning.planning` says."""

    root: str
    plan: Plan


def plan_repository(rules: Sequence[Rule], repository: Repository, scope: Scope) -> Planned:
    """Fetch a repository, bring its index up to date, and say what is known of it and what is to be run.

    Raises:
        RsolvError: it cannot be fetched, read or indexed.
    """
    clear_away()
    with scratch():
        root = _root(repository, scope)
        corpus = Corpus.open(Places(Path(scope.data_dir)).index(scope.org, repository.id))
        with scope.results(repository) as known:
            plan = prepare(
                rules, repository, root, corpus, known,
                engine_version=Engine(scope.engine).version, index_memory_mb=scope.index_memory_mb,
            )  # fmt: skip
    return Planned(str(root), replace(plan, parts=spread(plan.parts, scope.spread)))


def run_planned(
    rules: Sequence[Rule], repository: Repository, root: str, part: PlanPart, scope: Scope
) -> tuple[FileScan, tuple[EngineRun, ...]]:
    """What a part gave, an error where it could not be run, and the runs of the engine that it took."""
    runs: list[EngineRun] = []
    engine = Engine(scope.engine, on_run=runs.append)
    limits = replace(scope.limits, wall_s=scope.left_s)
    with scratch(), scope.results(repository) as known:
        try:
            gave = run_part(engine, rules, repository, Path(root), part, known, limits=limits)
        except RsolvError as error:
            gave = FileScan((), (str(error),), files=0, unread=tuple(file.path for file in part.files))
    return gave, tuple(runs)


def _root(repository: Repository, scope: Scope) -> Path:
    if repository.kind is RepositoryKind.PATH:
        return Path(repository.location)
    return Git(Path(scope.data_dir) / "checkouts", wall_s=min(_GIT_S, scope.left_s)).checkout(repository)
