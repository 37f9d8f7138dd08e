"""Does our engine find what `semgrep scan` finds: rule, path and range?

Over rules and code of our own, and where `RSOLV_RULE_BENCHMARK` names a benchmark of published rules with their test
files, over those: one rule in twenty, or all of them in the slow test; always each rule over each file.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.engine.batches import run_in_batches
from tests.contracts.plain_semgrep import Code, benchmark, engine, found_by, found_by_plain

BENCHMARK = os.environ.get("RSOLV_RULE_BENCHMARK")
needs_benchmark = pytest.mark.skipif(not BENCHMARK, reason="RSOLV_RULE_BENCHMARK names no benchmark")


def rule(name: str, *languages: str, **body: Any) -> dict[str, Any]:
    formula = {key.replace("_", "-"): value for key, value in body.items()}
    return {"id": name, "languages": list(languages), "severity": "ERROR", "message": "m", **formula}


OWN = Code(
    rules=(
        rule("call", "python", pattern="subprocess.run(..., shell=True, ...)"),
        rule("alias", "python3", pattern="hashlib.md5(...)"),
        rule("loose", "python", pattern="$X = $Y"),
        rule("same", "python", "javascript", pattern="$X == $X"),
        rule(
            "guard",
            "python",
            patterns=[{"pattern": "open($F)"}, {"pattern-not-inside": "if check($F):\n  ..."}],
        ),
        rule(
            "named",
            "python",
            patterns=[
                {"pattern": "$F(...)"},
                {"metavariable-regex": {"metavariable": "$F", "regex": "^ev.l$"}},
                {"focus-metavariable": "$F"},
            ],
        ),
        rule(
            "taint",
            "py",
            mode="taint",
            pattern_sources=[{"pattern": "input()"}],
            pattern_sinks=[{"pattern": "run(...)"}],
            pattern_sanitizers=[{"pattern": "clean(...)"}],
        ),
        rule("either", "js", "ts", pattern_either=[{"pattern": "eval(...)"}, {"pattern": "$X.innerHTML = $Y"}]),
        rule("key", "regex", pattern_regex="AKIA[0-9A-Z]{16}"),
        rule("port", "generic", pattern="port = ..."),
        rule("placed", "python", pattern="eval(...)", paths={"include": ["lib/**"]}),
        rule("elsewhere", "python", pattern="eval(...)", paths={"exclude": ["lib/"]}),
        rule("open", "hcl", pattern='cidr = "0.0.0.0/0"'),
        rule("root", "dockerfile", pattern="USER root"),
        rule("deep", "json", "yaml", pattern='"debug": true'),
        rule("list", "ocaml", pattern="List.hd $X"),
    ),
    files={
        "a.py": "import subprocess as s\nfrom hashlib import md5 as m\ns.run('é', shell=True); m(b'')\nx = 'ü' == 'ü'\n",
        "b.py": "def f():\n    q = input()\n    z = 'é' + q\n    run(z)\n    run(clean(z))\n    if q == q:\n        eval(q)\n",
        "lib/c.py": "if check(p):\n    open(p)\nopen(q)\neval(1)  # nosemgrep\n",
        "d.js": "const é = '€'; eval(é);\nif (é == é) { document.body.innerHTML = é }\n",
        "e.ts": "const x: string = eval('1')\r\nconst y = 1\r\n",
        "notes.txt": "key AKIA0123456789ABCDEF\n",
        "server.conf": "port = 80\nport = 81\n",
        "main.tf": 'resource "a" "b" {\n  cidr = "0.0.0.0/0"\n}\n',
        "Dockerfile": "FROM scratch\nUSER root\n",
        "f.json": '{"debug": true, "a": {"debug": true}}\n',
        "g.yaml": "debug: true\nother: AKIA0123456789ABCDEF\n",
        "h.ml": "let x = List.hd xs\n",
        "i.py": "x = = 1\neval(3)\n",
        "j.py": "",
    },
)


def both(code: Code, folder: Path, backend: str) -> tuple[set[Any], set[Any]]:
    """What our engine finds, and what `semgrep scan` does."""
    code.written(folder)
    asked = engine(backend)
    ran = run_in_batches(
        asked, code.rules, code.targets(folder), limits=asked.limits, until=time.monotonic() + asked.limits.wall_s
    )
    assert (ran.set_aside, ran.unreached) == ({}, ())
    return found_by(ran.matches), found_by_plain(code, folder)


@pytest.mark.parametrize("backend", ["core", "cli"])
def test_rules_of_our_own_find_what_plain_semgrep_finds(tmp_path: Path, backend: str) -> None:
    ours, plain = both(OWN, tmp_path / "code", backend)
    assert {name for name, *_ in plain} == {str(one["id"]) for one in OWN.rules}
    assert ours == plain


@needs_benchmark
@pytest.mark.parametrize("backend", ["core", "cli"])
def test_a_sample_of_published_rules_finds_what_plain_semgrep_finds(tmp_path: Path, backend: str) -> None:
    ours, plain = both(benchmark(Path(BENCHMARK or ""), share=20), tmp_path / "code", backend)
    assert len(plain) > 50
    assert ours == plain


@needs_benchmark
@pytest.mark.slow
@pytest.mark.parametrize("backend", ["core", "cli"])
def test_all_published_rules_find_what_plain_semgrep_finds(tmp_path: Path, backend: str) -> None:
    ours, plain = both(benchmark(Path(BENCHMARK or "")), tmp_path / "code", backend)
    assert len(plain) > 1_000
    assert ours == plain
