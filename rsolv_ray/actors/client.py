"""How do the faces reach what runs? Through one typed value, `House`: it owns retry, deadline and the key cache.

Every method raises the families of `model/errors.py` and nothing else that a caller should handle.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rsolv_ray.actors.accounts import LONG_S, Accounts
from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.found import Found
from rsolv_ray.actors.gathering import gather
from rsolv_ray.actors.learned import Learned
from rsolv_ray.actors.names import ANALYZER, BANK, CONTROL, ORCHESTRATOR, ROOT, VALIDATOR
from rsolv_ray.actors.reach import TIMEOUT_S
from rsolv_ray.cycle_view import cycle_of, has_answer
from rsolv_ray.intelligence import intelligence_of
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.errors import Conflict, NotFound, Rejected, Unavailable
from rsolv_ray.model.events import Period, Recorded
from rsolv_ray.model.finding import (
    Repository,
    Scan,
    ScanRecord,
    ScanTrigger,
)
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import (
    CycleId,
    FixId,
    OrgId,
    RepositoryId,
    RuleId,
    ScanId,
)
from rsolv_ray.model.intelligence import Intelligence
from rsolv_ray.model.learning import LearningFacts
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.page import Page
from rsolv_ray.model.report import OrgMetrics, Readiness, Receipt, TreeNode, ValidationReport
from rsolv_ray.model.rule import Case
from rsolv_ray.periods import start_of
from rsolv_ray.progress import FOLDED, OF_LESSONS
from rsolv_ray.repos.locations import check_branch, check_location
from rsolv_ray.settings import Settings
from rsolv_ray.telemetry import Sample

CYCLES_AT_ONCE = 16  # of a page, so that its bank hears others in between


class House(Accounts, Found, Learned):
    """Everything that the API, the dashboard and notebooks may ask of a running system."""

    def __init__(self, caller: Caller, settings: Settings) -> None:
        super().__init__(caller, settings)
        self._next_validator = 0

    # Fixes and cycles

    async def receive_fix(self, org: OrgId, fix: Fix) -> Receipt:
        """Durable when it returns. Sending a fix again gives the first receipt's cycle."""
        return await self._caller.call(self._bank(org), "receive_fix", org, fix, timeout_s=TIMEOUT_S, retry=True)

    async def cycle(self, org: OrgId, cycle: CycleId) -> Cycle:
        history: tuple[Recorded, ...] = await self._ask(org, "history", cycle, types=FOLDED)
        if not history:
            raise NotFound(f"there is no cycle {cycle}")
        return cycle_of(history)

    async def fix(self, org: OrgId, fix: FixId) -> Fix:
        return await self._ask(org, "fix", fix)

    async def cycles(self, org: OrgId, limit: int, cursor: str | None, *, running: bool | None = None) -> Page[Cycle]:
        """The cycles, newest first; where `running` is given, those that run or have ended alone."""
        page: Page[CycleId] = await self._ask(org, "cycles", limit, cursor, running=running)
        told: list[Cycle] = []
        for begin in range(0, len(page.items), CYCLES_AT_ONCE):
            some = page.items[begin : begin + CYCLES_AT_ONCE]
            histories: dict[CycleId, tuple[Recorded, ...]] = await self._ask(org, "histories", some, types=FOLDED)
            told += map(cycle_of, histories.values())
        return Page[Cycle](items=tuple(told), next_cursor=page.next_cursor)

    async def wait_for_cycle(self, org: OrgId, cycle: CycleId, wait_s: float) -> Cycle:
        """The cycle as soon as its steps up to and including the scan have ended, or as it is after `wait_s` seconds."""
        deadline = time.monotonic() + wait_s
        while True:
            last = await self.last_sequence(org)
            told = await self.cycle(org, cycle)
            left = deadline - time.monotonic()
            if has_answer(told) or left <= 0:
                return told
            await self.events_after(org, last, wait_s=min(left, 10.0), types=FOLDED - OF_LESSONS, limit=1)

    # Judging

    async def validate_rule(self, definition: JsonObject, cases: tuple[Case, ...]) -> ValidationReport:
        validator = f"{VALIDATOR}/{self._next_validator}"
        self._next_validator = (self._next_validator + 1) % self._settings.validators
        return await self._caller.call(validator, "validate", definition, cases, timeout_s=LONG_S)

    # Repositories and scans

    async def add_repository(self, org: OrgId, name: str, location: str, branch: str | None) -> Repository:
        """Register a folder under an allowed root, or an https git URL of an allowed host.

        Raises:
            Rejected: the location or the branch is not allowed; the message says what is.
        """
        if branch is not None:
            check_branch(branch)
        kind, checked = await asyncio.to_thread(
            check_location,
            location,
            allowed_roots=tuple(Path(root) for root in self._settings.allowed_roots),
            allowed_hosts=self._settings.allowed_git_hosts,
        )
        repository = Repository(
            id=Repository.id_of(checked, branch),
            name=name,
            kind=kind,
            location=checked,
            branch=branch,
            added_at=datetime.now(UTC),
        )
        return await self._tell(org, "add_repository", repository)

    async def repositories(self, org: OrgId) -> tuple[Repository, ...]:
        return await self._ask(org, "repositories")

    async def remove_repository(self, org: OrgId, repository: RepositoryId) -> None:
        await self._tell(org, "remove_repository", repository)

    async def start_scan(
        self,
        org: OrgId,
        *,
        repositories: Sequence[str] | None = None,
        rules: Sequence[RuleId] | None = None,
        trigger: ScanTrigger = ScanTrigger.MANUAL,
    ) -> ScanRecord:
        """Begin a scan with the org's monitor and active rules (or some of them) over its repositories (or some).

        Raises:
            Conflict: there is nothing to scan, or nothing to scan with.
        """
        chosen = await self._chosen_repositories(org, repositories)
        scanning = await self.rules_in_use(org)
        known = {rule.id for rule in scanning}
        missing = sorted(set(rules or ()) - known)
        if missing:
            raise Rejected(f"not among the org's monitor and active rules: {', '.join(missing)}")
        used = tuple(rule.id for rule in scanning if rules is None or rule.id in rules)
        if not chosen or not used:
            lacking = "no repository is registered" if not chosen else "the org has no monitor or active rule yet"
            raise Conflict(f"nothing to scan: {lacking}")
        now = datetime.now(UTC)
        scan = Scan(
            id=ScanId.of(org, now.isoformat(), used, [one.id for one in chosen]),
            trigger=trigger,
            rules=used,
            repositories=tuple(one.id for one in chosen),
            started_at=now,
        )
        await self._tell(org, "start_scan", scan)
        return await self.scan(org, scan.id)

    async def scan(self, org: OrgId, scan: ScanId) -> ScanRecord:
        return await self._ask(org, "scan", scan)

    async def scans(self, org: OrgId, limit: int, cursor: str | None) -> Page[ScanRecord]:
        return await self._ask(org, "scans", limit, cursor)

    # Events, metrics, health

    async def events_after(
        self, org: OrgId, sequence: int, *, wait_s: float, types: frozenset[str] | None = None, limit: int = 500
    ) -> tuple[Recorded, ...]:
        """What happened after `sequence`, waiting up to `wait_s` seconds for the first of it."""
        return await self._caller.call(
            self._bank(org),
            "events_after",
            org,
            sequence,
            wait_s=wait_s,
            types=types,
            limit=limit,
            timeout_s=wait_s + TIMEOUT_S,
            retry=True,
        )

    async def newest_events(self, org: OrgId, types: frozenset[str], limit: int) -> tuple[Recorded, ...]:
        """The newest `limit` events of these types, oldest first."""
        return await self._ask(org, "newest_events", types, limit)

    async def last_sequence(self, org: OrgId) -> int:
        return await self._ask(org, "last_sequence")

    async def metrics(self, org: OrgId) -> OrgMetrics:
        now = datetime.now(UTC)
        since: list[datetime | None] = [None, *(start_of(period, now) for period in Period)]
        total, daily, weekly, monthly = await asyncio.gather(
            *(self._ask(org, "learning_metrics", one) for one in since)
        )
        return OrgMetrics(at=now, now=total, daily=daily, weekly=weekly, monthly=monthly)

    async def intelligence(self, org: OrgId) -> Intelligence:
        """What the org has learned, and how fast: one question to its bank."""
        facts: LearningFacts = await self._ask(org, "learning_facts")
        return intelligence_of(facts, datetime.now(UTC))

    async def ready(self) -> Readiness:
        """Can a fix be taken and learned from? Every part that the main job needs answers for itself."""
        shards = range(self._settings.shards)
        needed = [
            CONTROL,
            *(f"{BANK}/{shard}" for shard in shards),
            *(f"{ORCHESTRATOR}/{shard}" for shard in shards),
            f"{VALIDATOR}/0",
            ANALYZER,
        ]
        answers = await asyncio.gather(*(self._is_up(one) for one in needed))
        detail = dict(zip(needed, answers, strict=True))
        return Readiness(ready=all(answer == "ready" for answer in answers), detail=detail)

    async def tree(self) -> list[TreeNode]:
        return await self._caller.call(ROOT, "tree", timeout_s=TIMEOUT_S, retry=True)

    async def samples(self) -> dict[str, tuple[Sample, ...]]:
        """What each supervised process has counted, by its id; one that is away for the moment is left out."""
        return await gather(self._caller)

    async def _is_up(self, one: str) -> str:
        try:
            await self._caller.call(one, "ping", timeout_s=3.0, retry=True)
        except Unavailable as error:
            return str(error)
        return "ready"

    async def _chosen_repositories(self, org: OrgId, wanted: Sequence[str] | None) -> tuple[Repository, ...]:
        if wanted is None:
            return await self.repositories(org)
        return tuple([await self._ask(org, "repository", one) for one in wanted])
