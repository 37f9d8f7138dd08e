"""How is each step of a cycle carried out? Ask who can, and say what is to be recorded.

Every step ends in one batch, named for its work and step: committed once, however often the step was done.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from secrets import token_hex
from typing import Any

from rsolv_ray.actors.asking import CALL_TIMEOUT_S, Asking
from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.names import ANALYZER, CONTROL
from rsolv_ray.actors.scanning import Scanner
from rsolv_ray.actors.seen import News
from rsolv_ray.actors.spending import Spending
from rsolv_ray.actors.versions import Versions
from rsolv_ray.engine.patch import Withheld
from rsolv_ray.model.batch import Batch, ScanPart, Writer
from rsolv_ray.model.cycle import Step, WorkId
from rsolv_ray.model.errors import NotFound, Unavailable
from rsolv_ray.model.events import (
    FixesProposed,
    PatternStored,
    Recorded,
    RulesProposed,
)
from rsolv_ray.model.finding import FindingRecord, Proposal, Repository, Scan, ScanTrigger
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CycleId, OrgId, RepositoryId
from rsolv_ray.model.org import Org
from rsolv_ray.model.pattern import Analysed
from rsolv_ray.model.rule import SCANNING_STATES, Rule
from rsolv_ray.progress import Progress, progress
from rsolv_ray.proposers import Asked
from rsolv_ray.synthesis import Proposals
from rsolv_ray.workflow import scan_of

NAME_TIMEOUT_S = 2.0
PATCHES_AT_ONCE = 25
PROPOSALS_AT_MOST = 500


class Steps:
    """The steps of the works of one shard."""

    def __init__(
        self,
        caller: Caller,
        bank: str,
        writer: Writer,
        validators: int,
        *,
        scanning: dict[str, Any],
        spending: Mapping[str, int],
    ) -> None:
        self._asking = Asking(caller, bank, writer, validators)
        self._spending = Spending(self._asking, **spending)
        self._scanner = Scanner(**scanning)
        self._names: dict[OrgId, str] = {}
        self._versions = Versions(self._asking, self._root)

    async def carry_out(self, org: OrgId, work: WorkId, step: Step, history: Sequence[Recorded]) -> Batch:
        """Do a step and return what is to be recorded of it.

        Raises:
            RsolvError: the step could not be done; nothing was recorded.
        """
        so_far, once, cause = progress(history), f"{work}:{step}", history[-1].sequence
        match step:
            case Step.SYNTHESIS:
                batch = await self._synthesise(org, so_far)
            case Step.JUDGEMENT:
                batch = await self._judge(org, so_far, once, cause)
            case Step.PATTERN:
                batch = await self._analyse(org, so_far)
            case Step.SCAN:
                batch = await self._scan(org, so_far)
            case Step.PROPOSALS:
                batch = await self._propose(org, so_far)
            case Step.LESSON:
                batch = await self._versions.learn(org, so_far.triaged, once, cause)
            case Step.CLASSIFICATION:
                raise ValueError("no classifier is deployed")
        return batch.model_copy(update={"once": once, "cause": cause})

    async def _synthesise(self, org: OrgId, so_far: Progress) -> Batch:
        fix, began = await self._fix(org, so_far), time.monotonic()
        async with self._spending.allowance(org) as tokens:
            answer: tuple[Proposals, Asked] = await self._asking.validate("synthesise", fix, tokens)
        proposed, asked = answer
        event = RulesProposed(
            cycle=fix.cycle,
            candidates=proposed.candidates,
            reason=proposed.reason,
            notes=asked.notes,
            spent=asked.spent,
            elapsed_ms=_ms_since(began),
        )
        return Batch(events=(event,))

    async def _judge(self, org: OrgId, so_far: Progress, once: str, cause: int) -> Batch:
        assert so_far.proposed is not None
        fix = await self._fix(org, so_far)
        return await self._versions.judge(org, fix, so_far.proposed.candidates, once, cause)

    async def _analyse(self, org: OrgId, so_far: Progress) -> Batch:
        fix, began = await self._fix(org, so_far), time.monotonic()
        analysed: Analysed = await self._asking.caller.call(
            ANALYZER, "analyse", org, fix, self._asking.bank, timeout_s=CALL_TIMEOUT_S
        )
        event = PatternStored(cycle=fix.cycle, pattern=analysed.insight, elapsed_ms=_ms_since(began))
        return Batch(events=(event,), patterns=(analysed.pattern,))

    async def _scan(self, org: OrgId, so_far: Progress) -> Batch:
        scan = so_far.scan.scan if so_far.scan else await self._new_scan(org, so_far)
        if so_far.scan is None:
            await self._asking.tell(org, "start_scan", scan)
        rules = await self._rules(org, scan)
        attempt, numbers = token_hex(4), count()

        async def registered_now() -> tuple[Repository, ...]:
            return await self._asking.ask(org, "repositories")

        async def hear(news: News | None) -> None:
            if news is None:
                await self._asking.ask(org, "scan", scan.id)
                return
            part = ScanPart(
                once=f"{scan.id}:{attempt}:{next(numbers)}",
                scan=scan.id,
                findings=news.findings,
                done=news.done,
                total=news.total,
                so_far=news.so_far,
            )
            await self._asking.tell(org, "continue_scan", part)

        repositories = [one for one in await registered_now() if one.id in scan.repositories]
        try:
            name = await self._name_of(org)
            result = await self._scanner.scan(scan, rules, repositories, hear, org=org, name=name)
            await self._asking.tell(org, "complete_scan", result)
        except NotFound:
            # The org was deleted while it was scanned; what its tasks have written since is to go, too.
            await asyncio.to_thread(self._scanner.places.forget, org)
            raise
        await self._scanner.clear_away(org, registered_now)
        return Batch()

    async def _new_scan(self, org: OrgId, so_far: Progress) -> Scan:
        assert isinstance(so_far.work, CycleId)
        repositories: tuple[Repository, ...] = await self._asking.ask(org, "repositories")
        return Scan(
            id=scan_of(so_far.work),
            trigger=ScanTrigger.NEW_RULE,
            cycle=so_far.work,
            rules=tuple(rule.id for rule in so_far.accepted),
            repositories=tuple(one.id for one in repositories),
            started_at=datetime.now(UTC),
        )

    async def _propose(self, org: OrgId, so_far: Progress) -> Batch:
        assert so_far.scanned is not None
        scan, began = so_far.scanned.scan, time.monotonic()
        found: tuple[FindingRecord, ...] = await self._asking.ask(org, "scan_findings", scan)
        rules = (
            {rule.id: rule for rule in await self._rules(org, so_far.scan.scan) if rule.mends} if so_far.scan else {}
        )
        mendable = [one.finding for one in found if one.finding.rule in rules][:PROPOSALS_AT_MOST]
        roots = {one: str(await self._root(org, one)) for one in {finding.repository for finding in mendable}}
        answers: list[Proposal | Withheld] = []
        for start in range(0, len(mendable), PATCHES_AT_ONCE):
            some = mendable[start : start + PATCHES_AT_ONCE]
            answers += await self._asking.validate("patch", tuple(rules.values()), some, roots)
        offered = tuple(one for one in answers if isinstance(one, Proposal))
        event = FixesProposed(
            cycle=so_far.work if isinstance(so_far.work, CycleId) else None,
            scan=scan,
            proposals=tuple(one.id for one in offered),
            withheld=len(answers) - len(offered),
            elapsed_ms=_ms_since(began),
        )
        return Batch(events=(event,), proposals=offered)

    async def _rules(self, org: OrgId, scan: Scan) -> tuple[Rule, ...]:
        """The scan's rules, but those that people took out of service since it was asked for."""
        rules: list[Rule] = [await self._asking.ask(org, "rule", rule) for rule in scan.rules]
        return tuple(rule for rule in rules if rule.state in SCANNING_STATES)

    async def _name_of(self, org: OrgId) -> str:
        """What people call the org; its id where control cannot say so at once: no scan waits for a name."""
        if org not in self._names:
            try:
                told: Org = await self._asking.caller.call(CONTROL, "ask", "org", org, timeout_s=NAME_TIMEOUT_S)
            except (NotFound, Unavailable):
                return org
            self._names[org] = told.name
        return self._names[org]

    async def _repository(self, org: OrgId, repository: RepositoryId) -> Repository:
        return await self._asking.ask(org, "repository", repository)

    async def _root(self, org: OrgId, repository: RepositoryId) -> str:
        return await self._scanner.root(await self._repository(org, repository))

    async def _fix(self, org: OrgId, so_far: Progress) -> Fix:
        assert so_far.received is not None
        return await self._asking.ask(org, "fix", so_far.received.fix)


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
