"""Does the pure core do what OTP's supervisor does? Cases of OTP's supervisor_SUITE, each under its name there."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rsolv_ray.supervision.messages import (
    Died,
    Exit,
    ReportKind,
    Started,
    StartFailed,
    StartInterrupted,
    StartTree,
    StopTree,
    TryAgain,
)
from rsolv_ray.supervision.nodes import Phase
from rsolv_ray.supervision.spec import BackOff, ChildSpec, Restart, Shutdown, Strategy, SupervisorSpec
from rsolv_ray.supervision.testing import CRASH, KILLED, NORMAL, SHUTDOWN, World, supervisor, worker

A, B, C, D = (worker(name) for name in "abcd")


# Start and stop


def test_sup_start_normal() -> None:
    world = World(supervisor("root")).up()
    assert world.phase("root") is Phase.RUNNING
    assert world.down().phase("root") is Phase.DOWN
    assert world.given_up is None


def test_sup_start_fail() -> None:
    world = World(supervisor("root", A, B, C))
    world.failing["c"] = 1
    world.up()
    assert world.since() == ["start a", "start b", "failed c", "stop b", "stop a"]
    assert world.given_up is not None
    assert world.given_up.detail.startswith("failed_to_start_child c")
    assert world.reported(ReportKind.START_ERROR) == ["c"]


def test_sup_start_map() -> None:
    spec = ChildSpec.model_validate({"id": "a", "start": {"class": "m:C"}})
    assert (spec.restart, spec.shutdown, spec.type) == (Restart.PERMANENT, 5.0, "worker")
    tree = SupervisorSpec.model_validate({"id": "root"})
    assert (tree.strategy, tree.intensity, tree.period_s) == (Strategy.ONE_FOR_ONE, 1, 5.0)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("missing_id", {"start": {"class": "m:C"}}),
        ("missing_start", {"id": "a"}),
        ("invalid_id", {"id": "No Id", "start": {"class": "m:C"}}),
        ("invalid_start", {"id": "a", "start": {"class": "no class"}}),
        ("invalid_restart_type", {"id": "a", "start": {"class": "m:C"}, "restart": "always"}),
        ("invalid_shutdown", {"id": "a", "start": {"class": "m:C"}, "shutdown": -1}),
        ("invalid_shutdown", {"id": "a", "start": {"class": "m:C"}, "shutdown": "soon"}),
    ],
)
def test_child_specs_map(name: str, fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=name):
        ChildSpec.model_validate(fields)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("invalid_strategy", {"strategy": "some_for_some"}),
        ("invalid_intensity", {"intensity": -1}),
        ("invalid_period", {"period_s": 0}),
        ("missing_id", {"id": None}),
    ],
)
def test_sup_flags(name: str, fields: dict[str, object]) -> None:
    given = {"id": "root", **fields}
    with pytest.raises(ValidationError, match=name):
        SupervisorSpec.model_validate({key: value for key, value in given.items() if value is not None})


def test_child_specs_duplicate_child_name() -> None:
    with pytest.raises(ValidationError, match="duplicate_child_name: a"):
        supervisor("root", A, supervisor("below", A))


@pytest.mark.parametrize("shutdown", ["infinity", 1.0])
def test_sup_stop_infinity(shutdown: Shutdown) -> None:
    world = World(supervisor("root", worker("a", shutdown=shutdown), supervisor("below", B))).up().down()
    assert not world.alive
    assert world.reported(ReportKind.SHUTDOWN_ERROR) == []
    assert world.tree.nodes["a"].last_exit == SHUTDOWN


def test_sup_stop_timeout() -> None:
    world = World(supervisor("root", A, B))
    world.deaf.add("b")
    world.up().down()
    assert world.reported(ReportKind.SHUTDOWN_ERROR) == ["b"]
    assert world.tree.nodes["b"].last_exit == KILLED
    assert world.tree.nodes["a"].last_exit == SHUTDOWN


def test_sup_stop_brutal_kill() -> None:
    world = World(supervisor("root", worker("a", shutdown="brutal"), B)).up().down()
    assert world.tree.nodes["a"].last_exit == KILLED
    assert world.tree.nodes["b"].last_exit == SHUTDOWN
    assert world.reported(ReportKind.SHUTDOWN_ERROR) == []


@pytest.mark.parametrize("restart", list(Restart))
@pytest.mark.parametrize("reason", [NORMAL, SHUTDOWN, KILLED, CRASH])
def test_sup_stop_race(restart: Restart, reason: Exit) -> None:
    world = World(supervisor("root", *(worker(name, restart=restart) for name in "abc"))).up()
    world.since()
    world.hear(StopTree())
    world.die("a", reason)
    world.die("b", reason).settle()
    assert world.since() == ["stop c"]
    assert not world.alive
    assert [world.tree.nodes[name].last_exit for name in "abc"] == [reason, reason, SHUTDOWN]
    assert world.reports == []
    assert world.phase("root") is Phase.DOWN
    assert world.given_up is None


def test_order_of_children() -> None:
    world = World(supervisor("root", A, B, C, D, strategy="rest_for_one", intensity=2)).up()
    assert world.since() == ["start a", "start b", "start c", "start d"]
    world.end("b")
    assert world.since() == ["stop d", "stop c", "start b", "start c", "start d"]
    world.down()
    assert world.since() == ["stop d", "stop c", "stop b", "stop a"]


def test_sup_stop_of_a_permanent_child_that_answers_normal_is_reported() -> None:
    world = World(supervisor("root", A, worker("b", restart="transient"))).up()
    world.hear(StopTree())
    for name in "ba":
        world.pending.clear()
        world.die(name, NORMAL)
    assert world.reported(ReportKind.SHUTDOWN_ERROR) == ["a"]
    assert world.phase("root") is Phase.DOWN


# Intensity


def test_multiple_restarts() -> None:
    world = World(supervisor("root", A, intensity=1, period_s=1)).up()
    for generation in range(2, 6):
        world.now += 2.1
        assert world.end("a").generation("a") == generation
    assert world.given_up is None


# Strategies


def test_one_for_one() -> None:
    world = World(supervisor("root", A, B, intensity=2)).up()
    world.end("a")
    world.end("a")
    assert (world.generation("a"), world.generation("b")) == (3, 1)
    world.end("a")
    assert world.reported(ReportKind.REACHED_MAX_RESTART_INTENSITY) == ["a"]
    assert not world.alive
    assert world.given_up == Exit(SHUTDOWN.kind, "reached_max_restart_intensity")


@pytest.mark.parametrize("strategy", list(Strategy))
def test_escalation(strategy: Strategy) -> None:
    """one_for_one_escalation, one_for_all_escalation and rest_for_one_escalation."""
    world = World(supervisor("root", A, B, strategy=strategy, intensity=4)).up()
    world.failing["a"] = 1000
    world.end("a")
    assert not world.alive
    assert world.given_up is not None
    assert world.failing["a"] == 1000 - 4


def test_one_for_all() -> None:
    world = World(supervisor("root", A, B, intensity=2, strategy="one_for_all")).up()
    world.since()
    world.end("a")
    assert world.since() == ["stop b", "start a", "start b"]
    world.end("b")
    assert (world.generation("a"), world.generation("b")) == (3, 3)
    world.end("a")
    assert world.given_up is not None
    assert not world.alive


def test_one_for_all_other_child_fails_restart() -> None:
    world = World(supervisor("root", A, B, C, intensity=3, strategy="one_for_all")).up()
    world.since()
    world.failing["b"] = 1
    world.end("c")
    assert world.since() == ["stop b", "stop a", "start a", "failed b", "stop a", "start a", "start b", "start c"]


def test_rest_for_one() -> None:
    world = World(supervisor("root", A, B, C, intensity=2, strategy="rest_for_one")).up()
    world.end("b")
    assert [world.generation(name) for name in "abc"] == [1, 2, 2]
    world.end("c")
    assert [world.generation(name) for name in "abc"] == [1, 2, 3]
    world.end("a")
    assert world.given_up is not None
    assert not world.alive


def test_rest_for_one_other_child_fails_restart() -> None:
    world = World(supervisor("root", A, B, C, intensity=3, strategy="rest_for_one")).up()
    world.since()
    world.failing["b"] = 1
    world.end("a")
    assert world.since() == ["stop c", "stop b", "start a", "failed b", "start b", "start c"]


def test_temporary_bystander() -> None:
    for strategy in ("one_for_all", "rest_for_one"):
        world = World(supervisor("root", A, worker("b", restart="temporary"), C, strategy=strategy, intensity=1)).up()
        world.end("a")
        assert set(world.alive) == {"a", "c"}
        assert world.phase("b") is Phase.GONE
        assert len(world.tree.root.restarts) == 1


# Restart types and exit reasons


@pytest.mark.parametrize("reason", [NORMAL, SHUTDOWN, KILLED, CRASH])
def test_permanent(reason: Exit) -> None:
    """permanent_normal, permanent_shutdown and permanent_abnormal."""
    world = World(supervisor("root", A)).up().end("a", reason)
    assert world.alive == {"a": 2}
    assert world.reported(ReportKind.CHILD_TERMINATED) == ["a"]


@pytest.mark.parametrize("reason", [NORMAL, SHUTDOWN])
def test_transient_normal(reason: Exit) -> None:
    """transient_normal and transient_shutdown."""
    world = World(supervisor("root", worker("a", restart="transient"))).up().end("a", reason)
    assert world.phase("a") is Phase.DOWN
    assert world.reports == []
    assert world.tree.root.restarts == ()


@pytest.mark.parametrize("reason", [KILLED, CRASH])
def test_transient_abnormal(reason: Exit) -> None:
    world = World(supervisor("root", worker("a", restart="transient"))).up().end("a", reason)
    assert world.alive == {"a": 2}


@pytest.mark.parametrize("reason", [NORMAL, SHUTDOWN, KILLED, CRASH])
def test_temporary(reason: Exit) -> None:
    """temporary_normal, temporary_shutdown and temporary_abnormal."""
    world = World(supervisor("root", worker("a", restart="temporary"))).up().end("a", reason)
    assert world.phase("a") is Phase.GONE
    assert not world.alive
    assert world.tree.root.restarts == ()


# Trees


def test_tree() -> None:
    leaf = supervisor("leaf", C, D, intensity=1)
    world = World(supervisor("root", A, supervisor("middle", B, leaf, intensity=1), intensity=1)).up()
    world.since()
    world.end("c")
    assert world.since() == ["start c"]
    world.end("c")
    assert world.since() == ["stop d", "start c", "start d"]
    assert world.tree.nodes["leaf"].generation == 2
    assert world.tree.nodes["leaf"].restarts == ()
    world.end("c")
    world.end("c")
    assert world.since() == ["start c", "stop d", "stop b", "start b", "start c", "start d"]
    assert world.generation("a") == 1
    assert world.given_up is None


def test_tree_transient_supervisor_that_gives_up_is_not_restarted() -> None:
    world = World(supervisor("root", A, supervisor("below", B, intensity=0, restart="transient"))).up()
    world.end("b")
    assert set(world.alive) == {"a"}
    assert world.phase("below") is Phase.DOWN


def test_tree_start_failure_below_is_a_failed_start_above() -> None:
    world = World(supervisor("root", A, supervisor("below", B)))
    world.failing["b"] = 1
    world.up()
    assert world.since() == ["start a", "failed b", "stop a"]
    assert world.reported(ReportKind.START_ERROR) == ["b", "below"]


# While a restart fails again and again


def test_hanging_restart_loop() -> None:
    world = World(supervisor("root", A, B, intensity=1_000_000)).up()
    world.since()
    world.failing["b"] = 10**9
    world.die("b")
    for _ in range(100):
        world.obey(world.pending.popleft())
    assert world.phase("a") is Phase.RUNNING
    assert world.phase("b") in (Phase.WAITING, Phase.STARTING)
    world.down()
    assert [world.phase(name) for name in ("root", "a", "b")] == [Phase.DOWN] * 3
    assert not world.alive


def test_hanging_restart_loop_rest_for_one() -> None:
    world = World(supervisor("root", A, B, C, intensity=1_000_000, strategy="rest_for_one")).up()
    world.failing["b"] = 10**9
    world.die("b")
    for _ in range(100):
        world.obey(world.pending.popleft())
    assert [world.phase(name) for name in "ac"] == [Phase.RUNNING, Phase.DOWN]
    assert world.down().phase("root") is Phase.DOWN


# Beyond OTP


def test_a_failed_start_is_tried_again_after_a_growing_wait() -> None:
    back_off = BackOff(first_s=1.0, most_s=4.0)
    world = World(supervisor("root", A, intensity=10, period_s=1000, back_off=back_off)).up()
    world.failing["a"] = 4
    waits = []
    world.die("a")
    while world.pending:
        began = world.now
        world.obey(world.pending.popleft())
        waits.append(world.now - began)
    waited = [wait for wait in waits if wait]
    assert len(waited) == 4
    assert all(whole / 2 <= wait <= whole for wait, whole in zip(waited, [1.0, 2.0, 4.0, 4.0], strict=True))
    assert world.alive == {"a": 6}


def test_the_wait_is_short_again_after_a_start_that_succeeded() -> None:
    world = World(supervisor("root", A, intensity=10, period_s=1000, back_off=BackOff(first_s=1.0))).up()
    for _ in range(2):
        began = world.now
        world.failing["a"] = 1
        world.end("a")
        assert 0.5 <= world.now - began <= 1.0


def test_a_wait_ends_with_the_stop_of_the_tree() -> None:
    world = World(supervisor("root", A, intensity=5)).up()
    world.failing["a"] = 1
    world.die("a")
    world.obey(world.pending.popleft())
    assert world.phase("a") is Phase.WAITING
    world.hear(StopTree())
    assert [world.phase("root"), world.phase("a")] == [Phase.DOWN, Phase.DOWN]


def test_a_start_that_fails_while_its_supervisor_leaves_is_not_tried_again() -> None:
    world = World(supervisor("root", A, B, C, intensity=1)).up()
    world.die("a").die("b")
    world.hear(StartFailed("a", 2, "no luck"))
    assert world.phase("a") is Phase.DOWN
    world.pending.popleft()
    assert world.settle().phase("root") is Phase.DOWN
    assert world.generation("a") == 2
    assert world.reported(ReportKind.REACHED_MAX_RESTART_INTENSITY) == ["b"]


def test_a_child_that_dies_before_it_is_ready_has_failed_to_start() -> None:
    world = World(supervisor("root", A, B))
    world.hear(StartTree())
    world.pending.clear()
    world.hear(Died("a", 1, KILLED))
    assert world.given_up is not None
    assert world.reported(ReportKind.START_ERROR) == ["a"]


def test_a_wait_that_is_over_starts_nobody_who_does_not_wait() -> None:
    world = World(supervisor("root", worker("a", restart="transient"), B)).up().end("a", NORMAL)
    world.hear(TryAgain("a", 1))
    world.hear(TryAgain("b", 1))
    assert not world.settle().log[2:]
    assert set(world.alive) == {"b"}


def test_a_stop_while_it_gives_up_does_not_hide_why() -> None:
    world = World(supervisor("root", A, B, intensity=0)).up()
    world.die("a")
    world.down()
    assert world.tree.root.last_exit == Exit(SHUTDOWN.kind, "reached_max_restart_intensity")


def test_a_temporary_child_returns_with_its_supervisor() -> None:
    below = supervisor("below", worker("a", restart="temporary"), B, intensity=0)
    world = World(supervisor("root", below)).up().end("a")
    assert world.phase("a") is Phase.GONE
    world.end("b")
    assert set(world.alive) == {"a", "b"}


def test_two_children_restart_at_the_same_time_under_one_for_one() -> None:
    world = World(supervisor("root", A, B, intensity=2)).up()
    world.die("a").die("b")
    assert [world.phase(name) for name in "ab"] == [Phase.STARTING, Phase.STARTING]


def test_a_death_while_a_group_restarts_widens_the_group() -> None:
    world = World(supervisor("root", A, B, C, strategy="rest_for_one", intensity=3)).up()
    world.since()
    world.die("b")
    world.die("a")
    world.settle()
    assert world.since() == ["stop c", "start a", "start b", "start c"]
    assert len(world.tree.root.restarts) == 2


def test_a_child_that_ends_while_its_siblings_start_first_is_restarted_after() -> None:
    world = World(supervisor("root", A, B))
    world.hear(StartTree())
    world.obey(world.pending.popleft())
    world.die("a")
    assert world.phase("a") is Phase.ENDED
    world.settle()
    assert world.since() == ["start a", "start b", "start a"]
    assert world.phase("root") is Phase.RUNNING


def test_a_start_that_the_supervisor_did_not_survive_is_made_anew_and_not_counted() -> None:
    world = World(supervisor("root", A))
    world.hear(StartTree())
    world.pending.clear()
    world.hear(StartInterrupted("a", 1))
    world.settle()
    assert world.alive == {"a": 2}
    assert world.tree.root.restarts == ()


def test_word_of_an_older_generation_changes_nothing() -> None:
    world = World(supervisor("root", A)).up().end("a")
    before = world.tree
    for event in (Died("a", 1, CRASH), Started("a", 1), Started("a", 2), Died("b", 1, CRASH), Died("a", 3, CRASH)):
        world.hear(event)
    assert world.tree == before
    assert not world.pending


def test_a_death_that_is_told_twice_is_one_death() -> None:
    world = World(supervisor("root", A, intensity=1)).up()
    generation = world.generation("a")
    world.die("a")
    world.hear(Died("a", generation, CRASH))
    world.settle()
    assert world.alive == {"a": 2}
    assert world.given_up is None


def test_a_tree_that_gave_up_can_be_started_again() -> None:
    world = World(supervisor("root", A, intensity=0)).up().end("a")
    assert world.given_up is not None
    world.up()
    assert world.alive == {"a": 2}
