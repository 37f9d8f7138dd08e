"""Where are rules written to, each with its proof? Into a folder that Semgrep's own test runner reads as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rsolv_ray.cli.exits import Usage

if TYPE_CHECKING:
    from rsolv_ray.engine.semgrep import Engine
    from rsolv_ray.model.rule import Rule

Tests = Annotated[
    Path | None,
    typer.Option(
        "--tests",
        metavar="DIR",
        file_okay=False,
        help="Write each rule and its test into this folder: `semgrep scan --test DIR` tries them.",
    ),
]


def write_tests(engine: Engine, rules: Sequence[Rule], folder: Path) -> str:
    """Write `<rule>.yaml` for each rule, with `<rule>.<language>` and `<rule>.fixed.<language>` where it has them, and say so.

    A fix that is not filled in everywhere stays here: the service withholds such patches, and `semgrep --autofix` would not.

    Raises:
        Usage: the folder cannot be written to.
        ToolFailed: the engine crashed, or went over a limit.
    """
    from rsolv_ray.engine.rule_test import rule_test
    from rsolv_ray.engine.rules.configuration import dump_rules

    tested = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for rule in rules:
            test = rule_test(engine, rule)
            is_mending = test is None or test.fixed is not None
            told = {
                key: value for key, value in rule.definition.items() if is_mending or key not in ("fix", "fix-regex")
            }
            (folder / f"{rule.id}.yaml").write_text(dump_rules([told]), encoding="utf-8")
            if test is None:
                continue
            tested += 1
            (folder / f"{rule.id}{test.suffix}").write_text(test.text, encoding="utf-8")
            if test.fixed is not None:
                (folder / f"{rule.id}.fixed{test.suffix}").write_text(test.fixed, encoding="utf-8")
    except OSError as error:
        raise Usage(f"{folder} cannot be written to: {error.strerror}") from error
    return f"{len(rules)} rules are in {folder}, {tested} of them with a test"
