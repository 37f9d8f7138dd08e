"""Can people tell in Ray's dashboard what a task is for, and which process an actor is?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.actors.names import CONTROL
from rsolv_ray.actors.process import Launch, Process
from rsolv_ray.actors.scan_tasks import Planned, plan_repository
from rsolv_ray.actors.scanning import Scanner
from rsolv_ray.actors.seen import News
from rsolv_ray.actors.steps import Steps
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.model.batch import Writer
from rsolv_ray.model.finding import Repository, RepositoryKind, Scan, ScanTrigger
from rsolv_ray.model.ids import OrgId, ScanId
from rsolv_ray.repos.corpus import IndexedFile
from rsolv_ray.scanning.planning import Plan, PlanPart
from rsolv_ray.supervision.spec import StartSpec
from tests.unit.actors.conftest import Beside

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")


class Named:
    """Ray's tasks without Ray: nothing is done, and the names that they were given are kept."""

    def __init__(self, parts: Mapping[str, int]) -> None:
        self._parts = parts
        self.names: list[str] = []

    def share(self, value: object) -> object:
        return value

    async def run(self, function: Callable[..., Any], name: str, *args: Any) -> Any:
        self.names.append(name)
        if function is plan_repository:
            part = PlanPart(("r",), (IndexedFile("a.py", "0" * 32, "python", 1, 1),))
            parts = (part,) * self._parts[args[1].name]
            return Planned("/", Plan(FileScan((), (), files=0), parts, files=0, ruled_out=0, recalled=0))
        return FileScan((), (), files=1), ()


def options(folder: Path) -> dict[str, Any]:
    return {
        "data_dir": str(folder), "engine": "auto", "at_most": 1, "rule_timeout_s": 5.0, "scan_timeout_s": 60.0,
        "memory_mb": 2048, "cache_mb": 16, "index_memory_mb": 32, "allowed_roots": [str(folder)], "allowed_git_hosts": [],
    }  # fmt: skip


def repository(folder: Path, name: str) -> Repository:
    place = folder / name
    place.mkdir()
    return Repository(
        id=Repository.id_of(str(place), None), name=name, kind=RepositoryKind.PATH, location=str(place), added_at=NOW
    )


async def test_tasks_of_a_scan_bear_org_repository_and_number(tmp_path: Path) -> None:
    tasks = Named({"shop": 2, "till": 1})
    places = [repository(tmp_path, name) for name in ("shop", "till")]
    scan = Scan(id=ScanId.of("s"), trigger=ScanTrigger.MANUAL, rules=(), repositories=(), started_at=NOW)

    async def hear(_: News | None) -> None: ...

    await Scanner(**options(tmp_path), tasks=tasks).scan(scan, (), places, hear, org=ORG, name="acme")  # type: ignore[arg-type]
    assert sorted(tasks.names) == [
        "list acme/shop", "list acme/till", "scan acme/shop 1 of 2", "scan acme/shop 2 of 2", "scan acme/till 1 of 1",
    ]  # fmt: skip


@pytest.fixture
def steps(caller: Beside, tmp_path: Path) -> Steps:
    return Steps(
        caller,
        "bank/0",
        Writer(kind="orchestrator/0", generation=1),
        1,
        scanning=options(tmp_path),
        spending={"per_day": 0, "per_fix": 0},
    )


async def test_an_org_is_called_by_its_name_which_is_asked_for_once(steps: Steps, caller: Beside) -> None:
    made = await caller.call(CONTROL, "ask", "create_org", "acme", "", by="tests", timeout_s=5.0)
    caller.calls.clear()
    assert [await steps._name_of(made.id) for _ in range(2)] == ["acme", "acme"]
    assert caller.calls == ["control.ask"]


async def test_no_scan_waits_for_a_name(steps: Steps, caller: Beside) -> None:
    assert await steps._name_of(ORG) == ORG
    caller.away.add(CONTROL)
    assert await steps._name_of(ORG) == ORG


def test_an_actor_is_shown_as_the_process_that_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("arm_death_signal", "configure_logging", "ray_metrics"):
        monkeypatch.setattr(f"rsolv_ray.actors.process.{part}", _Nothing())
    start = StartSpec(class_path="tests.runtime.children:Kid")
    assert repr(Process(Launch("bank/0", 3, start, "root", "rsolv"))) == "bank/0#3"


class _Nothing:
    """What would change this very process."""

    def __call__(self, *_: object) -> None: ...

    def arm(self, _process: str) -> None: ...
