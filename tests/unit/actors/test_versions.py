"""Rules become better ones over the real bank and validator: merged by a fix, narrowed or set back by people's words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.names import ANALYZER, BANK, VALIDATOR
from rsolv_ray.actors.validator import Validator
from rsolv_ray.cycle_view import cycle_of
from rsolv_ray.model.cycle import Cycle, Outcome
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.events import LessonLearned, Recorded, RuleMerged
from rsolv_ray.model.finding import Finding, Repository, RepositoryKind, ScanTrigger, Triage, TriageLabel
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import LessonId, OrgId, RuleId
from rsolv_ray.model.rule import CaseKind, CaseSource, RuleState
from rsolv_ray.settings import Settings
from tests.unit.actors.test_orchestrator import Faulty, Remembering, driven
from tests.unit.store.samples import NOW, finding, result, scan

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")
SHELL = "import subprocess\ndef f(c):\n    subprocess.{name}(c, shell={value})\n"
WRONG = "import subprocess\ndef g(c):\n    subprocess.run(c, shell=True)\n    subprocess.run(FIXED, shell=True)\n"


@pytest.fixture
async def caller(tmp_settings: Settings) -> AsyncIterator[Faulty]:
    bank = Bank(shard=0, data_dir=str(tmp_settings.data_dir), attached=4, checkpoint_every=256)
    validator = Validator(engine="core", rule_timeout_s=5, memory_mb=2048, patience_s=300)
    await bank.start(1)
    await validator.start(1)
    yield Faulty({f"{BANK}/0": bank, f"{VALIDATOR}/0": validator, ANALYZER: Remembering()})
    await bank.stop()


async def learn(caller: Faulty, name: str) -> Cycle:
    changes = [
        {"path": "a.py", "before": SHELL.format(name=name, value=True), "after": SHELL.format(name=name, value=False)}
    ]
    fix = Fix.model_validate({"changes": changes, "cwe": ["CWE-78"], "scan": False})
    bank = caller.children[f"{BANK}/0"]
    cycle = (await bank.receive_fix(ORG, fix)).cycle
    async with asyncio.timeout(30):
        while (told := cycle_of(await bank.ask(ORG, "history", cycle))).outcome is None:
            await asyncio.sleep(0.02)
    return told


async def events(caller: Faulty, kind: type[Any]) -> list[Any]:
    told: tuple[Recorded, ...] = await caller.children[f"{BANK}/0"].ask(ORG, "events_after", 0)
    return [one.event for one in told if isinstance(one.event, kind)]


async def test_a_second_fix_near_the_first_makes_its_rule_better_and_no_second_rule(
    tmp_settings: Settings, caller: Faulty
) -> None:
    async with driven(tmp_settings, caller):
        first, second = await learn(caller, "run"), await learn(caller, "call")
    assert first.rule is not None
    assert second.rule is not None
    (merged,) = await events(caller, RuleMerged)
    assert (second.outcome, second.rule.id, second.rule.version) == (Outcome.LEARNED, first.rule.id, 2)
    assert second.rule.parents == merged.parents == (first.rule.id, merged.parents[1])
    bank = caller.children[f"{BANK}/0"]
    (rule,) = await bank.ask(ORG, "scanning_rules")
    older = await bank.ask(ORG, "rule", rule.id, 1)
    assert (rule.version, rule.state, set(older.cases) < set(rule.cases)) == (2, RuleState.MONITOR, True)
    assert len(rule.origin_fixes) == 2


async def test_fixes_that_come_together_lose_no_case_of_each_other(tmp_settings: Settings, caller: Faulty) -> None:
    async with driven(tmp_settings, caller):
        cycles = await asyncio.gather(*(learn(caller, name) for name in ("run", "call", "Popen", "check_output")))
    assert all(cycle.outcome is Outcome.LEARNED for cycle in cycles)
    (rule,) = await caller.children[f"{BANK}/0"].ask(ORG, "scanning_rules")
    own = [case.code for case in rule.cases if (case.kind, case.source) == (CaseKind.FIRES, CaseSource.FIX)]
    assert {name for name in ("run", "call", "Popen", "check_output") if any(f".{name}(" in code for code in own)} == {
        "run", "call", "Popen", "check_output",
    }  # fmt: skip
    assert rule.version == 4


async def found(caller: Faulty, rule: RuleId, folder: Path, lines: dict[int, dict[str, str]]) -> list[Finding]:
    """Findings of a rule in a file of a repository, by line with what its metavariables stand for."""
    bank = caller.children[f"{BANK}/0"]
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src" / "x.py").write_text(WRONG)
    where = Repository(
        id=Repository.id_of(str(folder), None),
        name="shop",
        kind=RepositoryKind.PATH,
        location=str(folder),
        added_at=NOW,
    )
    some = [
        finding(line, path="src/x.py", line=line, rule=rule, repository=where.id).model_copy(
            update={"metavariables": told}
        )
        for line, told in lines.items()
    ]
    await bank.tell(ORG, "add_repository", where)
    begun = scan(0, rules=(rule,)).model_copy(update={"trigger": ScanTrigger.MANUAL, "repositories": (where.id,)})
    await bank.tell(ORG, "start_scan", begun)
    await bank.tell(ORG, "complete_scan", result(0, *some, covered=((rule, where.id),)))
    return some


async def lesson(caller: Faulty) -> LessonLearned:
    async with asyncio.timeout(30):
        while not (told := await events(caller, LessonLearned)):
            await asyncio.sleep(0.02)
    return told[-1]


async def open_lessons(caller: Faulty) -> list[str]:
    _, works = await caller.children[f"{BANK}/0"].open_work(0, wait_s=0)
    return [work for _, work in works if isinstance(work, LessonId)]


def wrong(reason: str = "a constant") -> Triage:
    return Triage(label=TriageLabel.FALSE_POSITIVE, reason=reason, by="ann")


async def test_a_false_positive_becomes_a_case_and_the_rule_spares_it(
    tmp_settings: Settings, caller: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def root(_scanner: object, repository: Repository) -> str:
        return repository.location

    monkeypatch.setattr("rsolv_ray.actors.scanning.Scanner.root", root)
    bank = caller.children[f"{BANK}/0"]
    async with driven(tmp_settings, caller):
        cycle = await learn(caller, "run")
        assert cycle.rule is not None
        right, spared = await found(caller, cycle.rule.id, tmp_path, {3: {}, 4: {}})
        await bank.tell(ORG, "triage", right.id, Triage(label=TriageLabel.TRUE_POSITIVE))
        await bank.tell(ORG, "triage", spared.id, wrong())
        told = await lesson(caller)
        while await open_lessons(caller):
            await asyncio.sleep(0.02)
    rule = await bank.ask(ORG, "rule", cycle.rule.id)
    assert (told.rule, told.version, rule.version, rule.state) == (rule.id, 2, 2, RuleState.MONITOR)
    taught = [(case.kind, case.lines[0].first) for case in rule.cases if case.source is CaseSource.TRIAGE]
    assert taught == [(CaseKind.FIRES, 3), (CaseKind.SILENT, 4)]
    assert await bank.ask(ORG, "history", told.work) != ()
    assert await open_lessons(caller) == []


async def test_a_rule_that_is_wrong_where_nothing_can_be_learned_falls_by_what_was_measured(
    tmp_settings: Settings, caller: Faulty, tmp_path: Path
) -> None:
    bank = caller.children[f"{BANK}/0"]
    async with driven(tmp_settings, caller):
        cycle = await learn(caller, "run")
        assert cycle.rule is not None
        some = await found(caller, cycle.rule.id, tmp_path, {line: {} for line in range(1, 5)})
        await bank.tell(ORG, "triage_many", [one.id for one in some], wrong())
        told = await lesson(caller)
        history = await bank.ask(ORG, "rule_history", cycle.rule.id)
    assert (told.version, [step.state for step in history]) == (None, [RuleState.MONITOR, RuleState.RETIRED])
    assert (history[-1].by, "of 4 findings" in history[-1].reason) == ("lessons", True)


async def test_a_word_that_is_no_false_positive_sets_nothing_off(
    tmp_settings: Settings, caller: Faulty, tmp_path: Path
) -> None:
    bank = caller.children[f"{BANK}/0"]
    async with driven(tmp_settings, caller):
        cycle = await learn(caller, "run")
        assert cycle.rule is not None
        (one,) = await found(caller, cycle.rule.id, tmp_path, {3: {}})
        await bank.tell(ORG, "triage", one.id, Triage(label=TriageLabel.IGNORED))
    assert await open_lessons(caller) == []


async def test_a_lesson_whose_validator_is_away_is_tried_again_and_then_given_up(
    tmp_settings: Settings, caller: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rsolv_ray.actors.orchestrator.RETRY_PAUSE_S", 0.01)
    bank = caller.children[f"{BANK}/0"]
    async with driven(tmp_settings, caller):
        cycle = await learn(caller, "run")
        assert cycle.rule is not None
        (one,) = await found(caller, cycle.rule.id, tmp_path, {3: {}})
        caller.spoil = {"teach": [Unavailable("away")] * 3}
        await bank.tell(ORG, "triage", one.id, wrong())
        async with asyncio.timeout(30):
            while await open_lessons(caller) or caller.spoil["teach"]:
                await asyncio.sleep(0.02)
    assert await events(caller, LessonLearned) == []
    assert (await bank.ask(ORG, "rule", cycle.rule.id)).version == 1
