"""How are rules run over an organisation's repositories? In chunks of files, each a Ray task with one CPU.

Ray shows a task as `scan acme/shop 3 of 7`, or `list acme/shop` where it looks for the files.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from rsolv_ray.actors.counting import count_engine_run
from rsolv_ray.engine.match import EngineRun
from rsolv_ray.engine.scan import FileScan, scan_files
from rsolv_ray.engine.semgrep import Engine, Limits
from rsolv_ray.model.batch import ScanResult
from rsolv_ray.model.errors import RsolvError, Unavailable
from rsolv_ray.model.finding import Finding, Repository, RepositoryKind, Scan, ScanReport
from rsolv_ray.model.ids import RepositoryId
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.git import Git
from rsolv_ray.repos.locations import check_location
from rsolv_ray.repos.targets import chunks as chunked
from rsolv_ray.repos.targets import targets

CHUNK_FILES = 400
TOLD_EVERY_S = 0.5
ERRORS_TOLD = 50

Tell = Callable[[int, int, int], Awaitable[None]]


@dataclass(frozen=True)
class Chunk:
    """Some files of one repository, relative to its folder."""

    repository: Repository
    root: str
    files: tuple[str, ...]


@dataclass
class _Seen:
    """What the chunks of one scan gave so far. `gaps` are repositories that could not be read."""

    findings: list[Finding] = field(default_factory=list[Finding])
    errors: list[str] = field(default_factory=list[str])
    gaps: set[RepositoryId] = field(default_factory=set[RepositoryId])
    unread: list[tuple[RepositoryId, str]] = field(default_factory=list[tuple[RepositoryId, str]])

    def add(self, repository: Repository, part: FileScan) -> None:
        self.findings += part.findings
        self.unread += [(repository.id, path) for path in part.unread]
        self.errors += [f"{repository.name}: {error}" for error in part.errors]

    def lost(self, repository: Repository, error: str) -> None:
        """A repository that cannot be read at all."""
        self.gaps.add(repository.id)
        self.errors.append(f"{repository.name}: {error}")


class Scanner:
    """Runs scans. `at_most` chunks are in flight at once; the rest waits here, not in Ray's queue."""

    def __init__(
        self,
        *,
        data_dir: str,
        engine: str,
        at_most: int,
        rule_timeout_s: float,
        scan_timeout_s: float,
        memory_mb: int,
        allowed_roots: Sequence[str],
        allowed_git_hosts: Sequence[str],
    ) -> None:
        self._cache, self._engine = Path(data_dir) / "checkouts", engine
        self._limits = Limits(wall_s=scan_timeout_s, rule_s=rule_timeout_s, memory_mb=memory_mb)
        self._slots = asyncio.Semaphore(at_most)
        self._roots, self._hosts = tuple(Path(root) for root in allowed_roots), tuple(allowed_git_hosts)

    async def scan(
        self, scan: Scan, rules: Sequence[Rule], repositories: Sequence[Repository], tell: Tell, *, org: str
    ) -> ScanResult:
        """Run `rules` over `repositories`. A repository that cannot be read is reported and the others are scanned.

        `org` names the organisation for people who look at Ray's tasks.
        """
        began, seen = time.monotonic(), _Seen()
        languages = sorted({language for rule in rules for language in rule.languages})
        places = await asyncio.gather(
            *(self._files(one, languages, org) for one in repositories), return_exceptions=True
        )
        chunks: list[Chunk] = []
        for repository, place in zip(repositories, places, strict=True):
            match place:
                case RsolvError():
                    seen.lost(repository, str(place))
                case BaseException():
                    raise place
                case root, files:
                    chunks += [Chunk(repository, root, some) for some in chunked(files, CHUNK_FILES)]
        await self._run(chunks, rules, tell, seen, org)
        whole = [one for one in repositories if one.id not in seen.gaps]
        read = sum(not isinstance(place, BaseException) for place in places)
        return ScanResult(
            scan=scan.id,
            findings=tuple(seen.findings),
            covered=tuple((rule.id, one.id) for rule in rules for one in whole),
            unread=tuple(seen.unread),
            report=ScanReport(
                repositories=read,
                files=sum(len(chunk.files) for chunk in chunks),
                findings=len(seen.findings),
                duration_ms=round((time.monotonic() - began) * 1000),
                errors=tuple(seen.errors[:ERRORS_TOLD]),
            ),
        )

    async def root(self, repository: Repository) -> str:
        """The folder that holds the repository's files as they were scanned last.

        Raises:
            Rejected: its location is not allowed (any more).
        """
        check_location(repository.location, allowed_roots=self._roots, allowed_hosts=self._hosts)
        if repository.kind is RepositoryKind.PATH:
            return repository.location
        return str(Git(self._cache).folder(repository))

    async def _files(self, repository: Repository, languages: Sequence[str], org: str) -> tuple[str, tuple[str, ...]]:
        check_location(repository.location, allowed_roots=self._roots, allowed_hosts=self._hosts)
        return await self._task(_list_files, f"list {org}/{repository.name}", repository, str(self._cache), languages)

    async def _run(self, chunks: Sequence[Chunk], rules: Sequence[Rule], tell: Tell, seen: _Seen, org: str) -> None:
        """All chunks; when this is cancelled or fails, so are those that are not done."""
        told = time.monotonic()
        names = [f"scan {org}/{chunk.repository.name} {n} of {len(chunks)}" for n, chunk in enumerate(chunks, start=1)]
        scans = [
            asyncio.ensure_future(self._one(name, chunk, rules)) for name, chunk in zip(names, chunks, strict=True)
        ]
        try:
            for done, finished in enumerate(asyncio.as_completed(scans), start=1):
                seen.add(*await finished)
                if time.monotonic() - told >= TOLD_EVERY_S and done < len(chunks):
                    told = time.monotonic()
                    await tell(done, len(chunks), len(seen.findings))
        finally:
            for scan in scans:
                scan.cancel()

    async def _one(self, name: str, chunk: Chunk, rules: Sequence[Rule]) -> tuple[Repository, FileScan]:
        """A chunk whose process is lost (out of memory, say) is told as unread; the others go on."""
        try:
            part, runs = await self._task(_scan_chunk, name, chunk, tuple(rules), self._engine, self._limits)
        except Unavailable as error:
            return chunk.repository, FileScan((), (str(error),), files=0, unread=chunk.files)
        for run in runs:
            count_engine_run(run)
        return chunk.repository, part

    async def _task(self, function: Any, name: str, *args: Any) -> Any:
        """What a Ray task of this name returns. When this is cancelled, the task is too.

        Raises:
            RsolvError: as the task did; Unavailable where its process was lost.
        """
        async with self._slots:
            sent = function.options(name=name).remote(*args)
            try:
                return await sent
            except asyncio.CancelledError:
                ray.cancel(sent, force=True)
                raise
            except RayTaskError as error:
                raise (error.cause if isinstance(error.cause, RsolvError) else error) from error
            except RayError as error:
                raise Unavailable(f"the process of a scan was lost: {type(error).__name__}") from error


@ray.remote(num_cpus=1, max_retries=1)
def _list_files(repository: Repository, cache: str, languages: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    root = (
        Path(repository.location) if repository.kind is RepositoryKind.PATH else Git(Path(cache)).checkout(repository)
    )
    return str(root), targets(root, languages)


@ray.remote(num_cpus=1, max_retries=1)
def _scan_chunk(
    chunk: Chunk, rules: tuple[Rule, ...], engine: str, limits: Limits
) -> tuple[FileScan, tuple[EngineRun, ...]]:
    """What the chunk gave, an error where it could not be scanned, and the runs of the engine that it took."""
    runs: list[EngineRun] = []
    asked = Engine(engine, on_run=runs.append)
    try:
        part = scan_files(asked, rules, chunk.repository, Path(chunk.root), chunk.files, limits=limits)
    except RsolvError as error:
        part = FileScan((), (str(error),), files=0, unread=chunk.files)
    return part, tuple(runs)
