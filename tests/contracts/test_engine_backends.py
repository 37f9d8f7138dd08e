"""Do both ways of running Semgrep say the same?"""

from __future__ import annotations

from pathlib import Path

import pytest

from rsolv_ray.engine.semgrep import Engine, Limits, Run, SourceText, Target
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.noun import JsonObject

RULES: list[JsonObject] = [
    {
        "id": "call",
        "languages": ["python"],
        "severity": "ERROR",
        "message": "m $X",
        "pattern": "eval($X)",
        "fix": "f($X)",
    },
    {
        "id": "taint",
        "languages": ["py"],
        "severity": "WARNING",
        "message": "m",
        "mode": "taint",
        "pattern-sources": [{"pattern": "input()"}],
        "pattern-sinks": [{"pattern": "run(...)"}],
    },
    {"id": "script", "languages": ["js", "ts"], "severity": "INFO", "message": "m", "pattern": "eval(...)"},
    {"id": "regex", "languages": ["go"], "severity": "INFO", "message": "m", "pattern-regex": "T[O]DO"},
    {"id": "broken", "languages": ["python"], "severity": "ERROR", "message": "m", "pattern": "f((("},
]
TEXTS = [
    SourceText("a.py", "python", "x = 'äöü€'; eval(x)\nq = input()\nrun(q)\n"),
    SourceText("a.py", "python", "eval(1)\r\neval(2)  # nosemgrep\r\n"),
    SourceText("tests/node_modules/b.js", "javascript", "const é = '€'; eval(é)\n"),
    SourceText("c.ts", "typescript", "const x: string = eval('1')\n"),
    SourceText("d.go", "go", "package a\n// TODO é\nfunc f() {}\n"),
    SourceText("e.py", "python", "x = = 1\neval(3)\n"),
    SourceText("empty.py", "python", ""),
    SourceText("f.py", "python", "eval('\x00')\neval(4)\n"),
]


def seen(run: Run) -> list[tuple[object, ...]]:
    return [
        (match.rule, match.target, match.path, match.span, match.start, match.end, match.text, match.message, match.rendered_fix)
        for match in run.matches
    ]  # fmt: skip


@pytest.fixture(scope="module")
def both() -> tuple[Run, Run]:
    return Engine("core").run_texts(RULES, TEXTS), Engine("cli").run_texts(RULES, TEXTS)


def test_both_backends_find_the_same(both: tuple[Run, Run]) -> None:
    core, cli = both
    assert {match.rule for match in core.matches} == {"call", "taint", "script", "regex"}
    assert seen(core) == seen(cli)


def test_both_backends_name_the_same_troubles(both: tuple[Run, Run]) -> None:
    core, cli = ([(error.kind, error.rule, error.target, error.lines) for error in run.errors] for run in both)
    assert sorted(core, key=str) == sorted(cli, key=str)
    assert {kind for kind, *_ in core} == {"Rule parse error", "PartialParsing"}


def test_both_backends_are_told_apart(both: tuple[Run, Run]) -> None:
    assert [run.engine.rpartition(" ")[0] for run in both] == ["semgrep-core", "semgrep"]


@pytest.mark.parametrize("backend", ["core", "cli"])
class TestEither:
    def test_refusals_name_the_broken_rule(self, backend: str) -> None:
        assert Engine(backend).refusals(RULES).keys() == {"broken"}

    def test_files_with_odd_names_are_scanned(self, backend: str, tmp_path: Path) -> None:
        names = ["-a.py", "b c.py", "d\ne.py"]
        for name in names:
            (tmp_path / name).write_text("eval(1)\n")
        run = Engine(backend).run(RULES, [Target(name, tmp_path / name, "python") for name in names])
        assert [match.path for match in run.matches] == names

    def test_no_targets_find_nothing(self, backend: str) -> None:
        assert Engine(backend).run_texts(RULES[:1], []).matches == ()

    def test_a_rule_without_id_is_rejected(self, backend: str) -> None:
        with pytest.raises(Rejected):
            Engine(backend).run_texts([{"pattern": "x"}], TEXTS)

    def test_a_slow_rule_is_told(self, backend: str) -> None:
        deep = SourceText("deep.py", "python", "eval(" * 20_000 + "1" + ")" * 20_000)
        run = Engine(backend).run_texts(RULES[:1], [deep, TEXTS[0]], Limits(rule_s=1))
        assert [(error.kind, error.rule, error.target) for error in run.errors] == [("Timeout", "call", 0)]
        assert {match.target for match in run.matches} == {1}
