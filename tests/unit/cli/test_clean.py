"""Do commands that work here try rules on clean code, and leave nothing behind?"""

from __future__ import annotations

import json
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
    (first,), (second,) = loud["rules"], quiet["rules"]
    assert (first["form"], first["density"]) == ("call:replaced", None)
    assert (second["density"]["findings"], second["density"]["lines"]) == (0, 100)
    assert "clean" in {one["gate"] for one in quiet["rejected"] if one["form"] == "call:replaced"}


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
    assert [one["metadata"]["form"] for one in learned["rules"]] == ["call:replaced"]
    assert [one["metadata"]["form"].partition(":")[0] for one in quieter["rules"]] == ["taint"]
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "data").exists()
