"""Does the root remember what it has to, and is a root that was replaced kept from writing?"""

from __future__ import annotations

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
