"""Whatever a rules file may be, the line names it and says what is wrong with it, as of a command line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsolv_ray.cli.exits import Usage
from rsolv_ray.cli.text_file import text_of
from tests.unit.cli.conftest import rsolv

LATIN = b"rules: # \xe9\n"


@pytest.fixture
def latin(tmp_path: Path) -> Path:
    file = tmp_path / "latin.yaml"
    file.write_bytes(LATIN)
    return file


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "m.py").write_text("danger(1)\n")
    return folder


@pytest.mark.parametrize(
    "command",
    [("scan", "code", "--rules"), ("scan", "code", "--index", "kept", "--rules"), ("rules", "test")],
    ids=["scan", "scan by an index", "rules test"],
)
def test_rules_that_are_no_utf8_are_a_wrong_command_line(
    latin: Path, code: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(code.parent)
    result = rsolv(*command, str(latin))
    assert result.exit_code == 2
    assert result.stderr == f"rsolv: {latin} is no UTF-8 text (byte 9): save it as UTF-8\n"


def test_a_rule_to_learn_with_that_is_no_utf8_is_a_wrong_command_line(latin: Path, code: Path) -> None:
    from rsolv_ray.cli.learn import only_rule

    with pytest.raises(Usage, match=r"latin\.yaml is no UTF-8"):
        only_rule(latin)


def test_a_case_that_is_no_utf8_is_a_wrong_command_line(tmp_path: Path) -> None:
    rules, case = tmp_path / "rules.yaml", tmp_path / "case.py"
    rules.write_text("rules: [{id: a, languages: [python], severity: ERROR, message: m, pattern: danger(...)}]")
    case.write_bytes(b"# \xff\n")
    result = rsolv("rules", "test", str(rules), "--fires", str(case))
    assert (result.exit_code, "case.py is no UTF-8" in result.stderr) == (2, True)


def test_rules_that_are_a_folder_are_a_wrong_command_line(code: Path) -> None:
    assert rsolv("scan", "--rules", str(code), str(code)).exit_code == 2


def test_rules_that_have_no_end_are_a_wrong_command_line(code: Path) -> None:
    result = rsolv("scan", "--rules", "/dev/zero", str(code))
    assert (result.exit_code, result.stderr) == (2, "rsolv: /dev/zero is larger than 1048576 bytes\n")


def test_what_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Usage, match=r"gone cannot be read: No such file"):
        text_of(tmp_path / "gone", most=9)


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="cannot be read: Is a directory"):
        text_of(tmp_path, most=9)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"123456789")
    assert text_of(tmp_path / "full", most=9) == "123456789"


def test_lines_end_alike_wherever_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "dos").write_bytes(b"a\r\nb\r\n")
    assert text_of(tmp_path / "dos", most=9) == "a\nb\n"
