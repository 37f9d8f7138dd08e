"""Does the root remember what it has to, and is a root that was replaced kept from writing?"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from rsolv_ray.actors.ledger import Ledger
from rsolv_ray.model.errors import Fenced
from rsolv_ray.supervision.messages import Exit, ExitKind, ProcessIdentity
from rsolv_ray.supervision.nodes import Node, Phase
from rsolv_ray.supervision.spec import SupervisorSpec

TREE = SupervisorSpec(id="root")
NODE = Node(
    id="bank/0",
    phase=Phase.STOPPING,
    generation=7,
    due=True,
    doomed=True,
    attempts=2,
    process=ProcessIdentity(4242, 1_700_000_000.25, "ab12"),
    last_exit=Exit(ExitKind.CRASH, "out of luck"),
    leaving=Exit(ExitKind.SHUTDOWN),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "below" / "supervision.sqlite"


def test_a_node_comes_back_as_it_was_written(path: Path) -> None:
    ledger = Ledger(path)
    ledger.take_lease("actor", TREE)
    ledger.write([NODE, Node("control")])
    assert set(Ledger(path).nodes()) == {NODE, Node("control")}


def test_a_restart_is_as_long_ago_after_the_machine_was_started_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(path)
    ledger.take_lease("actor", TREE)
    ledger.write([Node("root", restarts=(time.monotonic() - 3.0,))])
    booted = time.monotonic() - 1.0
    monkeypatch.setattr(time, "monotonic", lambda: time.clock_gettime(time.CLOCK_MONOTONIC) - booted)
    (root,) = Ledger(path).nodes()
    assert time.monotonic() - root.restarts[0] == pytest.approx(3.0, abs=0.5)


def test_a_root_that_was_replaced_may_not_write(path: Path) -> None:
    old, new = Ledger(path), Ledger(path)
    old.take_lease("actor", TREE)
    new.take_lease("actor", TREE)
    new.write([Node("control", generation=2)])
    with pytest.raises(Fenced):
        old.write([Node("control", generation=1)])
    assert new.nodes() == (Node("control", generation=2),)
    new.write([Node("control", generation=3)])
    assert new.nodes() == (Node("control", generation=3),)


@pytest.mark.parametrize(
    ("root", "tree", "same"),
    [("one", TREE, True), ("another", TREE, False), ("one", SupervisorSpec(id="root", intensity=9), False)],
)
def test_children_are_adopted_by_the_same_actor_over_the_same_tree_alone(
    path: Path, root: str, tree: SupervisorSpec, same: bool
) -> None:
    assert Ledger(path).take_lease("one", TREE).same is False
    lease = Ledger(path).take_lease(root, tree)
    assert (lease.generation, lease.same) == (2, same)


ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from rsolv_ray.actors.ledger import Ledger
from rsolv_ray.model.errors import Fenced
from rsolv_ray.supervision.nodes import Node
from rsolv_ray.supervision.spec import SupervisorSpec
from structlog.testing import capture_logs

def room(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

path = Path(sys.argv[1])
ledger = Ledger(path)
ledger.take_lease("actor", SupervisorSpec(id="root"))
ledger.write([Node("control", generation=1)])
with capture_logs() as said:
    room(path.with_name(path.name + "-wal").stat().st_size)
    ledger.write([Node("control", generation=2), Node("bank/0", generation=1)])
    ledger.write([Node("control", generation=3)])
    print(sorted((node.id, node.generation) for node in ledger.nodes()))
    room(resource.RLIM_INFINITY)
    ledger.write([])
    print(sorted((node.id, node.generation) for node in Ledger(path).nodes()))
    print([one["log_level"] for one in said])
    room(path.with_name(path.name + "-wal").stat().st_size)
    ledger.write([Node("control", generation=4)])
    room(resource.RLIM_INFINITY)
Ledger(path).take_lease("another", SupervisorSpec(id="root"))
try:
    ledger.write([Node("bank/0", generation=2)])
except Fenced:
    print("fenced")
"""


def test_what_a_full_disk_does_not_take_is_written_when_there_is_room(path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ON_A_FULL_DISK, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.splitlines() == [
        "[('control', 1)]",
        "[('bank/0', 1), ('control', 3)]",
        "['warning', 'info']",
        "fenced",
    ]
    assert {(node.id, node.generation) for node in Ledger(path).nodes()} == {("control", 3), ("bank/0", 1)}
