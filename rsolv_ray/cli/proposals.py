"""Which patches are offered, and how does one get into the code?"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from rsolv_ray.cli.console import say, show_code, show_json, show_table
from rsolv_ray.cli.exits import Commands
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, Limit, OrgRef, Url
from rsolv_ray.model.errors import Rejected, Unavailable

app = typer.Typer(cls=Commands, help="The patches that are offered for findings.", no_args_is_help=True)

ProposalName = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id.")]


@app.command("list")
def list_proposals(
    *,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="offered, applied, merged, rejected or reverted. May be given several times."),
    ] = None,
    finding: Annotated[str | None, typer.Option("--finding", help="For this finding.")] = None,
    limit: Limit = 100,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """List the patches."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        found = list(service.pages(f"orgs/{service.org(org)}/proposals", limit, state=state, finding=finding))
    if as_json:
        show_json(found)
        return
    rows = [(one["proposal"]["id"], one["state"], one["proposal"]["path"], one["proposal"]["finding"]) for one in found]
    show_table(("proposal", "state", "path", "finding"), rows, empty="no patch is offered")


@app.command("show")
def show(*, proposal: ProposalName, org: OrgRef = None, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show a patch."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        record = service.get(f"orgs/{service.org(org)}/proposals/{proposal}")
    if as_json:
        show_json(record)
    else:
        show_code(record["proposal"]["diff"], "diff")


@app.command("apply")
def apply(
    *,
    proposal: ProposalName,
    to: Annotated[
        Path, typer.Option("--to", exists=True, file_okay=False, help="The top folder of the code to change.")
    ] = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only try whether the patch fits.")] = False,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Change the code here as a patch says. Nothing is committed. Exit 1: it does not fit."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        record = service.get(f"orgs/{service.org(org)}/proposals/{proposal}")
    diff = record["proposal"]["diff"]
    _git_apply(to, diff, "--check")
    if not dry_run:
        _git_apply(to, diff)
    if as_json:
        show_json({"proposal": proposal, "path": record["proposal"]["path"], "applied": not dry_run})
    else:
        say(f"{proposal} {'fits' if dry_run else 'is applied to'} {to / record['proposal']['path']}")


def _git_apply(folder: Path, diff: str, *options: str) -> None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "apply", "--whitespace=nowarn", *options, "-"],
            input=diff.encode(),
            capture_output=True,
            check=False,
            timeout=60,
        )
    except FileNotFoundError as error:
        raise Unavailable("git is not installed, or not on the PATH") from error
    if done.returncode:
        raise Rejected(f"the patch does not fit {folder.resolve()}: {done.stderr.decode('utf-8', 'replace').strip()}")
