"""A scan of a folder here that keeps its index finds what one without finds, and the next one runs what is new alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.cli.scan_indexed import scan_indexed
from rsolv_ray.scanning import running
from tests.unit.cli.conftest import rsolv
from tests.unit.cli.test_scan_here import RULE, written


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    (folder / "app").mkdir(parents=True)
    for number in range(6):
        (folder / "app" / f"m{number}.py").write_text(f"x = 1\ndanger({number})\n" if number % 2 else "safe(1)\n")
    return folder


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The files of each run of the engine."""
    seen: list[list[str]] = []
    run = running.run_in_batches

    def noted(engine: Any, rules: Any, targets: Sequence[Any], **options: Any) -> Any:
        seen.append([one.path for one in targets])
        return run(engine, rules, targets, **options)

    monkeypatch.setattr(running, "run_in_batches", noted)
    return seen


def scanned(folder: Path, code: Path, *options: str, rules: Sequence[object] = (RULE,)) -> dict[str, Any]:
    told = rsolv("scan", "--rules", written(folder, *rules), str(code), "--json", *options)
    assert told.exit_code in {0, 1}, told.stderr
    return json.loads(told.stdout)


def test_it_tells_what_a_scan_without_an_index_tells(code: Path, tmp_path: Path) -> None:
    by_index = scanned(tmp_path, code, "--index", str(tmp_path / "kept"))
    assert by_index == scanned(tmp_path, code)
    assert [one["path"] for one in by_index["findings"]] == ["app/m1.py", "app/m3.py", "app/m5.py"]


def test_the_next_scan_runs_what_changed_alone(code: Path, tmp_path: Path, runs: list[list[str]]) -> None:
    first = scanned(tmp_path, code, "--index", str(tmp_path / "kept"))
    (code / "app" / "m0.py").write_text("danger(0)\n")
    runs.clear()
    second = scanned(tmp_path, code, "--index", str(tmp_path / "kept"))
    assert runs == [["app/m0.py"]]
    assert len(second["findings"]) == len(first["findings"]) + 1


def test_its_log_names_the_results_as_that_of_a_scan_without_an_index_does(code: Path, tmp_path: Path) -> None:
    def log(*options: str) -> list[dict[str, Any]]:
        out = tmp_path / "out.sarif"
        rsolv("scan", "--rules", written(tmp_path, RULE), str(code), "--sarif", str(out), *options)
        return json.loads(out.read_text())["runs"][0]["results"]

    plain, known = log(), log("--index", str(tmp_path / "kept"))
    assert [one["partialFingerprints"] for one in known] == [
        {name: mark for name, mark in one["partialFingerprints"].items() if "rsolv" in name} for one in plain
    ]
    assert len(known) == 3
    assert all(one["partialFingerprints"] for one in known)
    assert [one["locations"] for one in known] == [one["locations"] for one in plain]


def test_progress_is_told_over_all_files(code: Path, tmp_path: Path) -> None:
    heard: list[tuple[int, int, int]] = []
    scan_indexed(
        Path(written(tmp_path, RULE)), code, tmp_path / "kept", timeout_s=60, tolerant=False,
        tell=lambda *far: heard.append(far),
    )  # fmt: skip
    assert heard[0] == (3, 6, 0)
    assert heard[-1] == (6, 6, 3)


def test_an_index_within_the_folder_is_refused(code: Path, tmp_path: Path) -> None:
    result = rsolv("scan", "--rules", written(tmp_path, RULE), str(code), "--index", str(code / "kept"))
    assert result.exit_code == 1
    assert "give --index a folder elsewhere" in result.stderr
    assert not (code / "kept").exists()


@pytest.mark.parametrize("arguments", [("--index", "kept"), ("--index", "kept", "--repo", "shop")])
def test_an_index_goes_with_rules_and_a_folder(arguments: tuple[str, ...]) -> None:
    result = rsolv("scan", *arguments)
    assert result.exit_code == 2
    assert "--index goes with --rules FILE and a folder" in result.stderr


def test_a_rule_whose_id_findings_cannot_bear_is_refused_by_name(code: Path, tmp_path: Path) -> None:
    rules = written(tmp_path, RULE, {**RULE, "id": "Not-Ours"})
    result = rsolv("scan", "--rules", rules, str(code), "--index", str(tmp_path / "kept"))
    assert result.exit_code == 1
    assert "'Not-Ours' has an id that findings cannot bear" in result.stderr


def test_a_tolerant_scan_leaves_it_out_and_says_so(code: Path, tmp_path: Path) -> None:
    told = scanned(
        tmp_path, code, "--index", str(tmp_path / "kept"), "--tolerant", rules=[RULE, {**RULE, "id": "Not-Ours"}]
    )
    assert len(told["findings"]) == 3
    assert [(one["kind"], one["rule"]) for one in told["errors"]] == [("Rule left out", "Not-Ours")]


def test_a_scan_with_rules_that_the_engine_all_refuses_fails(code: Path, tmp_path: Path) -> None:
    rules = written(tmp_path, {**RULE, "pattern": "danger(((("})
    result = rsolv("scan", "--rules", rules, str(code), "--index", str(tmp_path / "kept"))
    assert "the engine refuses every rule" in result.stderr


def test_a_damaged_index_is_told_and_costs_no_finding(code: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    scanned(tmp_path, code, "--index", str(kept))
    for file in (kept / "words").rglob("*"):
        if file.is_file() and file.stat().st_size:
            file.write_bytes(b"\x00" * file.stat().st_size)
    told = scanned(tmp_path, code, "--index", str(kept))
    assert len(told["findings"]) == 3
    assert "the index was damaged and is made anew" in told["errors"][0]["message"]


def test_an_index_that_cannot_be_written_is_an_error_in_words(code: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = rsolv("scan", "--rules", written(tmp_path, RULE), str(code), "--index", str(tmp_path / "file" / "kept"))
    assert result.exit_code not in {0, 1}
    assert "Traceback" not in result.stderr


def test_a_git_work_tree_is_scanned_with_paths_from_its_top_in_the_log(code: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(code)], check=True)
    out = tmp_path / "out.sarif"
    rsolv(
        "scan", "--rules", written(tmp_path, RULE), str(code / "app"), "--index", str(tmp_path / "kept"),
        "--sarif", str(out),
    )  # fmt: skip
    places = [
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for one in json.loads(out.read_text())["runs"][0]["results"]
    ]
    assert places == ["app/m1.py", "app/m3.py", "app/m5.py"]
