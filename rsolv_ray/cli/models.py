"""What do language models offer for a fix, asked from here? What they cost, and what went wrong, is told on stderr."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from rsolv_ray.cli.exits import Usage
from rsolv_ray.model.errors import Rejected

if TYPE_CHECKING:
    from rsolv_ray.engine.semgrep import Engine
    from rsolv_ray.model.fix import Fix
    from rsolv_ray.model.rule import Candidate

Proposers = Annotated[
    list[str] | None,
    typer.Option(
        "--proposer",
        metavar="VENDOR:MODEL",
        help="Ask a language model, too: anthropic:MODEL or openai:MODEL. The fix is sent to it. May be given several times.",
    ),
]


def offered(engine: Engine, fix: Fix, names: list[str]) -> tuple[Candidate, ...]:
    """The candidates of these models, in the limits that the settings say; one fix may cost what an org has for a day."""
    from rsolv_ray.engine.proof import prove
    from rsolv_ray.proposers import ModelName, Models, ask_models
    from rsolv_ray.settings import Settings
    from rsolv_ray.validation.cases import cases_for

    try:
        read = [ModelName.read(name) for name in names]
    except Rejected as error:
        raise Usage(str(error)) from error
    settings, cases, now = Settings.load(), cases_for(fix), datetime.now(UTC)
    models = Models(
        names=tuple(map(str, read)),
        anthropic_url=settings.anthropic_url,
        openai_url=settings.openai_url,
        rounds=settings.model_rounds,
        timeout_s=settings.model_timeout_s,
    )
    asked = ask_models(
        fix,
        models,
        tokens=settings.model_tokens_per_day,
        prove=lambda some: prove(engine, some, cases, fix=fix, now=now),
    )
    for note in asked.notes:
        typer.echo(note, err=True)
    for one in asked.spent:
        typer.echo(f"{one.model}: {one.tokens:,} tokens in {one.requests} questions", err=True)
    return asked.candidates
