"""Which options mean the same in every command?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Url = Annotated[str, typer.Option("--url", envvar="RSOLV_URL", help="The address of the service.")]
OrgRef = Annotated[
    str | None,
    typer.Option("--org", envvar="RSOLV_ORG", help="The org, by name or id. Not needed if there is one only."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")]
Cwe = Annotated[list[str] | None, typer.Option("--cwe", help="The weakness, like CWE-89. May be given several times.")]
Before = Annotated[Path | None, typer.Option("--before", exists=True, dir_okay=False, help="The file before the fix.")]
After = Annotated[Path | None, typer.Option("--after", exists=True, dir_okay=False, help="The file after the fix.")]
Commit = Annotated[str | None, typer.Option("--commit", help="The commit that is the fix.")]
GitFolder = Annotated[
    Path, typer.Option("--repo", exists=True, file_okay=False, help="The git repository that the commit is in.")
]
DEFAULT_URL = "http://127.0.0.1:8080"
