"""How does the service learn from a fix? It is sent one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.console import say, show_json
from rsolv_ray.cli.exits import Exit, Usage
from rsolv_ray.cli.options import DEFAULT_URL, After, AsJson, Before, Commit, Cwe, GitFolder, OrgRef, Url

if TYPE_CHECKING:
    from rsolv_ray.cli.remote import Service

POLL_S = 0.5
PATCHES_TOLD = 20
Wait = Annotated[
    float, typer.Option("--wait", min=0, max=600, help="Seconds to wait for the end: for rule, scan and patches.")
]
NoScan = Annotated[bool, typer.Option("--no-scan", help="Learn the rule, but do not scan with it.")]
OwnRule = Annotated[
    Path | None,
    typer.Option("--rule", exists=True, dir_okay=False, help="A Semgrep rule of your own to be judged too."),
]


def learn(
    *,
    before: Before = None,
    after: After = None,
    commit: Commit = None,
    repo: GitFolder = Path(),
    cwe: Cwe = None,
    rule: OwnRule = None,
    no_scan: NoScan = False,
    wait: Wait = 0.0,
    org: OrgRef = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Send a fix to the service, which learns a rule from it and scans the org's repositories.

    With --wait: exit 1 if no rule was learned, 6 if it is not known yet.
    """
    from rsolv_ray.cli.fixes import FixSource
    from rsolv_ray.cli.remote import connect

    fix = FixSource(before, after, commit, repo, tuple(cwe or ())).read()
    body = fix.model_dump(mode="json", exclude_none=True) | {"scan": not no_scan}
    if rule is not None:
        body["rule"] = only_rule(rule)
    with connect(url) as service:
        name = service.org(org)
        deadline = time.monotonic() + wait
        cycle = service.post(f"orgs/{name}/fixes", body, wait_s=wait, wait=wait or None)
        cycle = _ended(service, name, cycle, deadline)
    _show(cycle, as_json=as_json)
    raise typer.Exit(_code(cycle) if wait else Exit.DONE)


def _ended(service: Service, org: str, cycle: dict[str, Any], deadline: float) -> dict[str, Any]:
    """The cycle at its end, or as it is at the deadline: the service answers when the scan has ended, before the patches."""
    while cycle["outcome"] is None and time.monotonic() < deadline:
        time.sleep(POLL_S)
        cycle = service.get(f"orgs/{org}/cycles/{cycle['id']}")
    return cycle


def only_rule(file: Path) -> dict[str, Any]:
    """The rule of a file that holds one."""
    from rsolv_ray.cli.text_file import text_of
    from rsolv_ray.engine.rules.configuration import LARGEST_TEXT, checked_rules

    rules = checked_rules(text_of(file, most=LARGEST_TEXT))
    if len(rules) != 1:
        raise Usage(f"{file} holds {len(rules)} rules: give one")
    return dict(rules[0])


def _show(cycle: dict[str, Any], *, as_json: bool) -> None:
    from rsolv_ray.cli.words import cycle_lines

    if as_json:
        show_json(cycle)
        return
    for line in cycle_lines(cycle):
        say(line)
    offered = cycle.get("proposals", ())
    for name in offered[:PATCHES_TOLD]:
        say(f"  rsolv proposals show {name}")
    if len(offered) > PATCHES_TOLD:
        say(f"  ... and {len(offered) - PATCHES_TOLD} more: rsolv proposals list")


def _code(cycle: dict[str, Any]) -> Exit:
    if cycle.get("rule"):
        return Exit.DONE
    return Exit.FOUND_OR_REJECTED if cycle.get("outcome") else Exit.TIMED_OUT
