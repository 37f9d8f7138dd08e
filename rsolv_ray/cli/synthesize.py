"""Which rule does a fix give? Answered here, without a service: for one fix, or for a stream of them."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.clean import Clean, clean_code, told
from rsolv_ray.cli.console import say, show_code, show_json, show_table
from rsolv_ray.cli.exits import Exit, Usage
from rsolv_ray.cli.models import Proposers, offered
from rsolv_ray.cli.options import After, AsJson, Before, Commit, Cwe, GitFolder
from rsolv_ray.cli.rule_tests import Tests, write_tests

if TYPE_CHECKING:
    from rsolv_ray.engine.proof import Learned
    from rsolv_ray.model.fix import Fix

Batch = Annotated[bool, typer.Option("--batch", help="Read requests as JSON lines, answer each with a JSON line.")]
Workers = Annotated[
    int, typer.Option("--workers", min=1, max=64, help="With --batch: items at the same time.", show_default="cores")
]
ItemTimeout = Annotated[float, typer.Option("--item-timeout", min=1.0, help="With --batch: seconds for one item.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Tell what was read of the fix, and of each candidate why it fell.")
]


def synthesize(
    *,
    batch: Batch = False,
    before: Before = None,
    after: After = None,
    commit: Commit = None,
    repo: GitFolder = Path(),
    cwe: Cwe = None,
    workers: Workers = os.cpu_count() or 1,
    item_timeout: ItemTimeout = 60.0,
    clean: Clean = None,
    tests: Tests = None,
    explain: Explain = False,
    proposer: Proposers = None,
    as_json: AsJson = False,
) -> None:
    """Turn a fix into proven Semgrep rules, here and now.

    Exit 1: nothing was learned; the reason is told.
    """
    from rsolv_ray.cli.explaining import explanation, tell_explanation
    from rsolv_ray.cli.fixes import FixSource
    from rsolv_ray.engine.semgrep import Engine

    if batch:
        _answer_stdin(
            workers, item_timeout, clean, other_options=bool(before or after or commit or tests or explain or proposer)
        )
        return
    fix = FixSource(before, after, commit, repo, tuple(cwe or ())).read()
    learned = _learn(fix, clean, proposer or [])
    if tests is not None and learned.rules:
        typer.echo(write_tests(Engine(), learned.rules, tests), err=True)
    if as_json:
        show_json(_record(learned) | (explanation(fix, learned) if explain else {}))
    elif explain:
        tell_explanation(fix, learned)
    else:
        _tell(learned)
    raise typer.Exit(Exit.DONE if learned.rules else Exit.FOUND_OR_REJECTED)


def _record(learned: Learned) -> dict[str, Any]:
    return {
        "rules": [rule.model_dump(mode="json") for rule in learned.rules],
        "rejected": [v.model_dump(mode="json") for v in learned.verdicts if v.verdict == "refused"],
        "reason": learned.reason,
    }


def _answer_stdin(workers: int, item_timeout: float, clean: Path | None, *, other_options: bool) -> None:
    if other_options:
        raise Usage(
            "--batch reads fixes from standard input and answers each with a line: leave out --before, --after, "
            "--commit, --tests, --explain and --proposer"
        )
    from rsolv_ray.cli.batch import synthesize_batch

    with clean_code(clean) as code:
        synthesize_batch(sys.stdin.buffer, sys.stdout, workers=workers, item_timeout_s=item_timeout, clean=code)


def _learn(fix: Fix, clean: Path | None, proposers: list[str]) -> Learned:
    from rsolv_ray.engine.proof import learn
    from rsolv_ray.engine.semgrep import Engine

    engine = Engine()
    more = offered(engine, fix, proposers) if proposers else ()
    with clean_code(clean) as code:
        return learn(engine, fix, now=datetime.now(UTC), densities=code.density, more=more)


def _tell(learned: Learned) -> None:
    from rsolv_ray.engine.rules.configuration import dump_rules

    if learned.rules:
        show_code(dump_rules([rule.definition for rule in learned.rules]), "yaml")
        say()
    else:
        say(f"no rule: {learned.reason}")
    show_table(
        ("verdict", "form", "why"),
        [
            ("accepted", v.rule.form, f"{v.rule.id}, confidence {v.rule.confidence}; noise {told(v.rule.density)}")
            if v.verdict == "accepted"
            else ("refused", v.form, f"{v.gate}: {v.reason}")
            for v in learned.verdicts
        ],
        empty="there was no candidate",
    )
