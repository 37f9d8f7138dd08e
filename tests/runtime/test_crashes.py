"""Kill what you like in the middle of a cycle: it completes, nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import psutil
import pytest
import pytest_asyncio

from rsolv_ray.actors.client import House
from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.names import BANK, ORCHESTRATOR, ROOT, VALIDATOR
from rsolv_ray.actors.supervisor import launch
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
    "FixesProposed",
    "CycleCompleted",
)
PATIENCE_S = 90.0


class World:
    """A running tree, with an org whose repository holds two more instances of the weakness."""

    def __init__(self, house: House, org: OrgId, root: Any) -> None:
        self.house, self.org, self.root = house, org, root
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


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(ray_cluster: object, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    del ray_cluster
    folder = tmp_path_factory.mktemp("crashes")
    repository = write_repository(folder / "code" / "shop")
    settings = replace(Settings.load({}), data_dir=folder / "data", allowed_roots=(folder / "code",), validators=2)
    root = await asyncio.to_thread(launch, with_fragile_validators(tree(settings)), data_dir=settings.data_dir)
    house = House(Directory(), settings)
    org = await house.create_org(OrgName("acme"), "", by="test")
    await house.add_repository(org.id, "shop", str(repository), None)
    yield World(house, org.id, root)
    await root.stop_tree.remote()


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
    assert (told.outcome, told.additional_matches) == (Outcome.LEARNED, 2) or told.reason is not None
    assert {name: counted[name] for name in ONCE if counted[name] > 1} == {}


async def test_what_was_killed_is_there_again_under_a_new_pid(world: World) -> None:
    before = await world.pid(f"{BANK}/0")
    os.kill(before, signal.SIGKILL)
    assert await world.house.ready()
    async with asyncio.timeout(PATIENCE_S):
        while await world.pid(f"{BANK}/0") == before:
            await asyncio.sleep(0.1)
    assert not psutil.pid_exists(before)


async def test_no_fix_and_no_finding_is_lost_or_doubled_after_all_of_that(world: World) -> None:
    events = await world.house.events_after(world.org, 0, wait_s=0, limit=10_000)
    assert [one.sequence for one in events] == list(range(1, len(events) + 1))
    fixes = [one.event.fix for one in events if isinstance(one.event, FixReceived)]
    assert len(fixes) == len(set(fixes)) > 0
    page = await world.house.findings(world.org, limit=100)
    assert len({one.finding.fingerprint for one in page.items}) == len(page.items)


async def test_a_fix_that_kills_its_validator_every_time_ends_as_partial_and_others_go_on(world: World) -> None:
    poison, healthy = await asyncio.gather(world.send(title=POISON), world.send())
    (sick, _), (well, _) = await asyncio.gather(world.finished(poison), world.finished(healthy))
    assert sick.outcome is Outcome.PARTIAL
    assert sick.steps[Step.SYNTHESIS].status is StepStatus.FAILED
    assert sick.steps[Step.PATTERN].status is StepStatus.DONE
    assert well.outcome is not Outcome.PARTIAL
