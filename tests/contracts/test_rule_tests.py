"""Does Semgrep's own test runner agree with what is handed over with a rule?"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rsolv_ray.cli.rule_tests import write_tests
from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.rule_test import rule_test
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.rule import Rule

FIXES = [
    (
        "shop.py", "CWE-89",
        'def find(db, name):\n    db.execute("SELECT * FROM t WHERE n = %s" % name)\n',
        'def find(db, name):\n    db.execute("SELECT * FROM t WHERE n = %s", (name,))\n',
    ),
    (
        "fetch.py", "CWE-295",
        "import requests\n\ndef get(u):\n    return requests.get(\n        u,\n        verify=False,\n    )\n",
        "import requests\n\ndef get(u):\n    return requests.get(\n        u,\n        verify=True,\n    )\n",
    ),
    (
        "run.js", "CWE-78",
        "const cp = require('child_process');\nfunction run(d) {\n  cp.exec(`ls ${d}`);\n}\n",
        "const cp = require('child_process');\nfunction run(d) {\n  cp.execFile('ls', [d]);\n}\n",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> list[Rule]:
    engine, found = Engine("core"), list[Rule]()
    for path, cwe, before, after in FIXES:
        fix = Fix(changes=(FileChange.model_validate({"path": path, "before": before, "after": after}),), cwe=(cwe,))
        found += learn(engine, fix, now=datetime.now(UTC)).rules
    assert len(found) >= len(FIXES)
    return found


def tried(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "semgrep"), "scan", "--test", "--metrics", "off", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_the_tests_of_learned_rules_pass_and_their_fixes_too(rules: list[Rule], tmp_path: Path) -> None:
    told = write_tests(Engine("core"), rules, tmp_path / "rules")
    assert told == f"{len(rules)} rules are in {tmp_path / 'rules'}, {len(rules)} of them with a test"
    ended = tried(tmp_path / "rules")
    said = ended.stdout + ended.stderr
    assert ended.returncode == 0, said
    assert f"{len(rules)}/{len(rules)}: ✓ All tests passed" in said
    assert "All fix tests passed" in said


def test_a_rule_that_has_lost_its_pattern_fails_its_test(rules: list[Rule], tmp_path: Path) -> None:
    write_tests(Engine("core"), rules[:1], tmp_path / "rules")
    file = tmp_path / "rules" / f"{rules[0].id}.yaml"
    file.write_text(file.read_text().replace("execute", "exacute"))
    assert tried(tmp_path / "rules").returncode != 0


def test_a_test_has_places_to_flag_and_places_to_spare(rules: list[Rule]) -> None:
    for rule in rules:
        test = rule_test(Engine("core"), rule)
        assert test is not None
        assert f"ruleid: {rule.id}" in test.text
        assert f"ok: {rule.id}" in test.text


def test_what_the_fix_makes_of_the_test_is_handed_over_where_the_rule_has_one(rules: list[Rule]) -> None:
    mending = next(rule for rule in rules if rule.form == "keyword:changed")
    test = rule_test(Engine("core"), mending)
    assert test is not None
    assert test.fixed is not None
    assert "verify=False" in test.text
    assert "verify=False" not in test.fixed


def test_a_fix_that_is_not_filled_in_everywhere_is_not_handed_over(rules: list[Rule], tmp_path: Path) -> None:
    halfway = next(rule for rule in rules if "$FORMAT" in str(rule.definition.get("fix")))
    write_tests(Engine("core"), [halfway], tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"{halfway.id}.py", f"{halfway.id}.yaml"]
    assert "fix:" not in (tmp_path / f"{halfway.id}.yaml").read_text()


def test_a_rule_in_a_language_without_comments_has_no_test(rules: list[Rule]) -> None:
    case = rules[0].cases[0].model_copy(update={"language": "json"})
    assert rule_test(Engine("core"), rules[0].model_copy(update={"cases": (case,)})) is None
