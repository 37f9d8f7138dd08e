"""Which patches are offered, and how does one get into the code?"""

from __future__ import annotations

import subprocess
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rsolv_ray.cli.console import say, show_code, show_json, show_table
from rsolv_ray.cli.exits import Commands
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, Limit, OrgRef, Url
from rsolv_ray.model.errors import Rejected, RsolvError, Unavailable

if TYPE_CHECKING:
    from rsolv_ray.cli.remote import Service

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
    """Change the code here as a patch says, and tell the service. Nothing is committed. Exit 1: it does not fit."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        address = f"orgs/{service.org(org)}/proposals/{proposal}"
        path, diff = itemgetter("path", "diff")(service.get(address)["proposal"])
        _git_apply(to, diff, "--check")
        if not dry_run:
            _git_apply(to, diff)
        untold = None if dry_run else _report_applied(service, address)
    if as_json:
        show_json({"proposal": proposal, "path": path, "applied": not dry_run, "reported": not (dry_run or untold)})
    else:
        say(f"{proposal} {'fits' if dry_run else 'is applied to'} {to / path}")
    if untold:
        typer.echo(f"rsolv: the service does not know that {proposal} is applied: {untold}", err=True)


@app.command("mark")
def mark(
    *,
    proposal: ProposalName,
    state: Annotated[str, typer.Argument(metavar="STATE", help="applied, merged, rejected or reverted.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Say what became of a patch. Exit 1: there is no way from its state to that one."""
    from rsolv_ray.cli.remote import connect

    body = {"state": state} | ({"reason": reason} if reason else {})
    with connect(url) as service:
        record = service.post(f"orgs/{service.org(org)}/proposals/{proposal}/state", body)
    if as_json:
        show_json(record)
    else:
        say(f"{proposal} is {record['state']}")


def _report_applied(service: Service, address: str) -> RsolvError | None:
    """Tell the service; what it says against that comes back, since the code here is changed all the same."""
    try:
        service.post(f"{address}/state", {"state": "applied"})
    except RsolvError as refusal:
        return refusal
    return None


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
