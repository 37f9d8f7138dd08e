"""What does a person see who asks why a fix taught what it taught?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsolv_ray.cli.exits import Exit
from tests.unit.cli.conftest import rsolv


@pytest.fixture
def sides(tmp_path: Path) -> tuple[str, ...]:
    """A fix as options of the command."""
    code = 'def find(db, name):\n    db.execute("SELECT * FROM t WHERE n = %s" % name)\n'
    (tmp_path / "old.py").write_text(code)
    (tmp_path / "new.py").write_text(code.replace('" % name', '", (name,)'))
    return ("--before", str(tmp_path / "old.py"), "--after", str(tmp_path / "new.py"), "--cwe", "CWE-89")


def test_the_edit_its_kind_and_every_candidate_are_told(sides: tuple[str, ...]) -> None:
    ended = rsolv("synthesize", *sides, "--explain")
    assert ended.exit_code == Exit.DONE
    assert "line 2 -> 2: a built text was replaced" in ended.output
    assert "families of the weakness: sql" in ended.output
    assert "accepted as python-cwe-89-" in ended.output
    assert "refused at redundant: " in ended.output


def test_the_same_is_told_as_json(sides: tuple[str, ...]) -> None:
    told = json.loads(rsolv("synthesize", *sides, "--explain", "--json").stdout)
    assert [edit["before_line"] for edit in told["edits"]] == [2]
    assert told["candidates"][0]["verdict"] == "accepted"
    assert told["candidates"][0]["rule"] == told["rules"][0]["id"]
    assert {row["gate"] for row in told["candidates"] if row["verdict"] == "refused"} >= {"redundant"}
    assert all(row["looks_for"] for row in told["candidates"])


def test_rules_and_their_tests_are_written_where_they_are_wanted(sides: tuple[str, ...], tmp_path: Path) -> None:
    ended = rsolv("synthesize", *sides, "--tests", str(tmp_path / "rules"))
    assert ended.exit_code == Exit.DONE
    assert {file.suffix for file in (tmp_path / "rules").iterdir()} == {".yaml", ".py"}


def test_a_folder_that_cannot_be_written_to_is_told(sides: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = rsolv("synthesize", *sides, "--tests", str(tmp_path / "file" / "rules"))
    assert ended.exit_code == Exit.USAGE
    assert "cannot be written to: Not a directory" in ended.stderr


@pytest.mark.parametrize("option", ["--explain", "--tests=x"])
def test_a_batch_has_no_room_for_an_explanation(option: str) -> None:
    ended = rsolv("synthesize", "--batch", option)
    assert ended.exit_code == Exit.USAGE
    assert "leave out" in ended.stderr
