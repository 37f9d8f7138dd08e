"""Do the counts of real processes come together, and does one that is away harm nobody?"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.gathering import gather
from rsolv_ray.actors.launch import halt, launch
from rsolv_ray.actors.names import ROOT
from rsolv_ray.supervision.spec import ChildSpec, SupervisorSpec

pytestmark = pytest.mark.usefixtures("ray_cluster")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    """A root with two children, `kid/a` and `kid/b`."""
    start = {"class": "tests.runtime.children:Kid", "args": {"name": "kid", "folder": str(tmp_path)}}
    children = [ChildSpec.model_validate({"id": f"kid/{key}", "start": start}) for key in "ab"]
    tree = SupervisorSpec.model_validate({"id": ROOT, "children": children, "intensity": 3, "period_s": 60})
    root = launch(tree, data_dir=tmp_path)
    yield Directory()
    halt(root)


async def test_all_processes_tell_and_a_restart_is_counted_by_the_root(directory: Directory) -> None:
    assert (await gather(directory)).keys() == {ROOT, "kid/a", "kid/b"}
    pid, _ = await directory.call("kid/a", "who")
    os.kill(pid, signal.SIGKILL)
    await directory.call("kid/a", "who", retry=True)
    told = {one.name: (dict(one.labels), one.value) for one in (await gather(directory))[ROOT]}
    assert told["rsolv_child_restarts_total"] == ({"kind": "kid"}, 1.0)


async def test_one_that_hangs_is_left_out_within_a_second(directory: Directory) -> None:
    pid, _ = await directory.call("kid/a", "who")
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    told = await gather(directory)
    elapsed_s = time.monotonic() - began
    os.kill(pid, signal.SIGCONT)
    assert told.keys() == {ROOT, "kid/b"}
    assert elapsed_s < 1
