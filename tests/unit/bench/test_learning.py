"""Is it told right what fixes taught?"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from rsolv_ray.bench.fix_files import fixes_of, own_fixes
from rsolv_ray.bench.learning import learning
from rsolv_ray.cli.exits import Exit
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.fix import FileChange, Fix
from tests.unit.cli.conftest import rsolv


def fix(before: str, after: str) -> Fix:
    return Fix(
        changes=(FileChange.model_validate({"path": "a.py", "before": before, "after": after}),), cwe=("CWE-89",)
    )


@pytest.fixture(scope="module")
def figures() -> dict[str, object]:
    taught = fix(
        'def find(db, name):\n    db.execute("SELECT * FROM t WHERE n = %s" % name)\n    return name\n',
        'def find(db, name):\n    db.execute("SELECT * FROM t WHERE n = %s", (name,))\n    return name\n',
    )
    untaught = fix("def f(a):\n    return a\n", "def f(a):\n    return a  # as agreed\n")
    return learning([taught, untaught], workers=1, tell=lambda _: None)


def test_a_fix_that_taught_a_rule_holds_by_another_hand_and_one_that_did_not_does_not(
    figures: dict[str, object],
) -> None:
    assert figures["fixes"] == 2
    assert figures["accepted"] == figures["holds"] == 0.5


def test_the_lines_as_they_stood_find_fewer_rewritings(figures: dict[str, object]) -> None:
    assert isinstance(figures["found"], int)
    assert isinstance(figures["found_verbatim"], int)
    assert figures["found_verbatim"] < figures["found"]


def test_figures_are_told_by_language_too(figures: dict[str, object]) -> None:
    assert figures["languages"] == {
        "python": {
            name: figures[name]
            for name in ("fixes", "accepted", "holds", "holds_verbatim", "rewritings", "found", "found_verbatim")
        }
    }


def test_fixes_are_read_packed_and_by_their_fields(tmp_path: Path) -> None:
    rows = [
        {"lang": "python", "file": "a.py", "before": "f(1)", "after": "f(2)", "small": True, "cwe": ["NVD-CWE-Other"]},
        {"lang": "python", "file": "b.py", "before": "f(1)", "after": "f(2)", "small": False},
        {"lang": "cobol", "file": "c.cob", "before": "f(1)", "after": "f(2)", "small": True},
    ]
    with gzip.open(tmp_path / "fixes.jsonl.gz", "wt") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    found = fixes_of(tmp_path / "fixes.jsonl.gz", where=["small"])
    assert [(one.changes[0].path, one.cwe) for one in found] == [("a.py", ())]


def test_a_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "fixes.jsonl").write_text("{\n")
    with pytest.raises(Rejected, match=r"fixes\.jsonl, line 1 is no JSON"):
        fixes_of(tmp_path / "fixes.jsonl")


def test_the_fixes_that_come_with_it_have_no_fields_to_choose_by() -> None:
    assert len(own_fixes()) >= 20
    ended = rsolv("bench", "synthesis", "--where", "small")
    assert ended.exit_code == Exit.USAGE
    assert "--where asks for --fixes" in ended.stderr
