"""Does each thing that is declared to be counted change its count when it happens, and by as much?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.counting import count_attempt, count_start
from rsolv_ray.actors.validator import Validator
from rsolv_ray.model.batch import Batch, ScanResult
from rsolv_ray.model.cycle import Outcome, Step
from rsolv_ray.model.events import CommandAbandoned, CycleCompleted, Event, LessonLearned
from rsolv_ray.model.finding import Scan, ScanReport, ScanTrigger
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import CycleId, OrgId, ScanId
from rsolv_ray.model.rule import Case, CaseKind
from rsolv_ray.supervision.messages import Exit, ExitKind
from rsolv_ray.supervision.nodes import Node
from rsolv_ray.telemetry import snapshot

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")
OTHER_ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3E")
CYCLE = CycleId.of("one")
FIX = Fix(changes=(FileChange(path="a.py", language="python", before="f(x)\n", after="g(x)\n"),))

Grown = Callable[..., float]


@pytest.fixture
def grown() -> Grown:
    """How much a sample has grown in this test."""

    def values() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return {(one.name, frozenset(one.labels)): one.value for one in snapshot()}

    before = values()

    def by(name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return values().get(key, 0.0) - before.get(key, 0.0)

    return by


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    made = Bank(shard=0, data_dir=str(tmp_path), attached=8, checkpoint_every=100)
    await made.start(1)
    yield made
    await made.stop()


async def commit(bank: Bank, *events: Event, once: str | None = None) -> None:
    await bank.tell(ORG, "commit", Batch(once=once, events=events))


async def test_a_fix_that_comes_again_is_counted_as_known(bank: Bank, grown: Grown) -> None:
    for _ in range(3):
        await bank.receive_fix(ORG, FIX)
    counts = {known: grown("rsolv_fixes_received_total", known=known) for known in ("true", "false")}
    assert counts == {"true": 2, "false": 1}
    assert grown("rsolv_events_recorded_total", event="FixReceived") == 1


async def test_a_batch_that_is_sent_twice_is_counted_once(bank: Bank, grown: Grown) -> None:
    for _ in range(2):
        await commit(bank, LessonLearned(lesson="x"), once="the same")
    assert grown("rsolv_events_recorded_total", event="LessonLearned") == 1


async def test_the_end_of_a_cycle_is_counted_with_its_outcome_and_time(bank: Bank, grown: Grown) -> None:
    await commit(bank, CycleCompleted(cycle=CYCLE, outcome=Outcome.LEARNED, elapsed_ms=1500))
    assert grown("rsolv_cycles_completed_total", outcome="learned") == 1
    assert grown("rsolv_cycle_seconds_sum") == pytest.approx(1.5)


async def test_a_step_that_is_given_up_is_counted(bank: Bank, grown: Grown) -> None:
    await commit(bank, CommandAbandoned(work=CYCLE, step=Step.JUDGEMENT, reason="x"))
    assert grown("rsolv_commands_abandoned_total", step="judgement") == 1


async def test_a_scan_is_counted_with_its_files_and_time_when_it_is_completed_first(bank: Bank, grown: Grown) -> None:
    begun = Scan(id=ScanId.of("s"), trigger=ScanTrigger.MANUAL, rules=(), repositories=(), started_at=datetime.now(UTC))
    await bank.tell(ORG, "start_scan", begun)
    report = ScanReport(files=7, skipped=3, known=2, unread=4, duration_ms=250)
    for _ in range(2):
        await bank.tell(ORG, "complete_scan", ScanResult(scan=begun.id, findings=(), covered=(), report=report))
    assert grown("rsolv_scan_files_total") == 7
    assert grown("rsolv_scan_seconds_sum") == pytest.approx(0.25)
    answers = [grown("rsolv_scan_file_answers_total", source=source) for source in ("index", "cache", "engine")]
    assert answers == [3, 2, 2]


async def test_every_write_is_timed_and_no_question(bank: Bank, grown: Grown) -> None:
    await commit(bank, LessonLearned(lesson="x"))
    await bank.ask(ORG, "last_sequence")
    assert grown("rsolv_bank_commit_seconds_count") == 1
    assert grown("rsolv_bank_commit_seconds_sum") > 0


async def test_the_files_that_are_open_are_counted(bank: Bank) -> None:
    def attached() -> float:
        return next(one.value for one in snapshot() if one.name == "rsolv_bank_attached_orgs")

    for org in (ORG, OTHER_ORG):
        await bank.ask(org, "last_sequence")
    assert attached() == 2
    await bank.forget(ORG)
    assert attached() == 1


async def test_followers_miss_nothing_of_a_large_batch(bank: Bank) -> None:
    await bank.events_after(ORG, 0)
    await commit(bank, *(LessonLearned(lesson=str(number)) for number in range(1200)))
    await commit(bank, LessonLearned(lesson="last"))
    told = await bank.events_after(ORG, 0, limit=2000)
    assert [one.sequence for one in told] == list(range(1, 1202))


async def test_a_run_of_the_engine_in_a_validator_is_counted(grown: Grown) -> None:
    validator = Validator(engine="core", rule_timeout_s=5, memory_mb=500, patience_s=300)
    await validator.start(1)
    rule = {"id": "x", "languages": ["python"], "severity": "ERROR", "message": "m", "pattern": "eval(...)"}
    await validator.validate(rule, [Case(kind=CaseKind.FIRES, path="a.py", language="python", code="eval(x)")])
    await validator.stop()
    assert grown("rsolv_engine_run_seconds_count", engine="semgrep-core", result="done") >= 1


@pytest.mark.parametrize("result", ["done", "failed", "timed_out"])
async def test_an_attempt_at_a_step_is_counted_by_how_it_ended(grown: Grown, result: str) -> None:
    async def act() -> Any:
        match result:
            case "failed":
                raise ValueError
            case "timed_out":
                await asyncio.sleep(60)

    attempt = asyncio.create_task(act())
    await asyncio.wait({attempt}, timeout=0.01)
    count_attempt(Step.SCAN, attempt, 0.5)
    attempt.cancel()
    ways = ("done", "failed", "timed_out")
    counts = {way: grown("rsolv_step_seconds_sum", step="scan", result=way) for way in ways}
    assert counts == {way: pytest.approx(0.5 if way == result else 0) for way in ways}


def test_a_start_is_a_restart_once_the_child_has_ended_before(grown: Grown) -> None:
    count_start(Node("bank/0", generation=7))
    assert grown("rsolv_child_restarts_total", kind="bank") == 0
    count_start(Node("bank/0", generation=8, last_exit=Exit(ExitKind.CRASH)))
    assert grown("rsolv_child_restarts_total", kind="bank") == 1
