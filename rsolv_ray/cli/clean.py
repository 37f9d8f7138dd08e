"""On which clean code are rules tried here, without a service?

On that of this machine, whose index lies in the data folder: a service keeps it up to date, and where none has for a day, the
command does. Or on the folder that `--clean` names, which is indexed for this one command, in a folder that goes with it.
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
_OLD_S = 24 * 3600.0
UNKNOWN = "unknown: no clean code of its language is indexed"


@contextmanager
def clean_code(named: Path | None) -> Iterator[CleanCode]:
    """The clean code of a folder, or of this machine; it may be none."""
    from rsolv_ray.scanning.clean import CleanCode, CleanFolder

    if named is None:
        yield _of_this_machine()
        return
    with TemporaryDirectory(prefix="rsolv-clean-") as index:
        clean = CleanCode(Path(index), [CleanFolder(named.absolute())])
        lines = clean.refresh()
        typer.echo(f"{lines:,} lines of clean code in {named} are indexed", err=True)
        yield clean


def _of_this_machine() -> CleanCode:
    """What the settings name, indexed; what cannot be is told, and rules are learned without it."""
    from rsolv_ray.model.errors import StorageFull, Unavailable
    from rsolv_ray.scanning.clean import CLEAN, CleanCode, clean_folders
    from rsolv_ray.settings import Settings

    settings = Settings.load()
    clean = CleanCode(settings.data_dir / CLEAN, clean_folders(settings.clean_corpora))
    if clean.is_older_than(_OLD_S):
        typer.echo("looking at the clean code of this machine, once a day ...", err=True)
        try:
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            lines = clean.refresh(memory_mb=settings.index_memory_mb)
        except (OSError, StorageFull, Unavailable) as error:
            typer.echo(f"clean code is not indexed, so nobody knows how loud rules are: {error}", err=True)
        else:
            typer.echo(f"{lines:,} new lines of clean code are indexed", err=True)
    return clean


def told(density: Density | None) -> str:
    """How loud a rule is, in words."""
    return UNKNOWN if density is None else density.words


def noise(density: dict[str, Any] | None) -> str:
    """The same of what a service says."""
    from rsolv_ray.model.rule import Density

    return told(Density.model_validate(density) if density else None)
