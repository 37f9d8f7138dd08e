"""Kill what you like in the middle of a cycle: it completes, nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from rsolv_ray.actors.client import House
from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.launch import halt, launch
from rsolv_ray.actors.names import BANK, ORCHESTRATOR, ROOT, VALIDATOR
from rsolv_ray.app import tree
from rsolv_ray.model.cycle import Cycle, Outcome, Step, StepStatus
from rsolv_ray.model.events import CommandAttempted, Event, FixReceived, Recorded
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import OrgId, OrgName
from rsolv_ray.model.report import TreeNode
from rsolv_ray.settings import Settings
from rsolv_ray.supervision.spec import ChildSpec, SupervisorSpec
from tests.runtime.fragile import POISON
from tests.runtime.samples import fix_json, write_repository

ONCE = (
    "FixReceived",
    "RulesProposed",
    "PatternStored",
    "ScanStarted",
    "ScanCompleted",
    "CycleCompleted",
)
PATIENCE_S = 90.0


class World:
    """An org of its own on the running tree: its repository holds two more instances of the weakness."""

    def __init__(self, house: House, org: OrgId) -> None:
        self.house, self.org = house, org
        self._fixes = 0

    async def send(self, **named: Any) -> Cycle:
        self._fixes += 1
        fix = Fix.model_validate(fix_json(self._fixes, **named))
        receipt = await self.house.receive_fix(self.org, fix)
        return await self.house.cycle(self.org, receipt.cycle)

    async def until(self, cycle: Cycle, happened: Callable[[Event], bool]) -> list[Recorded]:
        """The events of a cycle, up to the first for which `happened`."""
        seen: list[Recorded] = []
        after = 0
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for recorded in await self.house.events_after(self.org, after, wait_s=5.0):
                    after = recorded.sequence
                    if getattr(recorded.event, "cycle", getattr(recorded.event, "work", None)) != cycle.id:
                        continue
                    seen.append(recorded)
                    if happened(recorded.event):
                        return seen

    async def finished(self, cycle: Cycle) -> tuple[Cycle, Counter[str]]:
        events = await self.until(cycle, lambda event: event.type == "CycleCompleted")
        return await self.house.cycle(self.org, cycle.id), Counter(one.name for one in events)

    async def assert_nothing_lost_or_doubled(self, *, fixes: int, findings: int) -> None:
        events = await self.house.events_after(self.org, 0, wait_s=0, limit=10_000)
        assert [one.sequence for one in events] == list(range(1, len(events) + 1))
        received = [one.event.fix for one in events if isinstance(one.event, FixReceived)]
        assert len(received) == len(set(received)) == fixes
        page = await self.house.findings(self.org, limit=100)
        assert len({one.finding.fingerprint for one in page.items}) == len(page.items) == findings

    async def pid(self, child: str) -> int:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for node in flat(await self.house.tree()):
                    if node.id == child and node.pid is not None:
                        return node.pid
                await asyncio.sleep(0.1)


def flat(nodes: list[TreeNode]) -> list[TreeNode]:
    below = [TreeNode.model_validate(child) for node in nodes for child in node.children]
    return [*nodes, *(flat(below) if below else [])]


def with_fragile_validators(spec: SupervisorSpec) -> SupervisorSpec:
    def changed(child: ChildSpec | SupervisorSpec) -> ChildSpec | SupervisorSpec:
        if isinstance(child, SupervisorSpec):
            return with_fragile_validators(child)
        if not child.id.startswith(VALIDATOR):
            return child
        fragile = child.start.model_copy(update={"class_path": "tests.runtime.fragile:FragileValidator"})
        return child.model_copy(update={"start": fragile})

    return spec.model_copy(update={"children": tuple(changed(child) for child in spec.children)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crashes")
    write_repository(folder / "code" / "shop")
    return folder


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(ray_cluster: object, folder: Path) -> AsyncIterator[House]:
    del ray_cluster
    settings = replace(Settings.load({}), data_dir=folder / "data", allowed_roots=(folder / "code",), validators=2)
    root = await asyncio.to_thread(launch, with_fragile_validators(tree(settings)), data_dir=settings.data_dir)
    yield House(Directory(), settings)
    await asyncio.to_thread(halt, root)


@pytest_asyncio.fixture(loop_scope="module")
async def world(house: House, folder: Path) -> World:
    org = await house.create_org(OrgName(f"org-{time.monotonic_ns()}"), "", by="test")
    await house.add_repository(org.id, "shop", str(folder / "code" / "shop"), None)
    return World(house, org.id)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("step", [Step.SYNTHESIS, Step.JUDGEMENT, Step.SCAN])
@pytest.mark.parametrize("victim", [f"{BANK}/0", f"{ORCHESTRATOR}/0", f"{VALIDATOR}/0", ROOT])
async def test_a_cycle_completes_though_a_process_is_killed_in_the_middle_of_it(
    world: World, victim: str, step: Step
) -> None:
    pid = await world.pid(victim)
    cycle = await world.send()
    await world.until(cycle, lambda event: isinstance(event, CommandAttempted) and event.step is step)
    os.kill(pid, signal.SIGKILL)
    told, counted = await world.finished(cycle)
    assert (told.outcome, told.additional_matches) == (Outcome.LEARNED, 2)
    assert {name: counted[name] for name in ONCE} == dict.fromkeys(ONCE, 1)
    await world.assert_nothing_lost_or_doubled(fixes=1, findings=2)


async def test_what_was_killed_is_there_again_under_a_new_pid(world: World) -> None:
    before = await world.pid(f"{BANK}/0")
    os.kill(before, signal.SIGKILL)
    async with asyncio.timeout(PATIENCE_S):
        while await world.pid(f"{BANK}/0") == before:
            await asyncio.sleep(0.1)
    assert not psutil.pid_exists(before)
    assert (await world.house.ready()).ready


async def test_a_fix_that_kills_its_validator_every_time_ends_as_partial_and_others_go_on(world: World) -> None:
    poison, healthy = await asyncio.gather(world.send(title=POISON), world.send())
    (sick, _), (well, _) = await asyncio.gather(world.finished(poison), world.finished(healthy))
    assert sick.outcome is Outcome.PARTIAL
    assert sick.steps[Step.SYNTHESIS].status is StepStatus.FAILED
    assert sick.steps[Step.PATTERN].status is StepStatus.DONE
    assert well.outcome is not Outcome.PARTIAL
