"""What happens in the org?"""

from __future__ import annotations

import sys
from itertools import islice
from typing import Annotated

import typer

from rsolv_ray.cli.exits import Commands
from rsolv_ray.cli.options import DEFAULT_URL, AsJson, OrgRef, Url

app = typer.Typer(cls=Commands, help="The org's log of events.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """With one command alone, typer would make this a command instead of a group."""


@app.command("tail")
def tail(
    *,
    types: Annotated[str | None, typer.Option("--types", help="Names of events, with commas between.")] = None,
    after: Annotated[
        int | None, typer.Option("--after", min=0, help="Begin after this sequence number; 0 is the whole log.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="End after so many events.")] = None,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Follow the events as they happen, until Ctrl-C. With --json: one object a line."""
    import json

    from rsolv_ray.cli.remote import connect
    from rsolv_ray.cli.sse import follow
    from rsolv_ray.event_words import event_line

    with connect(url) as service:
        stream = follow(service, service.org(org), after=after, types=types)
        for one in islice(stream, count):
            if as_json:
                line = json.dumps(one.data)
            else:
                event = one.data["event"]
                assert isinstance(event, dict)
                line = f"{one.sequence:>6}  {str(one.data['at'])[11:19]}  {one.name:<18} {event_line(event)}"
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
