"""What all commands have in common, and the commands that work without a service."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from rsolv_ray.cli.example import NAMES, Range, build, compare
from rsolv_ray.cli.exits import Exit, TimedOut, Usage, exit_code
from rsolv_ray.cli.root import app
from rsolv_ray.model import errors
from tests.unit.cli.conftest import rsolv

DOCS = Path(__file__).parents[3] / "docs/cli.md"
HEAVY = {"ray", "torch", "duckdb", "pydantic", "httpx", "fastapi", "ast_grep_py", "rich.console", "ruamel.yaml"}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command by its whole name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("shop", tmp_path_factory.mktemp("example") / "shop").root


@pytest.fixture(scope="module")
def learned(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules that the example's fix teaches, as a file."""
    return learned_from(shop, tmp_path_factory.mktemp("rules") / "learned.json")


def learned_from(root: Path, file: Path) -> Path:
    """The rules that the last commit of a repository teaches, written to `file`."""
    result = rsolv("synthesize", "--commit", "HEAD", "--repo", str(root), "--json")
    assert result.exit_code == 0, result.output
    file.write_text(json.dumps({"rules": [rule["definition"] for rule in json.loads(result.stdout)["rules"]]}))
    return file


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    documented = re.findall(r"^### rsolv ([a-z -]+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(COMMANDS)


def test_every_documented_example_names_options_that_exist() -> None:
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL))
    lines = re.findall(r"\brsolv ([a-z].*?)(?: && |  #|$)", blocks, re.MULTILINE)
    assert len(lines) >= len(COMMANDS) - 1
    for line in lines:
        name = max((name for name in COMMANDS if f"{line} ".startswith(f"{name} ")), key=len)
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", line)) <= known, line


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_takes_json(name: str) -> None:
    assert "--json" in {option for parameter in COMMANDS[name].params for option in parameter.opts}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_does_and_what_its_options_mean(name: str) -> None:
    assert COMMANDS[name].help
    assert [one.name for one in COMMANDS[name].params if not getattr(one, "help", None)] == []


def test_help_loads_nothing_heavy() -> None:
    code = f"import sys; from rsolv_ray.cli.root import app; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_each_error_family_has_its_exit_code() -> None:
    expected = {
        errors.Rejected: 1, errors.Conflict: 1, errors.TooLarge: 1, Usage: 2, errors.Unavailable: 3, errors.StorageFull: 3,
        errors.ToolFailed: 3, errors.Fenced: 3, errors.NotAllowed: 4, errors.NotFound: 5, TimedOut: 6,
    }  # fmt: skip
    assert {family: exit_code(family()) for family in expected} == {
        family: Exit(code) for family, code in expected.items()
    }


def test_a_wrong_option_is_wrong_usage() -> None:
    assert rsolv("scan", "--nonsense").exit_code == 2


def test_a_reader_that_goes_away_is_no_error(shop: Path) -> None:
    command = f"{sys.executable} -m rsolv_ray synthesize --commit HEAD --repo {shop} --json | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout == "{"
    assert done.stderr == ""


def test_a_fix_gives_a_rule_as_yaml_with_the_verdicts(shop: Path) -> None:
    result = rsolv("synthesize", "--commit", "HEAD", "--repo", str(shop))
    assert result.exit_code == 0
    assert result.stdout.startswith("rules:\n")
    assert "accepted" in result.stdout


def test_a_fix_that_teaches_nothing_ends_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("x = 1\n\n\ndef f() -> None:\n    pass\n")
    result = rsolv("synthesize", "--before", str(tmp_path / "a.py"), "--after", str(tmp_path / "b.py"))
    assert result.exit_code == 1
    assert "no rule: " in result.stdout


@pytest.mark.parametrize("name", NAMES)
def test_what_an_example_teaches_finds_all_instances_and_spares_all_look_alikes(name: str, tmp_path: Path) -> None:
    example = build(name, tmp_path / name)
    rules = learned_from(example.root, tmp_path / "learned.json")
    result = rsolv("scan", "--rules", str(rules), str(example.root), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)["findings"]
    ranges = [Range(one["path"], one["start_line"], one["end_line"]) for one in found]
    comparison = compare(ranges, example.expected)
    assert (comparison.missed, comparison.wrongly_flagged, comparison.elsewhere) == ((), (), ())


def test_a_scan_of_one_clean_file_finds_nothing(shop: Path, learned: Path) -> None:
    result = rsolv("scan", "--rules", str(learned), str(shop / "shop/audit.py"))
    assert result.exit_code == 0
    assert "nothing was found" in result.stdout


def test_a_scan_shows_whole_lines(shop: Path, learned: Path) -> None:
    result = rsolv("scan", "--rules", str(learned), str(shop / "shop/orders.py"))
    assert "cursor.execute(sql)" in result.stdout


def test_a_scan_needs_rules_and_a_path_or_neither(shop: Path, learned: Path) -> None:
    assert rsolv("scan", str(shop)).exit_code == 2
    assert rsolv("scan", "--rules", str(learned)).exit_code == 2
    assert rsolv("scan", "--rules", str(learned), str(shop), "--repo", "shop").exit_code == 2


def test_a_file_that_holds_no_rules_is_rejected(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("rules:\n  - id: x\n    languages: [python]\n")
    result = rsolv("scan", "--rules", str(tmp_path / "rules.yaml"), str(shop))
    assert result.exit_code == 1
    assert "message" in result.stderr


def test_a_rule_is_tried_on_cases(shop: Path, learned: Path) -> None:
    bad, good = str(shop / "shop/orders.py"), str(shop / "shop/audit.py")
    assert rsolv("rules", "test", str(learned), "--fires", bad, "--silent", good).exit_code == 0
    result = rsolv("rules", "test", str(learned), "--fires", good, "--silent", bad)
    assert result.exit_code == 1
    assert result.stdout.count("FAIL") == 2


def test_the_doctor_says_what_is_wrong_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSOLV_PROT", "1")
    result = rsolv("doctor", "--json")
    assert result.exit_code == 1
    checks = {one["name"]: one for one in json.loads(result.stdout)}
    assert checks["settings"]["health"] == "fail"
    assert "did you mean 'port'" in checks["settings"]["seen"]
    assert checks["semgrep-core"]["health"] == "ok"


def test_the_doctor_sees_secrets_that_others_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSOLV_DATA_DIR", str(tmp_path))
    tmp_path.chmod(0o755)
    (tmp_path / "admin.key").write_text("rsk_x")
    (tmp_path / "admin.key").chmod(0o644)
    result = rsolv("doctor", "--json")
    checks = {one["name"]: one["health"] for one in json.loads(result.stdout)}
    assert (checks["secrets"], checks["data folder"]) == ("fail", "warn")
    assert result.exit_code == 1
    (tmp_path / "admin.key").chmod(0o600)
    tmp_path.chmod(0o700)
    checks = {one["name"]: one["health"] for one in json.loads(rsolv("doctor", "--json").stdout)}
    assert (checks["secrets"], checks["data folder"]) == ("ok", "ok")


def test_the_doctor_and_serve_see_a_taken_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("RSOLV_PORT", str(taken.getsockname()[1]))
        started = time.monotonic()
        result = rsolv("serve")
        assert time.monotonic() - started < 5
        assert result.exit_code == 3
        assert "RSOLV_PORT" in result.stderr


def test_serve_refuses_a_settings_file_with_an_unknown_name(tmp_path: Path) -> None:
    (tmp_path / "rsolv.toml").write_text("prot = 1\n")
    result = rsolv("serve", "--config", str(tmp_path / "rsolv.toml"))
    assert result.exit_code == 1
    assert "did you mean 'port'" in result.stderr
