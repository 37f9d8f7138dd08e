"""Does a scan that asks only what is not known find what a plain one finds?"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from rsolv_ray.engine.match import EngineRun, Limits
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.rule import Rule
from rsolv_ray.scanning.scan import Step
from tests.unit.engine.samples import fake_core, rule
from tests.unit.scanning.samples import Place, in_order, ran, settle

RULES: list[Rule] = [
    rule(),
    rule(id="no-eval-again", message="again $X"),
    rule(id="no-exec", pattern="exec(...)", message="exec"),
    rule(id="same", pattern="$X == $X", message="$X is itself"),
    rule(id="only-lib", paths={"include": ["lib/*"]}),
    rule(id="text", pattern=None, **{"pattern-regex": r"token_[a-z]+"}, message="a token"),
    rule(
        id="flow", mode="taint", pattern=None, message="flow",
        **{"pattern-sources": [{"pattern": "get()"}], "pattern-sinks": [{"pattern": "run(...)"}]},
    ),
    rule(id="in-js", languages=["javascript", "typescript"], message="js"),
]  # fmt: skip
LINES = [
    "eval(x)", "eval(y, 2)", "exec(z)  # nosemgrep: no-exec", "exec(z)", "a == a", "b = get(); run(b)", "f(1)",
    "# nosemgrep", "s = 'token_abc'", "x = (", "é = 'ü'; eval(é)", "def g():\n    eval(x)", "", "eval(1) # nosem",
]  # fmt: skip
NAMES = ["a.py", "b.py", "lib/a.py", "lib/c.pyi", "web/d.js", "e.ts"]

code = st.lists(st.sampled_from(LINES), min_size=1, max_size=6).map(lambda lines: "\n".join(lines) + "\n")
edit = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), code),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("copy"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("delete"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("forget"), st.none(), st.none()),
    st.tuples(st.just("damage"), st.none(), st.none()),
)
rounds = st.lists(
    st.tuples(st.lists(edit, max_size=4), st.sets(st.integers(0, len(RULES) - 1), min_size=1)), min_size=2, max_size=4
)


def change(place: Place, what: str, name: str | None, how: str | None) -> None:
    match what:
        case "write":
            place.put(str(name), str(how))
        case "rename" | "copy" if (place.root / str(name)).exists() and name != how:
            place.put(str(how), (place.root / str(name)).read_text())
            if what == "rename":
                (place.root / str(name)).unlink()
        case "delete":
            (place.root / str(name)).unlink(missing_ok=True)
        case "forget":
            place.cache_file.unlink(missing_ok=True)
        case "damage" if place.cache_file.exists():
            place.cache_file.write_bytes(b"\x07" + place.cache_file.read_bytes()[1:])
        case _:
            pass


def not_understood(place: Place) -> set[str]:
    """The files that hold what is not their language's."""
    alien = {".py": ["x = ("], ".pyi": ["x = ("], ".js": ["x = (", "#", "def "], ".ts": ["x = (", "#", "def "]}
    return {
        str(file.relative_to(place.root))
        for file in place.root.rglob("*.*")
        if any(text in file.read_text() for text in alien[file.suffix])
    }


def holds_through(place: Place, some_rounds: list) -> None:
    for name in NAMES[:3]:
        place.put(name, "eval(x)\neval(x)\n" + name.replace("/", "_").replace(".", "_") + " == 1\n")
    for edits, chosen in some_rounds:
        for one in edits:
            change(place, *one)
        settle()
        rules = [RULES[at] for at in sorted(chosen)]
        quick, plain = place.scan(*rules), place.plain(*rules)
        assert in_order(quick.findings) == in_order(plain.findings)
        assert set(plain.unread) <= set(quick.unread) <= not_understood(place)
        assert [error for error in quick.errors if "result cache" not in error] == []


@seed(4)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(rounds)
def test_findings_equal_those_of_a_plain_scan(some_rounds: list) -> None:
    with tempfile.TemporaryDirectory() as folder:
        holds_through(Place(Path(folder)), some_rounds)


@pytest.mark.slow
@seed(5)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(rounds)
def test_findings_equal_those_of_a_plain_scan_over_many_histories(some_rounds: list) -> None:
    with tempfile.TemporaryDirectory() as folder:
        holds_through(Place(Path(folder)), some_rounds)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    for number in range(30):
        place.put(f"f{number:02}.py", f"eval(x{number})\n")
    settle()
    return place


def test_equal_places_are_told_apart_as_in_a_plain_scan(place: Place) -> None:
    place.write(f00="eval(x)\neval(x)  # nosemgrep\neval(x)\n")
    assert in_order(place.scan(rule()).findings) == in_order(place.plain(rule()).findings)


def test_a_second_scan_runs_nothing_and_finds_the_same(place: Place) -> None:
    first, steps = place.scan(*RULES), list[Step]()
    again = place.scan(*RULES, tell=steps)
    assert ran(steps) == 0
    assert in_order(again.findings) == in_order(first.findings)
    assert (again.files, len(steps)) == (30, 1)


def test_after_a_commit_only_what_it_touched_is_run(place: Place) -> None:
    place.scan(*RULES)
    place.write(f03="eval(new)\n")
    settle()
    steps: list[Step] = []
    place.scan(*RULES, tell=steps)
    assert (steps[0].done, steps[-1].done, ran(steps)) == (29, 30, 1)


def test_known_findings_are_told_before_anything_is_run(place: Place) -> None:
    place.scan(rule())
    place.write(f99="eval(new)\n")
    steps: list[Step] = []
    place.scan(rule(), tell=steps)
    assert [len(step.part.findings) for step in steps] == [30, 1]
    assert [(step.done, step.files) for step in steps] == [(30, 31), (31, 31)]


def test_what_the_time_did_not_suffice_for_is_unread_and_done_the_next_time(place: Place) -> None:
    told = place.scan(rule(), budget_s=0)
    assert (len(told.unread), told.findings, told.files) == (30, (), 0)
    assert told.errors == ("30 files were not scanned within 0 s: scan again to go on",)
    assert len(place.scan(rule()).findings) == 30


def test_a_hanging_engine_is_ended_when_the_time_is_up(place: Place) -> None:
    place.engine = Engine("core", core=fake_core(place.base, "sleep 60"))
    began = time.monotonic()
    told = place.scan(rule(), budget_s=1)
    assert time.monotonic() - began < 15
    assert len(told.unread) == 30


def test_whoever_listens_may_end_the_scan_and_what_was_run_is_kept(place: Place) -> None:
    class Stop(Exception):
        pass

    class Listener(list[Step]):
        def append(self, step: Step) -> None:
            super().append(step)
            if len(self) == 2:
                raise Stop

    with pytest.raises(Stop):
        place.scan(rule(), tell=Listener())
    steps: list[Step] = []
    place.scan(rule(), tell=steps)
    assert ran(steps) == 0


def test_a_guilty_rule_is_named_and_the_others_are_remembered(place: Place) -> None:
    bad = rule(id="bad", pattern="eval(")
    told = place.scan(rule(), bad)
    assert len(told.findings) == 30
    assert any("bad" in error for error in told.errors)
    assert place.plan(rule()).parts == ()
    assert len(place.plan(bad).parts) == 1


def test_a_limit_of_one_run_is_no_limit_of_the_scan(place: Place) -> None:
    assert len(place.scan(rule(), limits=Limits(wall_s=30), budget_s=60).findings) == 30


def test_runs_side_by_side_find_the_same(place: Place) -> None:
    runs: list[EngineRun] = []
    place.engine = Engine("core", on_run=runs.append)
    steps: list[Step] = []
    told = place.scan(*RULES, limits=Limits(jobs=3), tell=steps)
    assert in_order(told.findings) == in_order(place.plain(*RULES).findings)
    assert len(steps) == 1 + 3
    assert [run.engine for run in runs][:3] == ["semgrep-core"] * 3
    assert place.plan(*RULES).parts == ()


def test_a_rule_may_fire_so_often_in_all_runs_together(place: Place) -> None:
    told = place.scan(rule(), limits=Limits(jobs=3, matches_per_rule=7))
    assert len(told.findings) == 7
    assert told.errors == ("no-eval: Too many matches: set aside: it fires more than 7 times",)
    assert {f"f{number:02}.py" for number in range(30)} - {one.path for one in told.findings} <= set(told.unread)


def test_a_rule_that_is_known_to_fire_too_often_is_cut_and_not_run_again(place: Place) -> None:
    place.scan(rule())
    place.write(new="eval(x)\nexec(x)\n")
    place.engine = Engine("core", core=fake_core(place.base, "exit 7"))
    told = place.scan(rule(), limits=Limits(matches_per_rule=7))
    assert len(told.findings) == 7
    assert len([error for error in told.errors if "no-eval" in error]) == 1
    assert "new.py" in told.unread


def test_a_damaged_index_is_told_once_and_made_anew(place: Place) -> None:
    first = place.scan(rule())
    for file in (place.base / "index").iterdir():
        if file.is_file() and file.stat().st_size:
            file.write_bytes(b"\xff" * file.stat().st_size)
    again = place.scan(rule())
    assert [error for error in again.errors if "the index was damaged" in error] == list(again.errors)
    assert len(again.errors) == 1
    assert in_order(again.findings) == in_order(first.findings)
    assert place.scan(rule()).errors == ()


def test_a_rule_in_no_known_language_is_told(place: Place) -> None:
    assert place.scan(rule(), rule(id="odd", languages=["cobol"])).errors == (
        "odd: not run: no file is known to be in its languages (['cobol'])",
    )


def test_a_rule_of_any_text_is_run_on_files_of_all_languages(place: Place) -> None:
    place.put("web/d.js", "eval(x)\n")
    text = rule(id="text", languages=["regex"], pattern=None, **{"pattern-regex": "eval"})
    assert {finding.path for finding in place.scan(text).findings} >= {"f00.py", "web/d.js"}
