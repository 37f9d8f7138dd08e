"""How does an org come to a rule, and to a better one?

What is judged, merged or narrowed is committed here, one at a time for each org: the next version of a rule is made of its newest one, so
that no two of them can pass each other by, and no case of either is lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from rsolv_ray.actors.asking import Asking
from rsolv_ray.engine.lessons import Taught
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import NotFound, Rejected, Unavailable
from rsolv_ray.model.events import Event, FindingTriaged, LessonLearned, RuleAccepted, RuleMerged, RuleRejected
from rsolv_ray.model.finding import Finding, FindingCounts, FindingRecord, TriageLabel
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CycleId, LessonId, OrgId, RepositoryId, RuleId
from rsolv_ray.model.page import Page
from rsolv_ray.model.rule import SCANNING_STATES, Accepted, Candidate, Refused, Rule, RuleState, Verdict
from rsolv_ray.synthesis.rules.merging import is_near
from rsolv_ray.validation.lessons import fall

MOST_WRONG, MOST_RIGHT = 5, 10
"""So many places of one lesson are spared one by one, with so many others that people called right."""

PAUSE_S = 0.5

log = structlog.get_logger(__name__)

Root = Callable[[OrgId, RepositoryId], Awaitable[str]]


class Versions:
    """Judging, merging and narrowing for the orgs of one shard. `root` tells the folder of a repository."""

    def __init__(self, asking: Asking, root: Root) -> None:
        self._asking, self._root = asking, root
        self._turns: dict[OrgId, asyncio.Lock] = {}

    async def judge(self, org: OrgId, fix: Fix, candidates: Sequence[Candidate], once: str, cause: int) -> Batch:
        """Judge candidates, and commit what came of it under the name `once`. What it returns adds nothing."""
        began = time.monotonic()
        known: tuple[Rule, ...] = await self._asking.ask(org, "scanning_rules")
        verdicts: tuple[Verdict, ...] = await self._asking.validate("judge", fix, candidates, known)
        verdicts = tuple([await self._unless_retired(org, verdict) for verdict in verdicts])
        async with self._turn(org):
            rules = tuple(one.rule for one in verdicts if isinstance(one, Accepted))
            merged = await self._merged(org, rules) if rules else {}
            elapsed_ms = _ms_since(began)
            events = tuple(_told(fix.cycle, verdict, merged, elapsed_ms) for verdict in verdicts)
            kept = tuple(merged.get(rule.id, rule) for rule in rules)
            await self._commit(org, Batch(events=events, rules=kept), once, cause)
        return Batch()

    async def learn(self, org: OrgId, said: Sequence[FindingTriaged], once: str, cause: int) -> Batch:
        """Teach a rule what people said of its findings, and commit the lesson under the name `once`."""
        began, lesson, name = time.monotonic(), said[0].lesson, said[0].rule
        assert lesson is not None
        async with self._turn(org):
            rule: Rule = await self._asking.ask(org, "rule", name)
            wrong = await self._still_wrong(org, said)
            if rule.state not in SCANNING_STATES or not wrong:
                why = "the word was taken back" if not wrong else f"the rule is {rule.state}"
                taught = Taught(None, f"nothing is learned: {why}")
            else:
                taught = await self._taught(org, rule, wrong)
                if taught.rule is None:
                    await self._fall(org, rule)
            await self._commit(org, _lesson(lesson, name, taught, _ms_since(began)), once, cause)
        return Batch()

    async def _taught(self, org: OrgId, rule: Rule, wrong: Sequence[Finding]) -> Taught:
        labels = frozenset({TriageLabel.TRUE_POSITIVE})
        page: Page[FindingRecord] = await self._asking.ask(
            org, "findings", rule=rule.id, labels=labels, limit=MOST_RIGHT
        )
        right = [record.finding for record in page.items]
        roots: dict[str, str] = {}
        for repository in sorted({finding.repository for finding in (*wrong, *right)}):
            try:
                roots[repository] = await self._root(org, repository)
            except Rejected:
                continue  # it was removed, or may no longer be read: its places cannot be looked at
        return await self._asking.validate("teach", rule, wrong, right, roots)

    async def _still_wrong(self, org: OrgId, said: Sequence[FindingTriaged]) -> list[Finding]:
        found: list[Finding] = []
        for one in said[:MOST_WRONG]:
            record: FindingRecord = await self._asking.ask(org, "finding", one.finding)
            if record.triage is not None and record.triage.label is TriageLabel.FALSE_POSITIVE:
                found.append(record.finding)
        return found

    async def _fall(self, org: OrgId, rule: Rule) -> None:
        counts: dict[RuleId, FindingCounts] = await self._asking.ask(org, "finding_counts", [rule.id])
        fallen = fall(rule.state, counts[rule.id])
        if fallen is not None:
            state, reason = fallen
            await self._asking.tell(org, "change_rule_state", rule.id, state, reason=reason, by="lessons")

    async def _merged(self, org: OrgId, rules: Sequence[Rule]) -> dict[RuleId, Rule]:
        """New rule -> the next version of a known one that stands for both."""
        known: dict[RuleId, Rule] = {rule.id: rule for rule in await self._asking.ask(org, "scanning_rules")}
        merged: dict[RuleId, Rule] = {}
        for rule in rules:
            near = tuple(one for one in known.values() if is_near(one, rule))
            if rule.id in known or not near:
                continue
            answer: Rule | None = await self._asking.validate("merge", rule, near)
            if answer is not None:
                merged[rule.id] = answer
                known[answer.id] = answer
        return merged

    async def _unless_retired(self, org: OrgId, verdict: Verdict) -> Verdict:
        """A rule that people have retired does not come back because it was learned once more."""
        if not isinstance(verdict, Accepted):
            return verdict
        try:
            known: Rule = await self._asking.ask(org, "rule", verdict.rule.id)
        except NotFound:
            return verdict
        if known.state is not RuleState.RETIRED:
            return verdict
        return Refused(
            candidate=verdict.candidate,
            proposer=verdict.rule.proposer,
            form=verdict.rule.form,
            gate="retired",
            reason=f"the rule {known.id} was retired: set it to monitor to have it again",
        )

    async def _commit(self, org: OrgId, batch: Batch, once: str, cause: int) -> None:
        """Commit at last: a full disk, or a bank that is away, is waited for as long as the step has time."""
        whole = batch.model_copy(update={"once": once, "cause": cause})
        while True:
            try:
                await self._asking.tell(org, "commit", whole)
            except Unavailable as error:
                log.warning("the bank is asked again", reason=str(error), pause_s=PAUSE_S)
                await asyncio.sleep(PAUSE_S)
            else:
                return

    def _turn(self, org: OrgId) -> asyncio.Lock:
        return self._turns.setdefault(org, asyncio.Lock())


def _lesson(lesson: LessonId, rule: RuleId, taught: Taught, elapsed_ms: int) -> Batch:
    version = None if taught.rule is None else taught.rule.version
    event = LessonLearned(work=lesson, rule=rule, version=version, lesson=taught.lesson, elapsed_ms=elapsed_ms)
    return Batch(events=(event,), rules=() if taught.rule is None else (taught.rule,))


def _told(cycle: CycleId, verdict: Verdict, merged: dict[RuleId, Rule], elapsed_ms: int) -> Event:
    if isinstance(verdict, Refused):
        return RuleRejected(
            cycle=cycle,
            candidate=verdict.candidate,
            proposer=verdict.proposer,
            form=verdict.form,
            gate=verdict.gate,
            reason=verdict.reason,
            known_rule=verdict.known_rule,
        )
    known = merged.get(verdict.rule.id)
    if known is None:
        return RuleAccepted(cycle=cycle, rule=verdict.rule.summary(), elapsed_ms=elapsed_ms)
    parents = (known.id, verdict.rule.id)
    return RuleMerged(cycle=cycle, rule=known.summary(), parents=parents, elapsed_ms=elapsed_ms)


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
