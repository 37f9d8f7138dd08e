"""A scan of a folder here goes on past what is bad, and ends in time."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from rsolv_ray.cli import scan_here as subject
from rsolv_ray.cli import scan_indexed
from rsolv_ray.cli.scan_here import scan_here
from rsolv_ray.engine.match import Limits
from tests.unit.cli.conftest import rsolv

RULE = {"id": "danger", "languages": ["python"], "severity": "ERROR", "message": "m", "pattern": "danger(...)"}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    for number in range(5):
        (folder / f"m{number}.py").write_text("danger(1)\n" if number % 2 else "safe(1)\n")
    return folder


def written(folder: Path, *rules: object) -> str:
    file = folder / "rules.json"
    file.write_text(json.dumps({"rules": rules}))
    return str(file)


def test_a_rule_that_is_no_good_is_refused_with_all_others(code: Path, tmp_path: Path) -> None:
    result = rsolv("scan", "--rules", written(tmp_path, RULE, {**RULE, "id": "bad", "pattern": 7}), str(code))
    assert result.exit_code == 1
    assert "bad" in result.stderr
    assert "place" not in result.stdout


def test_a_tolerant_scan_leaves_it_out_and_says_so(code: Path, tmp_path: Path) -> None:
    rules = written(tmp_path, RULE, {**RULE, "id": "bad", "pattern": 7})
    result = rsolv("scan", "--rules", rules, str(code), "--tolerant", "--json")
    told = json.loads(result.stdout)
    assert [one["path"] for one in told["findings"]] == ["m1.py", "m3.py"]
    assert [(one["kind"], one["rule"]) for one in told["errors"]] == [("Rule left out", "bad")]


def test_a_tolerant_scan_with_no_good_rule_is_refused(code: Path, tmp_path: Path) -> None:
    result = rsolv("scan", "--rules", written(tmp_path, {**RULE, "pattern": 7}), str(code), "--tolerant")
    assert result.exit_code == 1
    assert "no rule of the file is any good" in result.stderr


def test_a_rule_that_the_engine_refuses_spoils_no_other(code: Path, tmp_path: Path) -> None:
    rules = written(tmp_path, RULE, {**RULE, "id": "bad", "pattern": "danger(((("})
    told = json.loads(rsolv("scan", "--rules", rules, str(code), "--json").stdout)
    assert len(told["findings"]) == 2
    assert {one["rule"] for one in told["errors"]} == {"bad"}


def test_a_scan_goes_piece_by_piece_and_tells_how_far_it_is(
    code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "_FIRST_PIECE", 2)
    monkeypatch.setattr(subject, "_LARGEST_PIECE", 2)
    heard: list[tuple[int, int, int]] = []
    scanned = scan_here(
        Path(written(tmp_path, RULE)), code, timeout_s=60, tolerant=False, tell=lambda *far: heard.append(far)
    )
    assert heard == [(2, 5, 1), (4, 5, 2), (5, 5, 2)]
    assert [scanned.targets[one.target].path for one in scanned.matches] == ["m1.py", "m3.py"]


def test_a_scan_that_found_nothing_in_its_time_has_timed_out(
    code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = written(tmp_path, RULE)
    monkeypatch.setattr(subject, "time", SimpleNamespace(monotonic=lambda: 0.0))
    result = rsolv("scan", "--rules", rules, str(code), "--timeout", "1", "--json")
    assert result.exit_code == 6
    assert "5 of 5 files were not scanned within 1 s" in result.stderr
    assert json.loads(result.stdout)["unreached"] == 5


def test_a_file_that_goes_after_it_was_scanned_is_told_by_what_was_matched(code: Path, tmp_path: Path, capsys) -> None:
    scanned = scan_here(Path(written(tmp_path, RULE)), code, timeout_s=60, tolerant=False, tell=lambda *_: None)
    (code / "m1.py").unlink()
    subject.show(scanned, as_json=True)
    assert [one["code"] for one in json.loads(capsys.readouterr().out)["findings"]] == ["danger(1)", "danger(1)"]


@pytest.mark.parametrize("now", [None, "", "\n"])
def test_a_file_that_goes_or_shrinks_before_the_log_is_written_is_told_there(
    code: Path, tmp_path: Path, now: str | None
) -> None:
    (code / "m1.py").write_text("x = 1\n" * 9 + "danger(1)\n")
    scanned = scan_here(Path(written(tmp_path, RULE)), code, timeout_s=60, tolerant=False, tell=lambda *_: None)
    (code / "m1.py").unlink() if now is None else (code / "m1.py").write_text(now)
    run = json.loads(scanned.log())["runs"][0]
    assert [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]] == ["m3.py"]
    told = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert told == ["Changed: the file is gone or another one since it was scanned: 1 matches are left out"]


def test_the_engine_may_use_as_much_memory_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSOLV_ENGINE_MEMORY_MB", "777")
    assert subject.limits_here(9).memory_mb == 777


@pytest.mark.parametrize("by_index", [False, True], ids=["plain", "by an index"])
def test_a_rule_that_ran_out_of_time_on_a_file_is_told_with_both_and_how_long(
    tmp_path: Path, by_index: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.unit.cli.test_tidy import RULE as SLOW

    for module in (subject, scan_indexed):
        monkeypatch.setattr(module, "limits_here", lambda wall_s: Limits(wall_s=wall_s, rule_s=1))
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "m.py").write_text("".join(f"x{at} = f(a, b, c)\n" for at in range(400)))
    options = ("--index", str(tmp_path / "kept")) if by_index else ()
    result = rsolv("scan", "--rules", written(tmp_path, SLOW), str(tmp_path / "code"), *options)
    (line,) = [line for line in result.stdout.splitlines() if "Timeout" in line]
    assert "the rule was not done with the file within 1 s" in line
    assert "m.py" in line
    assert "slow" in line
