"""Rules and code for the tests of the engine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rsolv_ray.engine.semgrep import SourceText
from rsolv_ray.model.finding import Repository, RepositoryKind
from rsolv_ray.model.ids import FixId, RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Case, CaseKind, Confidence, Quality, Rule

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PERFECT = Quality(
    structure=1, effectiveness=1, accuracy=1, overall=1, tp=1, fn=0, tn=1, fp=0, precision=1, recall=1, f1=1
)


def definition(**changes: Any) -> JsonObject:
    """A rule that finds `eval`; a change to None takes a key away, `_` in a name stands for `-`."""
    whole: JsonObject = {
        "id": "no-eval",
        "languages": ["python"],
        "severity": "ERROR",
        "message": "eval of $X",
        "pattern": "eval($X)",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return {name: value for name, value in whole.items() if value is not None}


def rule(**changes: Any) -> Rule:
    """A `Rule` with that definition."""
    body = definition(**changes)
    cases = (
        Case(kind=CaseKind.FIRES, path="a.py", language="python", code="eval(x)\n"),
        Case(kind=CaseKind.SILENT, path="a.py", language="python", code="f(x)\n"),
    )
    return Rule(
        id=RuleId(str(body["id"])),
        languages=("python",),
        message="m",
        confidence=Confidence.HIGH,
        definition=body,
        cases=cases,
        quality=PERFECT,
        origin_fixes=(FixId.of("a fix"),),
        created_at=NOW,
    )


def python(code: str, path: str = "a.py") -> SourceText:
    return SourceText(path=path, language="python", code=code)


def repository(root: Path) -> Repository:
    name = Repository.id_of(str(root), None)
    return Repository(id=name, name="app", kind=RepositoryKind.PATH, location=str(root), added_at=NOW)


def fake_core(folder: Path, script: str) -> Path:
    """A program that stands where `semgrep-core` stands."""
    file = folder / "fake-core"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file
