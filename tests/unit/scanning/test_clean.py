"""Is it counted how often rules fire on clean code, and is what is not known told as unknown?"""

from __future__ import annotations

import pickle
import sysconfig
from pathlib import Path
from typing import Any

import pytest

import rsolv_ray
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.rule import Density
from rsolv_ray.scanning.clean import CleanCode, CleanFolder, clean_folders
from tests.unit.engine.samples import definition, fake_core

ENGINE = Engine("core")
EVAL = definition(id="eval", pattern="eval($X)")


def _folder(root: Path, files: dict[str, str]) -> Path:
    for name, code in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(code)
    return root


def _code(tmp_path: Path, *folders: CleanFolder) -> CleanCode:
    made = CleanCode(tmp_path / "index", folders)
    made.refresh()
    return made


def _one(clean: CleanCode, rule: dict[str, Any] = EVAL, engine: Engine = ENGINE) -> Any:
    return clean.density(engine, [rule])[rule["id"]]


def test_findings_are_counted_over_all_lines_of_the_language(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"a.py": "eval(x)\neval(y)\n", "b.py": "pass\n" * 98, "c.js": "eval(x)\n"})
    assert _one(_code(tmp_path, CleanFolder(root))) == Density(
        findings=2, lines=100, per_100k_lines=2000.0, files=1, possible_files=1
    )


def test_a_rule_that_no_file_can_match_is_silent_without_the_engine(tmp_path: Path) -> None:
    clean = _code(tmp_path, CleanFolder(_folder(tmp_path / "code", {"a.py": "pass\n"})))
    broken = Engine("core", core=fake_core(tmp_path, "exit 7"))
    assert _one(clean, engine=broken) == Density(findings=0, lines=1, per_100k_lines=0.0)


def test_rules_that_are_asked_about_together_are_counted_apart(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"a.py": "eval(x)\nexec(y)\nexec(z)\n"})
    rules = [EVAL, definition(id="exec", pattern="exec($X)")]
    told = _code(tmp_path, CleanFolder(root)).density(ENGINE, rules)
    assert {name: one.findings for name, one in told.items() if one} == {"eval": 1, "exec": 2}


def test_without_clean_code_in_a_language_its_density_is_unknown(tmp_path: Path) -> None:
    clean = _code(tmp_path, CleanFolder(_folder(tmp_path / "code", {"a.py": "pass\n"})))
    assert _one(clean, definition(id="js", languages=["javascript"])) is None
    assert clean.lines("javascript") == 0


def test_before_it_is_indexed_the_density_is_unknown(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"a.py": "eval(x)\n"})
    clean = CleanCode(tmp_path / "index", [CleanFolder(root)])
    assert _one(clean) is None
    assert not (tmp_path / "index").exists()


def test_what_another_process_indexes_counts_from_then_on(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"a.py": "eval(x)\n"})
    mine = _code(tmp_path, CleanFolder(root))
    assert _one(mine).findings == 1
    _folder(root, {"b.py": "eval(x)\neval(z)\n"})
    CleanCode(tmp_path / "index", [CleanFolder(root)]).refresh()
    assert (_one(mine).findings, mine.lines("python")) == (3, 3)


def test_code_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    first = _folder(tmp_path / "one", {"a.py": "eval(x)\n", "copy.py": "eval(x)\n"})
    second = _folder(tmp_path / "two", {"b.py": "eval(x)\n"})
    told = _one(_code(tmp_path, CleanFolder(first), CleanFolder(second)))
    assert (told.findings, told.lines) == (1, 1)


def test_code_of_kin_counts_as_code_of_the_language(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"a.js": "eval(x);\n", "b.ts": "eval(y);\n"})
    rule = definition(id="js", languages=["javascript", "typescript"])
    told = _one(_code(tmp_path, CleanFolder(root)), rule)
    assert (told.findings, told.lines) == (2, 2)


@pytest.mark.parametrize("languages", [["py"], ["python3"], ["go", "Python"]])
def test_languages_count_under_any_of_their_names(tmp_path: Path, languages: list[str]) -> None:
    clean = _code(tmp_path, CleanFolder(_folder(tmp_path / "code", {"a.py": "eval(x)\n"})))
    assert _one(clean, definition(id="alias", languages=languages)).findings == 1


def test_a_rule_is_tried_on_the_code_of_all_its_languages(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"a.py": "eval(x)\n", "b.rb": "eval(x)\neval(y)\n", "c.js": "eval(x)\n"})
    told = _one(_code(tmp_path, CleanFolder(root)), definition(id="two", languages=["python", "ruby"]))
    assert (told.findings, told.lines) == (3, 3)


def test_what_is_besides_clean_code_does_not_count(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"ours/a.py": "eval(x)\n", "a.py": "eval(x, y)\neval(z)\n"})
    told = _one(_code(tmp_path, CleanFolder(root, besides=("ours/",))))
    assert (told.findings, told.lines) == (1, 2)


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert _code(tmp_path, CleanFolder(tmp_path / "gone")).lines("python") == 0


def test_a_file_that_vanished_since_it_was_indexed_breaks_nothing(tmp_path: Path) -> None:
    root = _folder(tmp_path / "code", {"a.py": "eval(x)\n", "b.py": "eval(y)\n"})
    clean = _code(tmp_path, CleanFolder(root))
    (root / "a.py").unlink()
    assert _one(clean).findings == 1


def test_a_broken_engine_leaves_the_density_unknown(tmp_path: Path) -> None:
    clean = _code(tmp_path, CleanFolder(_folder(tmp_path / "code", {"a.py": "eval(x)\n"})))
    assert _one(clean, engine=Engine("core", core=fake_core(tmp_path, "exit 7"))) is None


def test_a_rule_that_the_engine_refuses_has_no_density_and_spoils_no_other(tmp_path: Path) -> None:
    clean = _code(tmp_path, CleanFolder(_folder(tmp_path / "code", {"a.py": "eval(x)\n"})))
    told = clean.density(ENGINE, [definition(id="odd", pattern="eval(("), EVAL])
    assert told["odd"] is None
    assert told["eval"] is not None


def test_clean_code_travels_between_processes(tmp_path: Path) -> None:
    clean = _code(tmp_path, CleanFolder(_folder(tmp_path / "code", {"a.py": "eval(x)\n"})))
    assert pickle.loads(pickle.dumps(clean)).lines("python") == 1


def test_installed_means_the_python_of_this_machine_but_for_ourselves(monkeypatch: pytest.MonkeyPatch) -> None:
    us = Path(rsolv_ray.__file__).parents[1]
    monkeypatch.setattr(sysconfig, "get_path", lambda kind: str(us) if kind == "purelib" else f"/{kind}")
    assert clean_folders(["installed", "/srv/clean", "installed"]) == (
        CleanFolder(Path("/stdlib"), frozenset({"python"})),
        CleanFolder(us.resolve(), frozenset({"python"}), ("rsolv_ray/",)),
        CleanFolder(Path("/platlib"), frozenset({"python"})),
        CleanFolder(Path("/srv/clean")),
    )
