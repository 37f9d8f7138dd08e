"""Which places are flagged, and what do people say of them?"""

from __future__ import annotations

from typing import Annotated

import typer

from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.exits import Commands
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, Limit, OrgRef, Url
from rsolv_ray.cli.sarif_file import SARIF, SarifFile, check_place, is_stdout, put

app = typer.Typer(cls=Commands, help="The places that the org's rules flag.", no_args_is_help=True)


Labels = Annotated[
    list[str] | None,
    typer.Option("--label", help="Triaged as true_positive, false_positive or ignored. May be given several times."),
]


@app.command("list")
def list_findings(
    *,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", help="open, fixed, triaged or reopened. May be given several times."),
    ] = None,
    label: Labels = None,
    unresolved: Annotated[
        bool, typer.Option("--unresolved", help="What has still to be mended: open, reopened, or a true positive.")
    ] = False,
    rule: Annotated[str | None, typer.Option("--rule", help="Of this rule.")] = None,
    repo: Annotated[str | None, typer.Option("--repo", help="In this repository, by name or id.")] = None,
    severity: Annotated[str | None, typer.Option("--severity", help="low, medium, high or critical.")] = None,
    limit: Limit = 100,
    sarif: SarifFile = None,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """List findings. The SARIF log holds all that are asked for: --limit is for the list alone."""
    from rsolv_ray.cli.remote import connect
    from rsolv_ray.cli.words import FINDING_COLUMNS, finding_row, names_of

    check_place(sarif, as_json=as_json)
    asked = {"state": state, "label": label, "rule": rule, "repository": repo, "severity": severity}
    asked |= {"unresolved": "true" if unresolved else None}
    with connect(url) as service:
        known = service.org(org)
        path = f"orgs/{known}/findings"
        if sarif is not None:
            put(sarif, service.text(path, accept=SARIF, **asked).encode())
        if is_stdout(sarif):
            return
        found = list(service.pages(path, limit, **asked))
        names = {} if as_json else names_of(service, known)
    if as_json:
        show_json(found)
        return
    show_table(FINDING_COLUMNS, (finding_row(one, names) for one in found), empty="there is no such finding")


@app.command("triage")
def triage(
    *,
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The finding's id.")],
    label: Annotated[str, typer.Argument(metavar="LABEL", help="true_positive, false_positive or ignored.")],
    reason: Annotated[str | None, typer.Option("--reason", help="Why.")] = None,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Say whether a finding is right."""
    from rsolv_ray.cli.remote import connect

    body = {"label": label} | ({"reason": reason} if reason else {})
    with connect(url) as service:
        record = service.post(f"orgs/{service.org(org)}/findings/{finding}/triage", body)
    if as_json:
        show_json(record)
    else:
        say(f"{finding} is {record['state']}: {record['triage']['label']}")
