"""Do real processes live and die as the tree says?"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ray

from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.launch import halt, launch
from rsolv_ray.actors.names import NAMESPACE
from rsolv_ray.actors.watch import sightings
from rsolv_ray.model.errors import Conflict, NotFound, Unavailable
from rsolv_ray.supervision.spec import ChildSpec, SupervisorSpec
from tests.processes import has_ended

pytestmark = pytest.mark.usefixtures("ray_cluster")


class Household:
    """A tree of one test, its ids its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.root: Any = None
        self.directory = Directory(root=name)

    def kid(self, key: str, kind: str = "Kid", **fields: Any) -> ChildSpec:
        start = {"class": f"tests.runtime.children:{kind}", "args": {"name": key, "folder": str(self.folder)}}
        return ChildSpec.model_validate({"id": self.id(key), "start": start, **fields})

    def id(self, key: str) -> str:
        return f"{self.name}/{key}"

    def launch(self, *children: ChildSpec, probe_every_s: float = 5.0, **flags: Any) -> None:
        tree = SupervisorSpec.model_validate(
            {"id": self.name, "children": children, "intensity": 3, "period_s": 60, **flags}
        )
        self.root = launch(tree, data_dir=self.folder, probe_every_s=probe_every_s)

    async def call(self, key: str, method: str, *args: Any, **named: Any) -> Any:
        return await self.directory.call(self.id(key), method, *args, **named)

    async def who(self, key: str) -> tuple[int, int]:
        return await self.call(key, "who", retry=True)

    async def ask(self, method: str, *args: Any) -> Any:
        return await self.directory.call(self.name, method, *args)

    async def node(self, key: str) -> dict[str, Any]:
        (top,) = await self.ask("tree")
        return next(child for child in top.children if child["id"] == self.id(key))

    def log(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Household]:
    house = Household(f"t{abs(hash(request.node.name)) % 10**8}", tmp_path)
    yield house
    if house.root is not None:
        halt(house.root)


async def eventually(holds: Callable[[], Any], within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while True:
            found = holds()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.02)


async def test_a_killed_child_is_replaced_under_its_id_and_no_other(house: Household) -> None:
    house.launch(house.kid("a"), house.kid("b"))
    pid, generation = await house.who("a")
    sibling = await house.who("b")
    os.kill(pid, signal.SIGKILL)
    again = await house.who("a")
    assert again[0] != pid
    assert (generation, again[1]) == (1, 2)
    assert await house.who("b") == sibling


async def test_a_killed_root_adopts_its_children(house: Household) -> None:
    house.launch(house.kid("a"), house.kid("b"))
    before = [await house.who("a"), await house.who("b")]
    root = await house.ask("identity")
    os.kill(root.pid, signal.SIGKILL)
    assert (await house.ask("identity")).pid != root.pid
    assert await house.ask("health") == "running"
    assert [await house.who("a"), await house.who("b")] == before
    os.kill(before[0][0], signal.SIGKILL)
    assert (await house.who("a"))[1] == 2


async def test_a_child_that_dies_while_the_root_is_away_is_replaced_and_counted(house: Household) -> None:
    house.launch(house.kid("a"))
    pid, _ = await house.who("a")
    os.kill((await house.ask("identity")).pid, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    assert (await house.who("a"))[1] == 2
    assert (await house.ask("tree"))[0].restarts_left == 2


async def test_a_start_that_the_root_did_not_survive_is_made_anew_and_leaves_no_second_process(
    house: Household,
) -> None:
    (house.folder / "dawdle").touch()
    launching = asyncio.create_task(asyncio.to_thread(house.launch, house.kid("a")))
    await eventually((house.folder / "log").exists)
    (first,) = [seen.pid for seen in sightings(NAMESPACE) if seen.name == f"{house.id('a')}#1"]
    (house.folder / "dawdle").unlink()
    os.kill((await house.ask("identity")).pid, signal.SIGKILL)
    await launching
    assert (await house.who("a"))[1] == 2
    assert has_ended(first)
    assert (await house.ask("tree"))[0].restarts_left == 3


async def test_a_stopped_child_is_killed_after_three_probes(house: Household) -> None:
    house.launch(house.kid("a"), probe_every_s=1.0)
    pid, _ = await house.who("a")
    os.kill(pid, signal.SIGSTOP)
    assert (await house.who("a"))[1] == 2
    assert has_ended(pid)
    assert (await house.node("a"))["last_exit"] == "killed: 3 probes were not answered"


async def test_a_child_that_says_it_is_ill_is_replaced(house: Household) -> None:
    house.launch(house.kid("a"), probe_every_s=1.0)
    await house.call("a", "fall_ill")

    async def replaced() -> bool:
        return (await house.who("a"))[1] == 2

    await eventually(replaced)
    assert "not healthy" in (await house.node("a"))["last_exit"]


async def test_rest_for_one_replaces_the_later_sibling_too(house: Household) -> None:
    house.launch(house.kid("a"), house.kid("b"), house.kid("c"), strategy="rest_for_one")
    first = await house.who("a")
    pid, _ = await house.who("b")
    os.kill(pid, signal.SIGKILL)

    async def both_again() -> bool:
        return (await house.who("b"))[1] == 2 and (await house.who("c"))[1] == 2

    await eventually(both_again)
    assert await house.who("a") == first
    assert house.log()[3:] == ["stop c", "start b", "start c"]


async def test_a_child_that_cannot_start_again_ends_the_tree_after_its_restarts(house: Household) -> None:
    house.launch(house.kid("a"), house.kid("b"), intensity=2)
    pids = [(await house.who(key))[0] for key in "ab"]
    (house.folder / "refuse").touch()
    os.kill(pids[0], signal.SIGKILL)

    async def degraded() -> bool:
        return await house.ask("health") == "degraded" and all(map(has_ended, pids))

    await eventually(degraded)
    with pytest.raises(Unavailable, match="reached_max_restart_intensity"):
        await house.who("b")
    assert house.log()[2:] == ["start a", "start a", "stop b"]


async def test_a_tree_whose_first_start_fails_says_which_child_and_why(house: Household) -> None:
    (house.folder / "refuse").touch()
    with pytest.raises(Unavailable, match=f"failed_to_start_child {house.id('a')}: RuntimeError: not today"):
        house.launch(house.kid("a"))
    await asyncio.to_thread(halt, ray.get_actor(house.name))


async def test_a_stopped_tree_leaves_no_process_and_stops_in_reverse_order(house: Household) -> None:
    house.launch(house.kid("a"), house.kid("b"))
    pids = [(await house.who(key))[0] for key in "ab"] + [(await house.ask("identity")).pid]
    await asyncio.to_thread(halt, house.root)
    house.root = None
    assert all(map(has_ended, pids))
    assert house.log()[2:] == ["stop b", "stop a"]


async def test_a_new_root_clears_away_what_the_old_one_left_and_counts_generations_on(house: Household) -> None:
    house.launch(house.kid("a"))
    pid, _ = await house.who("a")
    root = await house.ask("identity")
    ray.kill(house.root, no_restart=True)
    await eventually(lambda: has_ended(root.pid))
    assert not has_ended(pid)
    house.launch(house.kid("a"))
    assert has_ended(pid)
    assert (await house.who("a"))[1] == 2


async def test_a_transient_child_that_has_done_its_work_stays_down(house: Household) -> None:
    house.launch(house.kid("a", "Errand", restart="transient"))
    pid, _ = await house.who("a")
    await house.call("a", "finish")

    async def down() -> bool:
        return (await house.node("a"))["state"] == "down"

    await eventually(down)
    assert has_ended(pid)
    assert (await house.node("a"))["last_exit"] == "normal"
    assert (await house.ask("tree"))[0].restarts_left == 3


async def test_a_bug_is_told_to_the_caller_and_ends_the_process(house: Household) -> None:
    house.launch(house.kid("a"))
    pid, _ = await house.who("a")
    with pytest.raises(Unavailable, match="met a bug, which its log tells"):
        await house.call("a", "bug")
    await eventually(lambda: has_ended(pid))

    async def replaced() -> bool:
        return (await house.node("a"))["generation"] == 2

    await eventually(replaced)
    assert (await house.node("a"))["last_exit"] == "crash: KeyError: 'a bug'"


async def test_callers_hear_the_errors_that_the_child_means(house: Household) -> None:
    house.launch(house.kid("a"))
    with pytest.raises(Conflict, match="it does not fit"):
        await house.call("a", "conflict")
    with pytest.raises(NotFound):
        await house.call("nobody", "who")
    began = time.monotonic()
    with pytest.raises(Unavailable, match="not answered in time"):
        await house.call("a", "sleep", 30, timeout_s=0.2)
    assert time.monotonic() - began < 1.0
    assert await house.call("a", "ping") == 1


async def test_a_poisonous_call_is_sent_once_or_where_it_may_be_repeated_twice(house: Household) -> None:
    house.launch(house.kid("a"))
    with pytest.raises(Unavailable, match="died over poison"):
        await house.call("a", "poison")
    assert house.log().count("poison a") == 1
    with pytest.raises(Unavailable, match="died over poison"):
        await house.call("a", "poison", retry=True)
    assert house.log().count("poison a") == 3


def test_a_process_ends_with_its_parent() -> None:
    child = "from rsolv_ray.actors.process import arm_death_signal as arm; arm(); print(1, flush=True); input()"
    parent = f"import subprocess as s, sys; p = s.Popen([sys.executable, '-c', {child!r}], stdin=s.PIPE); print(p.pid, flush=True); p.wait()"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pid, ready = int(process.stdout.readline()), process.stdout.readline()
        assert ready == "1\n"
        process.kill()
    until = time.monotonic() + 2.0
    while not has_ended(pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert has_ended(pid)
