"""Where does a command put its SARIF log? In a file, or on standard output, where nothing else is said then."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rsolv_ray.cli.exits import Usage
from rsolv_ray.model.errors import Rejected

SARIF = "application/sarif+json"
SarifFile = Annotated[
    Path | None,
    typer.Option("--sarif", metavar="FILE", allow_dash=True, help="Write what was found as SARIF 2.1.0; - is stdout."),
]


def is_stdout(sarif: Path | None) -> bool:
    """Does the log go where text would be printed?"""
    return sarif == Path("-")


def check_place(sarif: Path | None, *, as_json: bool) -> None:
    """Say before the work begins whether its log can be put there.

    Raises:
        Usage: it cannot.
    """
    if sarif is None:
        return
    if is_stdout(sarif) and as_json:
        raise Usage("--json and --sarif - both take standard output: give --sarif a file")
    if not sarif.parent.is_dir() or sarif.is_dir():
        raise Usage(f"--sarif cannot write {sarif}: it is a folder, or its folder is not there")


def put(sarif: Path, log: bytes) -> None:
    """Write the log.

    Raises:
        Rejected: the file cannot be written.
    """
    if is_stdout(sarif):
        sys.stdout.write(log.decode())
        sys.stdout.flush()
        return
    try:
        sarif.write_bytes(log)
    except OSError as error:
        raise Rejected(f"the SARIF log cannot be written to {sarif}: {error.strerror or error}") from error
