"""What do scanned files give?"""

from __future__ import annotations

from pathlib import Path

import pytest

from rsolv_ray.engine.scan import FileScan
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.rule import Rule
from tests.unit.engine.plain_scan import scan_files
from tests.unit.engine.samples import fake_core, repository, rule

ENGINE = Engine("core")


def scan(root: Path, files: dict[str, str], *rules: Rule) -> FileScan:
    for name, code in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(code, newline="")
    return scan_files(ENGINE, rules or [rule()], repository(root), root, sorted(files))


def test_a_finding_tells_place_lines_message_and_bindings(tmp_path: Path) -> None:
    (found,) = scan(tmp_path, {"app/a.py": "x = 1\ny = eval(\n  a)  # here\n"}).findings
    assert (found.path, found.span.start_line, found.span.end_line) == ("app/a.py", 2, 3)
    assert (found.snippet, found.message) == ("y = eval(\n  a)  # here", "eval of a")
    assert (found.rule, found.rule_version, found.metavariables) == ("no-eval", 1, {"$X": "a"})


def test_the_fingerprint_survives_moved_lines_layout_comments_and_a_rename(tmp_path: Path) -> None:
    moved = "import os\n\ndef g(): pass\n\ndef f():\n    # why\n    x = 1\n    eval(a,\n         b)\n"
    any_arguments = rule(pattern="eval(...)")
    before = scan(tmp_path, {"a.py": "def f():\n    eval(a, b)\n"}, any_arguments).findings
    after = scan(tmp_path, {"lib/b.py": moved}, any_arguments).findings
    assert [one.fingerprint for one in before] == [one.fingerprint for one in after]
    assert before[0].id != after[0].id


def test_equal_places_in_one_function_have_fingerprints_of_their_own(tmp_path: Path) -> None:
    found = scan(tmp_path, {"a.py": "def f():\n    eval(x)\n    eval(x)\ndef g():\n    eval(x)\n"}).findings
    assert len({one.fingerprint for one in found}) == 3


def test_a_waived_place_does_not_rename_its_equals(tmp_path: Path) -> None:
    free = scan(tmp_path, {"a.py": "eval(x)\neval(x)\n"}).findings
    waived = scan(tmp_path, {"a.py": "eval(x)  # nosemgrep\neval(x)\n"}).findings
    assert [one.fingerprint for one in waived] == [free[1].fingerprint]


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("eval(1)  # nosemgrep\n", []),
        ("eval(1)  # nosem\n", []),
        ("eval(1)  # noqa nosemgrep: other, no-eval\n", []),
        ("eval(1)  # nosemgrep: other\n", [1]),
        ("# nosemgrep: no-eval\neval(1)\n", []),
        ("x = 1  # nosemgrep\neval(1)\n", [2]),
        ("eval(1)\n# nosemgrep\n", [1]),
        ("nosemgreps = eval(1)\n", [1]),
    ],
)
def test_inline_waivers_are_honoured(tmp_path: Path, code: str, lines: list[int]) -> None:
    assert [one.span.start_line for one in scan(tmp_path, {"a.py": code}).findings] == lines


def test_a_waiver_in_another_comment_style_is_honoured(tmp_path: Path) -> None:
    in_go = rule(languages=["go"])
    code = "package a\nfunc f() {\n  // nosemgrep: no-eval\n  eval(1)\n  eval(2) // nosemgrep\n  eval(3)\n}\n"
    assert [one.span.start_line for one in scan(tmp_path, {"a.go": code}, in_go).findings] == [6]


def test_long_snippets_and_bindings_are_cut(tmp_path: Path) -> None:
    (found,) = scan(
        tmp_path, {"a.py": f"eval({chr(39)}{chr(120) * 30_000}{chr(39)})\n"}, rule(message="m" * 6_000)
    ).findings
    assert (len(found.snippet), len(found.metavariables["$X"]), len(found.message)) == (20_000, 500, 5_000)


def test_files_in_no_known_language_are_passed_over(tmp_path: Path) -> None:
    told = scan(tmp_path, {"a.py": "eval(1)\n", "notes.txt": "eval(1)\n"})
    assert (told.files, len(told.findings)) == (1, 1)


def test_what_was_not_understood_is_told_apart_from_what_failed(tmp_path: Path) -> None:
    told = scan(tmp_path, {"a.py": "x = = 1\neval(2)\n"}, rule(), rule(id="bad", pattern="f(("))
    assert told.unread == ("a.py",)
    assert len(told.errors) == 1
    assert "bad" in told.errors[0]
    assert len(told.findings) == 1


def test_several_rules_and_files_are_told_in_order(tmp_path: Path) -> None:
    files = {"b.py": "f(1)\neval(2)\n", "a.py": "eval(3)\n"}
    found = scan(tmp_path, files, rule(), rule(id="no-f", pattern="f(...)")).findings
    assert [(one.path, one.rule) for one in found] == [("a.py", "no-eval"), ("b.py", "no-f"), ("b.py", "no-eval")]


def test_an_engine_that_fails_finds_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("eval(1)\n")
    broken = Engine("core", core=fake_core(tmp_path, "exit 1"))
    with pytest.raises(ToolFailed):
        scan_files(broken, [rule()], repository(tmp_path), tmp_path, ["a.py"])


def test_a_file_that_crashes_the_engine_is_told_and_the_others_are_scanned(tmp_path: Path) -> None:
    names = [f"{letter}.py" for letter in "abcdefg"]
    for name in names:
        (tmp_path / name).write_text("eval(1)\n")
    core = fake_core(tmp_path, f'grep -q c.py "$4" && kill -SEGV $$; exec {ENGINE._core} "$@"')
    told = scan_files(Engine("core", core=core), [rule()], repository(tmp_path), tmp_path, names)
    assert [one.path for one in told.findings] == [name for name in names if name != "c.py"]
    assert len(told.errors) == 1
    assert told.errors[0].startswith("c.py: no-eval: Engine broken: fake-core ended with status -11")
    assert (told.files, told.unread) == (7, ("c.py",))


def test_an_engine_that_crashes_on_everything_is_not_asked_for_each_file(tmp_path: Path) -> None:
    names = [f"{number}.py" for number in range(64)]
    for name in names:
        (tmp_path / name).write_text("eval(1)\n")
    core = fake_core(tmp_path, f"echo x >> {tmp_path}/asked; exit 1")
    with pytest.raises(ToolFailed):
        scan_files(Engine("core", core=core), [rule()], repository(tmp_path), tmp_path, names)
    assert len((tmp_path / "asked").read_text().split()) <= 8
