"""Which patches are offered, and how does one get into the code?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rsolv_ray.cli.console import one_line, say, show_code, show_json, show_table
from rsolv_ray.cli.exits import Commands, Usage
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, Limit, OrgRef, Url

app = typer.Typer(cls=Commands, help="The patches that are offered for findings.", no_args_is_help=True)

ProposalName = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id.")]
ProposalNames = Annotated[list[str] | None, typer.Argument(metavar="[PROPOSAL]...", help="The proposals' ids.")]
OfRule = Annotated[str | None, typer.Option("--rule", help="All that are offered for this rule's findings.")]
OfFinding = Annotated[str | None, typer.Option("--finding", help="What is offered for this finding.")]
Everything = Annotated[bool, typer.Option("--all", help="All that are offered.")]
OfRepository = Annotated[str | None, typer.Option("--repo", help="Of these, those for this repository, by name or id.")]
Code = Annotated[
    Path,
    typer.Option(
        "--to", exists=True, file_okay=False, help="The code: the folder that the repository's paths begin at."
    ),
]
OnBranch = Annotated[bool, typer.Option("--branch", help="Commit on a new branch; touch no file and no index.")]
BranchName = Annotated[str | None, typer.Option("--branch-name", help="As --branch, under this name.")]
Base = Annotated[str | None, typer.Option("--base", help="The commit that the new branch begins at; HEAD without it.")]
SkipUnfit = Annotated[bool, typer.Option("--skip-unfit", help="Apply those that fit, though others do not.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done. Nothing is changed.")]


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
    from rsolv_ray.cli.answers import understood
    from rsolv_ray.cli.remote import connect
    from rsolv_ray.model.finding import ProposalRecord

    with connect(url) as service:
        found = list(service.pages(f"orgs/{service.org(org)}/proposals", limit, state=state, finding=finding))
    if as_json:
        show_json(found)
        return
    known = [understood(ProposalRecord, one) for one in found]
    rows = [(one.proposal.id, one.state, one_line(one.proposal.path), one.proposal.finding) for one in known]
    show_table(("proposal", "state", "path", "finding"), rows, empty="no patch is offered")


@app.command("show")
def show(*, proposal: ProposalName, org: OrgRef = None, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show a patch."""
    from rsolv_ray.cli.answers import understood
    from rsolv_ray.cli.remote import connect
    from rsolv_ray.model.explanation import ExplainedProposal

    with connect(url) as service:
        record = service.get(f"orgs/{service.org(org)}/proposals/{proposal}")
    if as_json:
        show_json(record)
    else:
        show_code(understood(ExplainedProposal, record).proposal.diff, "diff")


@app.command("apply")
def apply(
    *,
    proposals: ProposalNames = None,
    rule: OfRule = None,
    finding: OfFinding = None,
    everything: Everything = False,
    repo: OfRepository = None,
    to: Code = Path(),
    branch: OnBranch = False,
    branch_name: BranchName = None,
    base: Base = None,
    skip_unfit: SkipUnfit = False,
    dry_run: DryRun = False,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Change the code here as patches say, or put them on a new branch as one commit, and tell the service.

    Without --branch nothing is committed. Exit 1: a patch does not fit, so that none is applied.
    """
    from rsolv_ray.cli.applying import Choice, Place, apply_offers
    from rsolv_ray.cli.remote import connect

    if branch_name == "" or base == "":
        raise Usage(f"{'--branch-name' if branch_name == '' else '--base'} is empty: name one, or leave the option out")
    if base and not (branch or branch_name):
        raise Usage("--base says where a branch begins: it goes with --branch")
    place = Place(to, branch_name or ("" if branch else None), base or "HEAD")
    choice = Choice(tuple(proposals or ()), rule, finding, everything, repo)
    with connect(url) as service:
        apply_offers(service, service.org(org), choice, place, skip_unfit=skip_unfit, dry_run=dry_run, as_json=as_json)


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
    from rsolv_ray.cli.answers import understood
    from rsolv_ray.cli.remote import connect
    from rsolv_ray.model.finding import ProposalRecord

    body = {"state": state} | ({"reason": reason} if reason else {})
    with connect(url) as service:
        record = service.post(f"orgs/{service.org(org)}/proposals/{proposal}/state", body)
    if as_json:
        show_json(record)
    else:
        say(f"{proposal} is {understood(ProposalRecord, record).state}")
