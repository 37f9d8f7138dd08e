"""What of a folder is known now, and what is to be run? The index is brought up to date, and the plan made by it.

The engine says which words the rules need while the index is brought up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from rsolv_ray.engine.requirements.prefilter import Prefilter
from rsolv_ray.model.finding import Repository
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.scanning.planning import Plan, plan
from rsolv_ray.scanning.results import ResultCache

__all__ = ["prepare"]


def prepare(
    rules: Sequence[Rule],
    repository: Repository,
    root: Path,
    corpus: Corpus,
    cache: ResultCache,
    *,
    engine_version: str,
    prefilter: Prefilter | None = None,
    index_memory_mb: int = 256,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Plan:
    """What is to be done to have `rules` run over the folder `root` as it is now.

    `prefilter` is asked which words the rules need, one of its own if none is given. `index_memory_mb` (MiB) and `progress` are as in `Corpus.refresh`. Where the index or the cache was of no use,
    `known.errors` says so.

    Raises:
        NotFound: `root` is no folder.
        StorageFull, Unavailable: the index cannot be brought up to date.
    """
    with ThreadPoolExecutor(1) as beside:
        needed = beside.submit((prefilter or Prefilter()).requirements, [rule.definition for rule in rules])
        corpus.refresh(root, progress=progress, memory_mb=index_memory_mb)
    planned = plan(rules, repository, corpus, cache, needed.result(), engine_version=engine_version)
    if corpus.damage is None:
        return planned
    told = f"the index was damaged and is made anew, so this takes longer: {corpus.damage}"
    return replace(planned, known=replace(planned.known, errors=(told, *planned.known.errors)))
