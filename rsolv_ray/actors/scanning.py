"""How are rules run over an organisation's repositories? Each is planned by a Ray task, and each part of a plan is one.

What is known already goes out at once, what the engine finds as its tasks end, and what the time does not suffice for is
told as unread: a scan ends in time, with what it has.
Ray shows a task as `scan acme/shop 3 of 7`, or `list acme/shop` where it looks for what is to be run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from rsolv_ray.actors.counting import count_engine_run
from rsolv_ray.actors.scan_tasks import Planned, Scope, plan_repository, run_planned
from rsolv_ray.actors.seen import News, Seen
from rsolv_ray.actors.tasks import Tasks
from rsolv_ray.engine.match import EngineRun, Limits
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.model.batch import ScanResult
from rsolv_ray.model.errors import RsolvError, Unavailable
from rsolv_ray.model.finding import Repository, RepositoryKind, Scan
from rsolv_ray.model.ids import OrgId
from rsolv_ray.model.rule import Rule
from rsolv_ray.repos.git import Git
from rsolv_ray.repos.locations import check_location
from rsolv_ray.scanning.places import Places
from rsolv_ray.scanning.planning import PlanPart

TOLD_EVERY_S = 0.5
ASKED_EVERY_S = 3.0
LATE_S = 10.0
"""So long after its time a scan waits for tasks that have still to see that it is up."""

Hear = Callable[[News | None], Awaitable[None]]
"""Is told what is new; of nothing for a while, so that a scan that nobody wants any more is heard of."""


class Scanner:
    """Runs scans, at most `at_most` tasks at once."""

    def __init__(
        self,
        *,
        data_dir: str,
        engine: str,
        at_most: int,
        rule_timeout_s: float,
        scan_timeout_s: float,
        memory_mb: int,
        cache_mb: int,
        index_memory_mb: int,
        allowed_roots: Sequence[str],
        allowed_git_hosts: Sequence[str],
        tasks: Tasks | None = None,
    ) -> None:
        self._data_dir, self._engine = Path(data_dir), engine
        self._limits = Limits(wall_s=scan_timeout_s, rule_s=rule_timeout_s, memory_mb=memory_mb)
        self._cache_mb, self._index_memory_mb = cache_mb, index_memory_mb
        self._roots, self._hosts = tuple(Path(root) for root in allowed_roots), tuple(allowed_git_hosts)
        self._tasks, self._spread = tasks or Tasks(at_most), at_most
        self.places = Places(self._data_dir)

    async def scan(
        self,
        scan: Scan,
        rules: Sequence[Rule],
        repositories: Sequence[Repository],
        hear: Hear,
        *,
        org: OrgId,
        name: str,
    ) -> ScanResult:
        """Run `rules` over `repositories` for at most `scan_timeout_s`. `hear` is told what is new every moment.

        A repository that cannot be read is reported and the others are scanned. `name` is what people call the org.

        Raises:
            RsolvError: as `hear` did; nothing of the scan goes on then, nor where this is cancelled.
        """
        began, seen = time.monotonic(), Seen()
        look = _Look(self, self._tasks.share(tuple(rules)), self._scope(org), seen, name)
        looking = [asyncio.ensure_future(look.at(one)) for one in repositories]
        whole, telling = asyncio.gather(*looking), asyncio.ensure_future(_keep_telling(seen, hear))
        try:
            await asyncio.wait({whole, telling}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                await telling
            await whole
        finally:
            for one in (*looking, telling):
                one.cancel()
            await asyncio.gather(*looking, telling, return_exceptions=True)
        return seen.result(scan, rules, repositories, time.monotonic() - began, self._limits.wall_s)

    async def root(self, repository: Repository) -> str:
        """The folder that holds the repository's files as they were scanned last.

        Raises:
            Rejected: its location is not allowed (any more).
        """
        self.check(repository)
        if repository.kind is RepositoryKind.PATH:
            return repository.location
        return str(Git(self._data_dir / "checkouts").folder(repository))

    def check(self, repository: Repository) -> None:
        """Raises Rejected where the repository's location is not allowed (any more)."""
        check_location(repository.location, allowed_roots=self._roots, allowed_hosts=self._hosts)

    async def clear_away(self, org: OrgId, registered: Callable[[], Awaitable[Collection[Repository]]]) -> None:
        """Forget what scans remember of repositories that were removed while they went on.

        Looks before it asks, so that what is registered between the two keeps its index.
        """
        remembered = await asyncio.to_thread(self.places.remembered, org)
        for gone in remembered - {one.id for one in await registered()}:
            await asyncio.to_thread(self.places.forget, org, gone)

    async def run(self, function: Callable[..., Any], task: str, *args: Any, within_s: float) -> Any:
        """What a task returns. Raises TimeoutError where it took longer than `within_s` seconds."""
        async with asyncio.timeout(within_s):
            return await self._tasks.run(function, task, *args)

    def _scope(self, org: OrgId) -> Scope:
        return Scope(
            org=org,
            data_dir=str(self._data_dir),
            engine=self._engine,
            limits=self._limits,
            cache_mb=self._cache_mb,
            index_memory_mb=self._index_memory_mb,
            spread=self._spread,
            until=time.time() + self._limits.wall_s,
        )


class _Look:
    """One scan on its way through the repositories."""

    def __init__(self, scanner: Scanner, rules: Any, scope: Scope, seen: Seen, name: str) -> None:
        self._scanner, self._rules, self._scope, self._seen, self._name = scanner, rules, scope, seen, name
        self._turns = asyncio.Semaphore(scope.spread)

    async def at(self, repository: Repository) -> None:
        """All of a repository."""
        with self._seen.piece():
            planned = await self._planned(repository)
        if planned is None:
            return
        self._seen.plan(repository, planned.plan)
        async with asyncio.TaskGroup() as parts:
            for number, part in enumerate(planned.plan.parts, start=1):
                name = f"scan {self._name}/{repository.name} {number} of {len(planned.plan.parts)}"
                parts.create_task(self._run(name, repository, planned.root, part))

    async def _planned(self, repository: Repository) -> Planned | None:
        try:
            self._scanner.check(repository)
            return await self._scanner.run(
                plan_repository,
                f"list {self._name}/{repository.name}",
                self._rules,
                repository,
                self._scope,
                within_s=self._scope.left_s + LATE_S,
            )
        except RsolvError as error:
            self._seen.lost(repository, str(error))
        except TimeoutError:
            self._seen.lost(repository, f"could not be read within {self._scope.limits.wall_s:g} s")
        return None

    async def _run(self, name: str, repository: Repository, root: str, part: PlanPart) -> None:
        """A part whose process is lost (out of memory, say) is told as unread, and so is one that is not done in time.

        It waits for its turn here, so that rules which have fired too often by then are left out of it.
        """
        with self._seen.piece():
            async with self._turns:
                part = self._seen.tally.left(part)
                gave, runs = await self._gave(name, repository, root, part) if part.rules else (_passed(part), ())
        for run in runs:
            count_engine_run(run)
        self._seen.part(repository, gave, late=len(part.files) - gave.files if self._scope.is_up else 0)

    async def _gave(
        self, name: str, repository: Repository, root: str, part: PlanPart
    ) -> tuple[FileScan, tuple[EngineRun, ...]]:
        if self._scope.is_up:
            return _nothing(part), ()
        try:
            return await self._scanner.run(
                run_planned,
                name,
                self._rules,
                repository,
                root,
                part,
                self._scope,
                within_s=self._scope.left_s + LATE_S,
            )
        except Unavailable as error:
            return _nothing(part, str(error)), ()
        except TimeoutError:
            return _nothing(part), ()


def _nothing(part: PlanPart, *errors: str) -> FileScan:
    return FileScan((), errors, files=0, unread=tuple(file.path for file in part.files))


def _passed(part: PlanPart) -> FileScan:
    """What a part gives whose rules were all left out."""
    return FileScan((), (), files=len(part.files))


async def _keep_telling(seen: Seen, hear: Hear) -> None:
    """Tell what is new, until this is cancelled. What came in between the last time and the end is told by the end."""
    quiet_since = time.monotonic()
    while True:
        await asyncio.sleep(TOLD_EVERY_S)
        news = seen.news()
        if news is not None or time.monotonic() - quiet_since >= ASKED_EVERY_S:
            await hear(news)
            quiet_since = time.monotonic()
