"""What do fixes teach, how quickly, and does it hold for the same code by another hand?"""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.bench_report import machine, show, targets_of, tell
from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.exits import Usage
from rsolv_ray.cli.options import AsJson

if TYPE_CHECKING:
    from rsolv_ray.model.fix import Fix

FixesFile = Annotated[
    Path | None,
    typer.Option(
        "--fixes",
        exists=True,
        dir_okay=False,
        help="JSON lines of fixes, .gz too, in the place of those that come with it.",
    ),
]
Where = Annotated[
    list[str] | None, typer.Option("--where", help="Take the fixes alone whose record says so: a field that is true.")
]
Most = Annotated[int | None, typer.Option("--most", min=1, help="Take so many of them, drawn by their hash.")]
Workers = Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that learn.", show_default="cores")]


def synthesis(
    *,
    fixes: FixesFile = None,
    where: Where = None,
    most: Most = None,
    workers: Workers = os.cpu_count() or 1,
    as_json: AsJson = False,
) -> None:
    """Measure what fixes teach: rules accepted, seconds, and whether they find the code of the fix in five rewritings."""
    from rsolv_ray.bench.figures import SYNTHESIS_TARGETS
    from rsolv_ray.bench.learning import learning

    taken = _taken(fixes, where or [], most)
    figures = learning(taken, workers=workers, tell=lambda line: tell(line, quiet=as_json))
    figures |= {"targets": targets_of(figures, SYNTHESIS_TARGETS), "machine": machine()}
    if as_json:
        show_json(figures)
        return
    show(figures, without=["languages"])
    _by_language(figures["languages"])


def _taken(file: Path | None, where: list[str], most: int | None) -> list[Fix]:
    from rsolv_ray.bench.fix_files import fixes_of, own_fixes

    if file is None and where:
        raise Usage("--where asks for --fixes: those that come with the benchmark have no such fields")
    found = own_fixes() if file is None else fixes_of(file, where=where)
    if not found:
        raise Usage("there is no such fix: leave out a --where")
    return sorted(found, key=lambda fix: blake2b(fix.id.encode()).digest())[:most]


def _by_language(languages: dict[str, Any]) -> None:
    say()
    show_table(
        ("language", "fixes", "accepted", "holds", "verbatim holds"),
        [
            (name, one["fixes"], f"{one['accepted']:.2f}", f"{one['holds']:.2f}", f"{one['holds_verbatim']:.2f}")
            for name, one in languages.items()
        ],
        empty="nothing was measured",
    )
