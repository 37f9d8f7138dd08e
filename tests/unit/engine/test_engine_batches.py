"""What is kept when a rule or a file breaks the engine?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from rsolv_ray.engine.batches import Batched, Settled, run_in_batches
from rsolv_ray.engine.match import BROKEN, TOO_MANY_MATCHES, Limits, Target
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.noun import JsonObject
from tests.unit.engine.samples import definition, fake_core

ENGINE = Engine("core")
RULES, TARGETS = "$2", "$4"


def written(folder: Path, files: dict[str, str]) -> list[Target]:
    for name, code in files.items():
        (folder / name).write_text(code)
    return [Target(name, folder / name, "python") for name in files]


def calls(folder: Path, count: int) -> list[Target]:
    return written(folder, {f"f{number:02}.py": "eval(1)\nrun(1)\n" for number in range(count)})


def breaking(folder: Path, when: str) -> Engine:
    """The engine, but dying where the shell says `when`; each start is noted in the file `asked`."""
    script = f'echo x >> {folder}/asked; {when} && kill -SEGV $$; exec {ENGINE._core} "$@"'
    return Engine("core", core=fake_core(folder, script))


def asked(folder: Path) -> int:
    return len((folder / "asked").read_text().split())


def batched(
    engine: Engine, rules: Sequence[JsonObject], targets: Sequence[Target], within_s: float = 60, **limits: float
) -> Batched:
    return run_in_batches(engine, rules, targets, limits=Limits(**limits), until=time.monotonic() + within_s)  # type: ignore[arg-type]


def numbered(count: int, bad: Sequence[int] = (), **changes: object) -> list[JsonObject]:
    return [definition(id=f"n{at}", message="boom" if at in bad else "m", **changes) for at in range(count)]


def places(told: Batched) -> set[tuple[str, str]]:
    return {(match.rule, match.path) for match in told.matches}


def test_what_breaks_nothing_is_one_run(tmp_path: Path) -> None:
    told = batched(breaking(tmp_path, "false"), numbered(3), calls(tmp_path, 5))
    assert (len(told.matches), told.errors, told.unread, told.set_aside) == (15, (), (), {})
    assert asked(tmp_path) == 1


def test_a_rule_and_a_file_that_break_the_engine_together_are_named_and_all_else_is_kept(tmp_path: Path) -> None:
    engine = breaking(tmp_path, f'grep -q boom "{RULES}" && grep -q f07.py "{TARGETS}"')
    told = batched(engine, numbered(20, [13]), calls(tmp_path, 16))
    (error,) = told.errors
    assert (error.kind, error.rule, error.path, error.target) == (BROKEN, "n13", "f07.py", 7)
    assert len(told.matches) == 20 * 16 - 1
    assert ("n13", "f07.py") not in places(told)
    assert (told.unread, told.unreached, told.set_aside) == ((7,), (), {})
    assert asked(tmp_path) <= 25


def test_several_guilty_files_are_each_given_up(tmp_path: Path) -> None:
    engine = breaking(tmp_path, f'grep -qE "f0[259].py" "{TARGETS}"')
    told = batched(engine, numbered(4), calls(tmp_path, 12))
    assert told.unread == (2, 5, 9)
    assert len(told.matches) == 4 * 9
    assert told.set_aside == {}


def test_several_guilty_rules_are_each_set_aside(tmp_path: Path) -> None:
    engine = breaking(tmp_path, f'grep -q boom "{RULES}" && grep -q f0 "{TARGETS}"')
    told = batched(engine, numbered(10, [2, 7]), calls(tmp_path, 8))
    assert told.set_aside.keys() == {"n2", "n7"}
    assert len(told.matches) == 8 * 8
    assert told.unread == tuple(range(8))


def test_a_rule_that_breaks_the_engine_without_any_file_is_set_aside(tmp_path: Path) -> None:
    told = batched(breaking(tmp_path, f'grep -q boom "{RULES}"'), numbered(50, [31]), calls(tmp_path, 3))
    assert told.set_aside.keys() == {"n31"}
    assert "status -11" in told.set_aside["n31"]
    assert len(told.matches) == 49 * 3
    assert told.unread == (0, 1, 2)


def test_a_rule_that_is_refused_is_told_and_spoils_none_of_a_thousand(tmp_path: Path) -> None:
    rules = numbered(999)
    told = batched(ENGINE, [*rules[:500], definition(id="bad", pattern="f((("), *rules[500:]], calls(tmp_path, 1))
    assert [error.rule for error in told.errors] == ["bad"]
    assert len(told.matches) == 999


def test_an_engine_that_breaks_on_everything_is_not_asked_for_each_file(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="status -11"):
        batched(breaking(tmp_path, "true"), numbered(8), calls(tmp_path, 64))
    assert asked(tmp_path) <= 3


def test_a_file_that_hangs_is_named_and_the_others_are_run(tmp_path: Path) -> None:
    core = fake_core(tmp_path, f'grep -q f03.py "$4" && exec sleep 300; exec {ENGINE._core} "$@"')
    told = batched(Engine("core", core=core), numbered(2), calls(tmp_path, 6), wall_s=1.0)
    assert told.unread == (3,)
    assert len(told.matches) == 2 * 5
    assert all("did not end within 1 s" in error.message for error in told.errors if error.rule)


# What the core does before it breaks on f07.py: a dot for each file that it is done with.
DOTS_UNTIL_F07 = """before=$(grep -o 'ppath": "[^"]*' "$4" | grep -n f07.py | cut -d: -f1)
for at in $(seq 2 ${before:-0}); do echo .; done
test -n "$before" &&"""


def test_the_file_that_a_crash_points_at_is_looked_at_first(tmp_path: Path) -> None:
    script = f'echo >> {tmp_path}/asked; {DOTS_UNTIL_F07} kill -SEGV $$; exec {ENGINE._core} "$@"'
    told = batched(Engine("core", core=fake_core(tmp_path, script)), numbered(1), calls(tmp_path, 64))
    assert (told.unread, len(told.matches)) == ((7,), 63)
    assert len((tmp_path / "asked").read_text().splitlines()) == 6


def test_a_hang_is_noticed_by_the_lack_of_progress_and_costs_no_other_file(tmp_path: Path) -> None:
    script = f'{DOTS_UNTIL_F07} exec sleep 300; exec {ENGINE._core} "$@"'
    core, began = fake_core(tmp_path, script), time.monotonic()
    told = batched(Engine("core", core=core), numbered(1), calls(tmp_path, 16), 600, stall_s=4.0, rule_s=1.0)
    assert time.monotonic() - began < 60
    assert (told.unread, len(told.matches)) == ((7,), 15)


def test_a_run_that_is_slow_is_cut_into_pieces_that_fit_into_the_time(tmp_path: Path) -> None:
    slow = 'for at in $(seq $(grep -o ppath "$4" | wc -l)); do echo .; sleep 0.3; done; '
    core = fake_core(tmp_path, slow + f'exec {ENGINE._core} "$@"')
    told = batched(Engine("core", core=core), numbered(1), calls(tmp_path, 60), within_s=16)
    assert 0 < len(told.matches) < 60
    assert sorted([*told.unread, *(match.target for match in told.matches)]) == list(range(60))
    assert told.unreached == told.unread


def test_when_the_time_is_up_what_was_found_is_kept_and_the_rest_is_unreached(tmp_path: Path) -> None:
    core = fake_core(tmp_path, f'grep -qE "f0[4-7].py" "$4" && exec sleep 300; exec {ENGINE._core} "$@"')
    began = time.monotonic()
    told = batched(Engine("core", core=core), numbered(1), calls(tmp_path, 8), within_s=12)
    assert time.monotonic() - began < 15
    assert {match.target for match in told.matches} == {0, 1, 2, 3}
    assert set(told.unread) == {4, 5, 6, 7}
    assert told.unreached
    assert set(told.unreached) <= set(told.unread)


def test_a_file_that_takes_all_memory_is_told_and_what_needs_less_is_found(tmp_path: Path) -> None:
    big = "\n".join(f"x{i} = f(y{i})" for i in range(4_000)) + "\neval(1)\n"
    targets = written(tmp_path, {"big.py": big, "small.py": "eval(2)\n"})
    told = batched(ENGINE, numbered(2), targets, memory_mb=16)
    assert places(told) == {("n0", "small.py"), ("n1", "small.py")}
    assert told.unread == (0,)
    assert {error.path for error in told.errors} == {"big.py"}


def test_a_rule_that_fires_everywhere_in_a_file_does_not_hide_what_others_find_there(tmp_path: Path) -> None:
    loud = "".join(f"x{at} = {at}\n" for at in range(11_000)) + "eval(1)\n"
    targets = written(tmp_path, {"loud.py": loud, "calm.py": "x = 1\neval(2)\n"})
    rules = [definition(), definition(id="all", pattern="$X = $Y"), definition(id="two", pattern="$X = ...")]
    told = batched(ENGINE, rules, targets, matches_per_rule=100_000)
    assert places(told) == {("no-eval", "loud.py"), ("no-eval", "calm.py"), ("all", "calm.py"), ("two", "calm.py")}
    assert {(error.kind, error.rule, error.path) for error in told.errors} == {
        (TOO_MANY_MATCHES, "all", "loud.py"),
        (TOO_MANY_MATCHES, "two", "loud.py"),
    }
    assert told.unread == (0,)


def test_a_rule_that_fires_too_often_over_all_files_is_stopped_at_its_cap(tmp_path: Path) -> None:
    targets = written(tmp_path, {f"f{at}.py": "x = 1\n" * 50 + "eval(1)\n" for at in range(4)})
    told = batched(ENGINE, [definition(), definition(id="all", pattern="$X = $Y")], targets, matches_per_rule=120)
    assert sum(match.rule == "all" for match in told.matches) == 120
    assert sum(match.rule == "no-eval" for match in told.matches) == 4
    assert told.set_aside == {"all": "it fires more than 120 times"}
    assert told.unread == (2, 3)


def test_each_run_that_was_evidence_is_told_with_what_it_settled(tmp_path: Path) -> None:
    engine, parts = breaking(tmp_path, f'grep -q f01.py "{TARGETS}"'), list[Settled]()
    run_in_batches(
        engine, numbered(1), calls(tmp_path, 4), limits=Limits(), until=time.monotonic() + 60, on_part=parts.append
    )
    assert [(part.rules, part.targets) for part in parts] == [(("n0",), (0,)), (("n0",), (2, 3))]
    assert [match.target for part in parts for match in part.matches] == [0, 2, 3]


def test_a_part_tells_of_the_rule_that_it_did_not_settle(tmp_path: Path) -> None:
    parts: list[Settled] = []
    targets = written(tmp_path, {"a.py": "eval(1)\n" * 9})
    run_in_batches(
        ENGINE, [definition()], targets, limits=Limits(matches_per_rule=5), until=time.monotonic() + 60,
        on_part=parts.append,
    )  # fmt: skip
    assert [[error.rule for error in part.errors] for part in parts] == [["no-eval"]]


def test_nothing_to_run_is_no_run(tmp_path: Path) -> None:
    engine = breaking(tmp_path, "false")
    assert batched(engine, [], calls(tmp_path, 2)).matches == batched(engine, numbered(2), []).matches == ()
    assert not (tmp_path / "asked").exists()


def test_a_rule_that_breaks_on_few_files_of_many_is_run_over_the_others(tmp_path: Path) -> None:
    engine = breaking(tmp_path, f'grep -qE "f0[259].py" "{TARGETS}"')
    told = batched(engine, numbered(1), calls(tmp_path, 12))
    assert (told.unread, told.set_aside, len(told.matches)) == ((2, 5, 9), {}, 9)


def test_an_answer_that_would_be_too_large_is_asked_for_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rsolv_ray.engine.backends._LARGEST_ANSWER_MB", 1)
    targets = written(tmp_path, {f"f{at}.py": "x = 1\n" * 900 + "eval(1)\n" for at in range(8)})
    told = batched(ENGINE, [definition(), definition(id="all", pattern="$X = $Y")], targets, matches_per_rule=2_000)
    assert {match.path for match in told.matches if match.rule == "no-eval"} == {f"f{at}.py" for at in range(8)}
    assert sum(match.rule == "all" for match in told.matches) == 2_000
    assert told.set_aside == {"all": "it fires more than 2000 times"}
