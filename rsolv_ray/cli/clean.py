"""On which clean code are rules tried here, without a service?

On that which a service on this machine has indexed, where there is one with the same data folder; or on the folder that
`--clean` names, which is indexed for this one command, in a folder that goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rsolv_ray.model.rule import Density
    from rsolv_ray.scanning.clean import CleanCode

Clean = Annotated[
    Path | None,
    typer.Option(
        "--clean",
        exists=True,
        file_okay=False,
        help="Clean code on which rules have to be quiet; indexed for this run.",
    ),
]
UNKNOWN = "unknown: no clean code of its language is indexed"


@contextmanager
def clean_code(named: Path | None) -> Iterator[CleanCode]:
    """The clean code of a folder, or of this machine's service; it may be none."""
    from rsolv_ray.scanning.clean import CLEAN, CleanCode, CleanFolder, clean_folders
    from rsolv_ray.settings import Settings

    if named is None:
        settings = Settings.load()
        yield CleanCode(settings.data_dir / CLEAN, clean_folders(settings.clean_corpora))
        return
    with TemporaryDirectory(prefix="rsolv-clean-") as index:
        clean = CleanCode(Path(index), [CleanFolder(named.absolute())])
        lines = clean.refresh()
        typer.echo(f"{lines:,} lines of clean code in {named} are indexed", err=True)
        yield clean


def told(density: Density | None) -> str:
    """How loud a rule is, in words."""
    return UNKNOWN if density is None else density.words


def noise(density: dict[str, Any] | None) -> str:
    """The same of what a service says."""
    from rsolv_ray.model.rule import Density

    return told(Density.model_validate(density) if density else None)
