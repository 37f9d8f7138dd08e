"""What the benchmark of scans tells is what was there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rsolv_ray.bench import peer
from rsolv_ray.bench.code_tree import installed, plant
from rsolv_ray.bench.commits import TOUCHED, after_commits
from rsolv_ray.bench.comparison import compared
from rsolv_ray.bench.figures import SCAN_TARGETS, Ratios, Target
from rsolv_ray.bench.fix_files import fixes_of, own_fixes
from rsolv_ray.bench.memory import peak_pss_mib
from rsolv_ray.bench.own_scan import OwnScan
from rsolv_ray.bench.peer import Place, TimedScan, bare_core
from rsolv_ray.bench.rule_sets import RuleSets, by_people, by_table, learned, rule_sets, rules_of
from rsolv_ray.bench.scans import Bench, cold, indexed, new_rules
from rsolv_ray.cli import bench_scan
from rsolv_ray.cli.root import app
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import Rejected, ToolFailed
from rsolv_ray.model.noun import JsonObject

EVAL: JsonObject = {
    "id": "no-eval", "languages": ["python"], "severity": "ERROR", "message": "no", "pattern": "eval($X)",
}  # fmt: skip
CODE = {
    "tests/a.py": 'x = "é"; eval(x)\neval(y)  # nosemgrep\n',
    "build/b.py": "def f():\n    return eval(\n        1)\n",
    "c.py": "int(x)\n",
}


def written(root: Path) -> Path:
    """The code in a folder."""
    for path, text in CODE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return written(tmp_path / "installed")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    place = tmp_path / "place"
    place.mkdir()
    return Bench(place, 2, lambda _: None)


def place(rule: str = "r", path: str = "a.py", line: int = 1) -> Place:
    return Place(rule, path, line, 1, line, 5)


def timed(*places: Place, unsure: tuple[tuple[str, str], ...] = ()) -> TimedScan:
    return TimedScan(1.0, len(places), frozenset(places), frozenset(unsure))


@dataclass(frozen=True)
class Scanned:
    """One rule over the same code by the three of them."""

    own: TimedScan
    command: TimedScan
    core: TimedScan


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    place = tmp_path_factory.mktemp("scanned")
    bench = Bench(place, 2, lambda _: None)
    tree = plant([written(place / "installed")], place / "code")
    with bench.own(tree, "own") as own:
        return Scanned(own.scan([EVAL]), bench.command(tree, [EVAL]), bench.core(tree, [EVAL]))


def test_the_command_the_core_and_we_find_the_same_places_in_characters(scanned: Scanned) -> None:
    assert scanned.own.places == scanned.command.places == scanned.core.places
    assert Place("no-eval", "0/tests/a.py", 1, 10, 1, 17) in scanned.command.places
    assert Place("no-eval", "0/build/b.py", 2, 12, 3, 11) in scanned.core.places


def test_a_waived_match_is_no_place_of_any_peer(scanned: Scanned) -> None:
    for scan in (scanned.command, scanned.core):
        assert {one.start_line for one in scan.places if one.path.endswith("a.py")} == {1}
        assert scan.findings == 2


def test_no_ignore_list_hides_a_file_of_the_tree_from_the_command(scanned: Scanned) -> None:
    assert {one.path for one in scanned.command.places} == {"0/tests/a.py", "0/build/b.py"}


def test_an_engine_that_is_not_there_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "core_of_the_wheel", lambda: tmp_path / "semgrep-core")
    with pytest.raises(ToolFailed, match="semgrep-core is not there: install rsolv-ray with its requirements"):
        bare_core([EVAL], tmp_path, {}, tmp_path, jobs=1)


@pytest.mark.parametrize("module", [json, pytest])
def test_the_standard_library_and_the_packages_are_what_is_installed(module: ModuleType) -> None:
    assert module.__file__ is not None
    assert any(Path(module.__file__).resolve().is_relative_to(root) for root in installed())


def test_the_same_code_is_planted_each_time_and_no_more_than_asked_for(code: Path, tmp_path: Path) -> None:
    first, again = plant([code], tmp_path / "1", lines=3), plant([code], tmp_path / "2", lines=3)
    assert first.files == again.files
    assert 3 <= first.lines < 6
    assert len(plant([code], tmp_path / "3", files=1).files) == 1
    assert plant([code], tmp_path / "4").lines == sum(text.count("\n") for text in CODE.values())


def test_what_is_planted_is_what_is_installed(code: Path, tmp_path: Path) -> None:
    tree = plant([code], tmp_path / "tree")
    planted = {path.removeprefix("0/"): (tree.root / path).read_text(encoding="utf-8") for path in tree.files}
    assert planted == CODE


def test_a_folder_without_code_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Rejected, match="no Python code"):
        plant([tmp_path / "empty"], tmp_path / "tree")


def test_the_index_tells_of_all_the_code(code: Path, bench: Bench) -> None:
    tree = plant([code], bench.place / "code")
    with bench.own(tree, "own") as own:
        told = indexed(tree, own)
    assert told["whole"] is True
    assert (told["lines"], told["files"]) == (tree.lines, 3)


def test_an_index_that_lacks_a_file_is_told(code: Path, bench: Bench) -> None:
    tree = plant([code], bench.place / "code")
    (tree.root / "0" / "c.py").unlink()
    with bench.own(tree, "own") as own:
        assert indexed(tree, own)["whole"] is False


def test_one_new_rule_is_told_with_its_ratios_and_its_kind(code: Path, bench: Bench) -> None:
    tree = plant([code], bench.place / "code")
    with bench.own(tree, "own") as own:
        told = new_rules(bench, tree, own, [("learned", EVAL), ("by_people", {**EVAL, "id": "other"})])
    assert told["same_findings"] is True
    assert [(row["kind"], row["findings"]) for row in told["rules"]] == [("learned", 2), ("by_people", 2)]
    ratios = [row["semgrep_scan_s"] / row["own_s"] for row in told["rules"]]
    assert told["ratio_to_semgrep_scan"]["least"] == pytest.approx(min(ratios), abs=0.01)
    assert told["learned"]["ratio_to_semgrep_scan"]["samples"] == 1


def test_a_scan_that_misses_a_finding_is_told(code: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = plant([code], bench.place / "code")
    real = OwnScan.scan

    def short_sighted(self: OwnScan, definitions: list[JsonObject]) -> TimedScan:
        found = real(self, definitions)
        return TimedScan(found.seconds, found.findings, frozenset(sorted(found.places)[1:]))

    monkeypatch.setattr(OwnScan, "scan", short_sighted)
    assert cold(bench, tree, [EVAL])["missed"]["count"] == 1


def test_a_commit_touches_five_files_and_brings_findings(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "many"
    root.mkdir()
    for number in range(12):
        (root / f"m{number}.py").write_text(f"x = {number}\n")
    told = after_commits(bench, plant([root], bench.place / "repository"), [EVAL], 1)
    assert [(one["touched"], one["findings"], one["same_findings"]) for one in told["commits"]] == [(TOUCHED, 5, True)]


def test_scans_that_agree_are_the_same() -> None:
    assert compared(timed(place()), [timed(place()), timed(place())]).same


@pytest.mark.parametrize(("own", "name"), [((), "missed"), ((place(), place(line=2)), "added")])
def test_what_differs_from_any_peer_is_told(own: tuple[Place, ...], name: str) -> None:
    told = compared(timed(*own), [timed(*own), timed(place())]).told()
    assert told["same_findings"] is False
    assert told[name]["count"] == 1  # type: ignore[index]


def test_what_a_peer_is_unsure_of_is_left_out_and_counted() -> None:
    comparison = compared(timed(place()), [timed(place(), place("slow"), unsure=(("slow", "a.py"),))])
    assert comparison.same
    assert comparison.left_out == 1
    assert not compared(timed(place()), [timed(place("slow", "b.py"), unsure=(("slow", "a.py"),))]).same


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=100))
def test_nine_ratios_in_ten_reach_the_p90(values: list[float]) -> None:
    ratios = Ratios.of(values)
    assert sum(value >= ratios.p90 for value in values) >= 0.9 * len(values)
    assert sum(value > ratios.p90 for value in values) < 0.9 * len(values)
    assert ratios.least <= ratios.p90


def test_a_target_may_be_a_floor() -> None:
    floor = Target("ratio", None, "", 10.0)
    assert (floor.met(10.0), floor.met(9.9)) == (True, False)
    assert (floor.bound, Target("s", 3.0, "").bound) == ("at least 10", "below 3")
    assert all((one.below is None) != (one.at_least is None) for one in SCAN_TARGETS)


def test_the_peak_is_that_of_what_was_started(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("eval(x)\n")
    definitions = [EVAL]

    def work() -> TimedScan:
        return bare_core(definitions, tmp_path, {"a.py": "python"}, tmp_path, jobs=1)

    scan, most = peak_pss_mib(work, with_own=False)
    assert len(scan.places) == 1
    assert peak_pss_mib(work, with_own=True)[1] > most + 20


def test_the_rules_that_come_with_it_are_enough_and_well_formed() -> None:
    assert len(by_people()) == 20
    table = list(by_table())
    assert len(table) + 40 >= 200
    assert [problems(rule) for rule in table if problems(rule)] == []


def test_at_least_twenty_rules_are_learned_from_the_fixes_that_come_with_it() -> None:
    assert len(learned(Engine(), own_fixes())) >= 20


def test_rules_and_fixes_of_others_take_the_places_of_ours(tmp_path: Path) -> None:
    rules, fixes = tmp_path / "rules.jsonl", tmp_path / "fixes.jsonl"
    javascript = {**EVAL, "id": "js", "languages": ["javascript"]}
    broken = {**EVAL, "id": "broken", "pattern": "def ("}
    rules.write_text("".join(json.dumps({"rule": rule}) + "\n" for rule in (EVAL, EVAL, javascript, broken)))
    fix = own_fixes()[0].changes[0]
    fixes.write_text(json.dumps({"before": fix.before, "after": fix.after, "language": "python", "cwe": ["CWE-89"]}))
    sets = rule_sets(rules, fixes, of_each=5, pack=9)
    assert (len(sets.learned), len(sets.by_people), len(sets.pack)) == (1, 1, 9)
    assert str(sets.by_people[0]["id"]).endswith("no-eval")
    assert len({str(rule["id"]) for rule in sets.pack}) == 9


@pytest.mark.parametrize("line", ["7", "{", '{"before": "x"}', '{"before": "x", "after": "x", "language": "python"}'])
def test_a_line_that_is_no_fix_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "fixes.jsonl").write_text(line)
    with pytest.raises(Rejected, match="line 1"):
        fixes_of(tmp_path / "fixes.jsonl")


@pytest.mark.parametrize("line", ["7", "{", "{}"])
def test_a_file_without_a_rule_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "rules.jsonl").write_text(line)
    with pytest.raises(Rejected):
        rules_of(tmp_path / "rules.jsonl")


def figures(*, new_rule: bool = True, grown: bool = True, whole: bool = True) -> dict[str, Any]:
    """What a run measured, as far as the end of the command looks at it."""
    equal = {"same_findings": True}
    grew = {"new_rule": {"same_findings": grown}, "index": {"whole": True}}
    return {
        "new_rule": {"same_findings": new_rule}, "cold": equal, "after_commit": equal, "memory": equal,
        "index": {"whole": whole}, "growth": [grew],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "code"),
    [(figures(), 0), (figures(new_rule=False), 1), (figures(grown=False), 1), (figures(whole=False), 1)],
)
def test_the_exit_code_says_whether_all_scans_found_the_same(
    measured: dict[str, Any], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_scan, "_rule_sets", lambda *_: None)
    monkeypatch.setattr(bench_scan, "_measured", lambda *_: measured)
    result = CliRunner().invoke(app, ["bench", "scan", "--json"])
    assert result.exit_code == code
    assert json.loads(result.stdout)["same_findings"] is (code == 0)


def test_one_part_can_be_measured_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_scan, "_rule_sets", lambda *_: RuleSets((), (), ()))
    code = str(written(tmp_path / "code"))
    told = json.loads(CliRunner().invoke(app, ["bench", "scan", "--only", "index", "--code", code, "--json"]).stdout)
    assert told["index"]["whole"]
    assert not {"new_rule", "cold", "after_commit", "memory", "growth"} & set(told)
    assert {one["figure"] for one in told["targets"]} == {"index.lines_per_s", "index.share_of_source"}


def test_a_part_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    result = CliRunner().invoke(app, ["bench", "scan", "--only", "speed"])
    assert result.exit_code == 2
    assert "there is no part speed: one of index, new_rule, cold, after_commit, memory, growth" in result.stderr


@pytest.mark.slow
def test_a_run_tells_every_figure_that_has_a_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        bench_scan, "QUICK", bench_scan.Amounts(lines=100, of_each=1, growth=(3,), pack=3, files=3, commits=1)
    )
    result = CliRunner().invoke(app, ["bench", "scan", "--quick", "--code", str(written(tmp_path / "code")), "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    bench_scan._show(told)
    assert "every scan found what its peers found" in capsys.readouterr().out
    assert {one["figure"] for one in told["targets"]} == {one.figure for one in SCAN_TARGETS}
    assert 3 <= told["growth"][0]["lines"] < told["code"]["lines"] == 6
