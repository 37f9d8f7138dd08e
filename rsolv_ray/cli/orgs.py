"""Which organisations are there, and who may speak for them? For admins."""

from __future__ import annotations

from typing import Annotated

import typer

from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.exits import Commands, Usage
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, Limit, Url

app = typer.Typer(cls=Commands, help="Organisations and their keys.", no_args_is_help=True)

OrgName = Annotated[str, typer.Argument(metavar="ORG", help="The org's name or id.")]


@app.command("create")
def create(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and dashes.")],
    title: Annotated[str, typer.Option("--title", help="Its name for people.")] = "",
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Make an org."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        org = service.post("orgs", {"name": name, "title": title})
    if as_json:
        show_json(org)
    else:
        say(f"org {org['name']} ({org['id']}) is there; a key for it: rsolv orgs key {org['name']}")


@app.command("list")
def list_orgs(*, limit: Limit = 100, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """List the orgs."""
    from rsolv_ray.cli.remote import connect

    with connect(url) as service:
        found = list(service.pages("orgs", limit))
    if as_json:
        show_json(found)
        return
    rows = [(one["name"], one["id"], one["title"], f"bank/{one['shard']}", one["created_at"]) for one in found]
    show_table(
        ("org", "id", "title", "lives with", "created"), rows, empty="there is no org yet: rsolv orgs create NAME"
    )


@app.command("delete")
def delete(
    *,
    org: OrgName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Delete an org with its keys and all that it learned."""
    from rsolv_ray.cli.remote import connect

    if not yes:
        typer.confirm(f"Delete {org} with its keys and everything that was learned in it?", abort=True, err=True)
    with connect(url) as service:
        service.delete(f"orgs/{service.org(org)}")
    if as_json:
        show_json({"deleted": org})
    else:
        say(f"{org} is deleted")


@app.command("key")
def key(
    *,
    org: OrgName,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "cli",
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="read, write or manage. May be given several times.")
    ] = None,
    expires_at: Annotated[str | None, typer.Option("--expires-at", help="A moment, as 2027-01-31T00:00:00Z.")] = None,
    show_all: Annotated[
        bool, typer.Option("--list", help="List the keys instead; secrets are never told again.")
    ] = False,
    revoke: Annotated[str | None, typer.Option("--revoke", help="Revoke the key of this id instead.")] = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Make a key for an org: its secret is shown once, now."""
    from rsolv_ray.cli.remote import connect

    if show_all and revoke:
        raise Usage("--list and --revoke do not go together")
    with connect(url) as service:
        path = f"orgs/{service.org(org)}/keys"
        if revoke:
            service.delete(f"{path}/{revoke}")
            _tell(as_json=as_json, value={"revoked": revoke}, line=f"key {revoke} is revoked")
        elif show_all:
            _tell_keys(service.get(path)["items"], as_json=as_json)
        else:
            body = {"name": name, "scopes": scope or ["read", "write"], "expires_at": expires_at}
            issued = service.post(path, body)
            _tell(as_json=as_json, value=issued, line=issued["secret"])


def _tell(*, as_json: bool, value: object, line: str) -> None:
    if as_json:
        show_json(value)
    else:
        say(line)


def _tell_keys(keys: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        show_json(keys)
        return
    rows = [
        (one["id"], one["name"], ", ".join(sorted(map(str, one["scopes"]))), one["expires_at"], one["revoked_at"])  # pyright: ignore[reportArgumentType]
        for one in keys
    ]
    show_table(("key", "name", "scopes", "expires", "revoked"), rows, empty="the org has no key")
