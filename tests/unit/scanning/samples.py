"""A folder with an index and a cache, and ways to compare scans of it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rsolv_ray.engine.match import Limits
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.finding import Finding, Repository
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.scanning.planning import Plan
from rsolv_ray.scanning.preparing import prepare
from rsolv_ray.scanning.results import ResultCache
from rsolv_ray.scanning.scan import Step, scan
from tests.unit.engine.plain_scan import scan_files
from tests.unit.engine.samples import repository

ENGINE = Engine("core")
LIMITS = Limits(wall_s=60)
LONG_AGO_S = 3600.0


@dataclass
class Place:
    """A folder of code under `base`, with its index and cache."""

    base: Path
    engine: Engine = ENGINE

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)

    @property
    def root(self) -> Path:
        return self.base / "code"

    @property
    def cache_file(self) -> Path:
        return self.base / "cache" / "results.sqlite"

    @property
    def repository(self) -> Repository:
        return repository(self.root)

    def write(self, **files: str) -> None:
        """Files by their names, `__` in them standing for `/`, with `.py` added."""
        for name, code in files.items():
            self.put(name.replace("__", "/") + ".py", code)

    def put(self, path: str, code: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)

    def scan(
        self, *rules: Rule, tell: list[Step] | None = None, budget_s: float = 60, limits: Limits = LIMITS
    ) -> FileScan:
        steps: list[Step] = [] if tell is None else tell
        with ResultCache(self.cache_file) as cache:
            corpus = Corpus.open(self.base / "index")
            return scan(
                self.engine, rules, self.repository, self.root, corpus, cache,
                limits=limits, budget_s=budget_s, tell=steps.append,
            )  # fmt: skip

    def plain(self, *rules: Rule) -> FileScan:
        paths = sorted(str(file.relative_to(self.root)) for file in self.root.rglob("*") if file.is_file())
        return scan_files(self.engine, rules, self.repository, self.root, paths, limits=LIMITS)

    def plan(self, *rules: Rule) -> Plan:
        with ResultCache(self.cache_file) as cache:
            corpus = Corpus.open(self.base / "index")
            return prepare(rules, self.repository, self.root, corpus, cache, engine_version=self.engine.version)


def settle() -> None:
    """Let what was just written become old enough to be sure of."""
    time.sleep(0.03)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.path, one.span.start_line, one.span.start_column, one.rule, one.id))


def ran(steps: Sequence[Step]) -> int:
    """How many files the engine was run on: all that were not settled by the first step."""
    return steps[-1].done - steps[0].done


def is_root() -> bool:
    return os.geteuid() == 0
