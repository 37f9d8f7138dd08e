"""Do commands that work here try rules on clean code, and leave nothing behind?"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rsolv_ray.cli.root import app
from rsolv_ray.scanning.clean import CLEAN, CleanCode, CleanFolder
from tests.unit.engine.samples import definition

BEFORE, AFTER = (f"def f(y):\n    return {call}(y)\n" for call in ("eval", "literal"))
LOUD = "eval(x)\n" * 9 + "pass\n" * 91


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    folder = tmp_path / "clean"
    folder.mkdir()
    (folder / "loud.py").write_text(LOUD)
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": [definition()]}))
    return file


def _run(*argv: str | Path, given: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in argv], input=given)
    return result.exit_code, result.stdout


def test_rules_are_told_as_loud_as_they_are_on_named_clean_code(rules: Path, clean: Path) -> None:
    code, said = _run("rules", "test", rules, "--clean", clean)
    assert code == 1
    assert "noise: 9,000.0 findings in 100,000 lines of clean code (9 in 100)" in said


def test_without_clean_code_noise_is_unknown_and_no_failure(rules: Path) -> None:
    code, said = _run("rules", "test", rules)
    assert code == 0
    assert "noise: unknown" in said


def test_the_index_of_the_service_on_this_machine_is_used(
    rules: Path, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CleanCode(tmp_path / "data" / CLEAN, [CleanFolder(clean)]).refresh()
    monkeypatch.setenv("RSOLV_CLEAN_CORPORA", str(clean))
    code, said = _run("rules", "test", rules, "--json")
    (report,) = json.loads(said).values()
    assert report["density"]["findings"] == 9
    assert code == 0  # told, and for the service to judge: who tries a rule has named no clean code


def test_a_rule_that_is_loud_on_clean_code_gives_way_to_a_quieter_one(clean: Path, tmp_path: Path) -> None:
    (tmp_path / "before.py").write_text(BEFORE)
    (tmp_path / "after.py").write_text(AFTER)
    fix = ("synthesize", "--before", tmp_path / "before.py", "--after", tmp_path / "after.py", "--json")
    loud, quiet = (json.loads(_run(*fix, *more)[1]) for more in ((), ("--clean", clean)))
    assert all(rule["density"] is None for rule in loud["rules"])
    assert all((rule["density"]["findings"], rule["density"]["lines"]) == (0, 100) for rule in quiet["rules"])
    too_loud = {one["candidate"] for one in quiet["rejected"] if one["gate"] == "clean"}
    assert too_loud
    assert quiet["rules"]


def test_a_batch_is_judged_on_clean_code_and_leaves_nothing_behind(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    fix = {"path": "a.py", "before": BEFORE, "after": AFTER}
    line = json.dumps({"id": "r1", "language": "python", "fixes": [fix]}) + "\n"
    learned = json.loads(_run("synthesize", "--batch", "--workers", "1", given=line)[1])
    quieter = json.loads(_run("synthesize", "--batch", "--workers", "1", "--clean", clean, given=line)[1])
    assert quieter["rules"]
    assert [one["id"] for one in quieter["rules"]] != [one["id"] for one in learned["rules"]]
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "data").exists()


def test_the_clean_code_of_this_machine_is_indexed_where_no_service_did_so(
    rules: Path, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RSOLV_CLEAN_CORPORA", str(clean))
    first = CliRunner().invoke(app, ["rules", "test", str(rules), "--json"])
    assert "100 new lines of clean code are indexed" in first.stderr
    (report,) = json.loads(first.stdout).values()
    assert report["density"]["findings"] == 9
    again = CliRunner().invoke(app, ["rules", "test", str(rules), "--json"])
    assert "clean code" not in again.stderr


def test_after_a_day_clean_code_is_looked_at_again(
    rules: Path, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RSOLV_CLEAN_CORPORA", str(clean))
    _run("rules", "test", rules)
    (clean / "more.py").write_text("pass\n" * 7)
    (shelf,) = (tmp_path / "data" / CLEAN).iterdir()
    os.utime(shelf, (0, 0))
    again = CliRunner().invoke(app, ["rules", "test", str(rules)])
    assert "7 new lines of clean code are indexed" in again.stderr


def test_where_the_index_cannot_be_written_that_is_told_and_no_failure(
    rules: Path, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RSOLV_CLEAN_CORPORA", str(clean))
    (tmp_path / "data").write_text("no folder")
    ended = CliRunner().invoke(app, ["rules", "test", str(rules)])
    assert ended.exit_code == 0
    assert "clean code is not indexed, so nobody knows how loud rules are: " in ended.stderr
    assert "noise: unknown" in ended.stdout
