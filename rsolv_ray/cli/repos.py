"""Which code is watched? The repositories that an org has registered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.exits import Commands
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, OrgRef, Url

app = typer.Typer(cls=Commands, help="The repositories that the org's rules are run over.", no_args_is_help=True)


@app.command("add")
def add(
    *,
    location: Annotated[
        str, typer.Argument(metavar="LOCATION", help="A folder on the service's machine, or an https git URL.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="What to call it; else the last part of LOCATION.")] = None,
    branch: Annotated[str | None, typer.Option("--branch", help="The branch of a git URL.")] = None,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Register a repository."""
    from rsolv_ray.cli.remote import connect, is_loopback

    # A folder that is here can only be meant for a service that is here too.
    if "://" not in location and is_loopback(url):
        location = str(Path(location).expanduser().resolve())
    body = {"location": location, "name": name, "branch": branch}
    with connect(url) as service:
        repository = service.post(f"orgs/{service.org(org)}/repositories", body)
    if as_json:
        show_json(repository)
    else:
        say(f"{repository['name']} ({repository['id']}) is registered: {repository['location']}")


@app.command("list")
def list_repositories(*, org: OrgRef = None, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """List the repositories."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        found = service.get(f"orgs/{service.org(org)}/repositories")["items"]
    if as_json:
        show_json(found)
        return
    rows = [(one["name"], one["id"], one["kind"], one["location"], one["branch"]) for one in found]
    show_table(("name", "id", "kind", "location", "branch"), rows, empty="none is registered: rsolv repos add LOCATION")


@app.command("remove")
def remove(
    *,
    repository: Annotated[str, typer.Argument(metavar="REPOSITORY", help="Its name or id.")],
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Scan a repository no more. What was found in it stays in the log."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        service.delete(f"orgs/{service.org(org)}/repositories/{quote(repository, safe='')}")
    if as_json:
        show_json({"removed": repository})
    else:
        say(f"{repository} is scanned no more")
