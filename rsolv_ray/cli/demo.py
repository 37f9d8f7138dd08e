"""What does the whole thing do? One fix of an example goes in; rule, findings and patches come out, live."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.console import say, show_code, show_json, show_table
from rsolv_ray.cli.exits import Exit
from rsolv_ray.cli.options import AsJson
from rsolv_ray.model.errors import Rejected

if TYPE_CHECKING:
    from rsolv_ray.cli.demo_service import DemoService
    from rsolv_ray.cli.example import BuiltExample, Comparison, Expected
    from rsolv_ray.cli.remote import Service

ORG = "teashop"
REPOSITORY = "shop"
CYCLE_TIMEOUT_S = 120.0
PATCHES_SHOWN = 3


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End when the job is done, instead of serving on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a service of its own, learn from a fix in an example shop, find and patch the other instances.

    Nothing of it stays on this machine. Exit 1: the job did not come out as it should.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="rsolv-", ignore_cleanup_errors=True) as folder:
        try:
            _run(Path(folder).resolve(), once=once, tell=_Teller(quiet=as_json))
        except KeyboardInterrupt:
            raise typer.Exit(Exit.DONE if not once else 130) from None


class _Teller:
    """Says what happens, with the seconds since the beginning. `quiet`: only the result is told, as JSON."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self._began = time.monotonic()

    def step(self, line: str) -> None:
        if not self.quiet:
            say(f"{time.monotonic() - self._began:6.1f} s  {line}")

    def heading(self, line: str) -> None:
        if not self.quiet:
            say(f"\n{line}\n{'-' * len(line)}")

    def line(self, line: str = "") -> None:
        if not self.quiet:
            say(line)


def _run(folder: Path, *, once: bool, tell: _Teller) -> None:
    from rsolv_ray.cli.demo_service import DemoService
    from rsolv_ray.cli.example import build_shop
    from rsolv_ray.cli.remote import Service

    example = build_shop(folder / REPOSITORY)
    tell.heading("Starting")
    with DemoService(folder) as running:
        tell.step("starting the service, which takes 10 to 30 seconds")
        admin_key = running.wait_until_ready(lambda part, state: tell.step(f"{part}: {state}"))
        tell.step(f"the service is ready at {running.url}")
        with Service(running.url, admin_key) as admin:
            admin.post("orgs", {"name": ORG, "title": "Tea Shop"})
            scopes = ["read", "write", "manage"]
            secret = admin.post(f"orgs/{ORG}/keys", {"name": "demo", "scopes": scopes})["secret"]
        with Service(running.url, secret) as service:
            cycle = _learn(service, example, tell)
            result = _fetch(service, cycle, example.expected)
        _show(result, example.expected, tell)
        if result.unexpected:
            raise Rejected(f"the demo did not come out as it should: {result.unexpected}")
        if once:
            tell.line("\nAll as it should be. Without --once the service stays up for you to look around.")
        else:
            _look_around(running, example, secret, tell)
    tell.line("the service has stopped, and what it kept is gone")


def _learn(service: Service, example: BuiltExample, tell: _Teller) -> dict[str, Any]:
    """Register the repository, send the fix, and tell every event until the cycle is complete."""
    from rsolv_ray.cli.fixes import fix_of_commit
    from rsolv_ray.cli.sse import follow
    from rsolv_ray.event_words import event_line

    tell.heading("One fix goes in")
    service.post(f"orgs/{ORG}/repositories", {"location": str(example.root), "name": REPOSITORY})
    tell.step(f"repository {REPOSITORY}: {example.root}")
    tell.step(f"its commit {example.fix_commit[:12]} mends one statement in {example.path}")
    fix = fix_of_commit(example.root, example.fix_commit)
    body = fix.model_dump(mode="json", exclude_none=True)
    tell.step(f"POST {service.url}/api/v1/orgs/{ORG}/fixes  ({len(json.dumps(body))} bytes)")
    cycle = service.post(f"orgs/{ORG}/fixes", body)
    tell.step(f"202: cycle {cycle['id']}; its events as they happen:")
    deadline = time.monotonic() + CYCLE_TIMEOUT_S
    for one in follow(service, ORG, after=0, give_up_s=10.0):
        event = one.data["event"]
        assert isinstance(event, dict)
        if one.name != "CommandAttempted":
            tell.step(f"{one.name:<17} {event_line(event)}")
        if one.name == "CycleCompleted" or time.monotonic() > deadline:
            break
    return service.get(f"orgs/{ORG}/cycles/{cycle['id']}")


@dataclass(frozen=True)
class _Result:
    """What came out of the cycle, and how that stands against what is in the example."""

    cycle: dict[str, Any]
    yaml: str
    findings: list[dict[str, Any]]
    proposals: list[dict[str, Any]]
    comparison: Comparison

    @property
    def unexpected(self) -> str:
        """What is not as it should be; "" if all is."""
        places = {
            "not found": self.comparison.missed,
            "wrongly flagged": self.comparison.wrongly_flagged,
            "flagged, but at no place that is known": self.comparison.elsewhere,
        }
        wrong = [f"{what}: {', '.join(map(str, found))}" for what, found in places.items() if found]
        if self.cycle["outcome"] != "learned":
            wrong.append(f"the cycle ended as {self.cycle['outcome']} ({self.cycle['reason']})")
        if not self.proposals:
            wrong.append("no patch was offered")
        return "; ".join(wrong)


def _fetch(service: Service, cycle: dict[str, Any], expected: Expected) -> _Result:
    from rsolv_ray.cli.example import Range, compare

    if not cycle.get("rule"):
        why = cycle.get("reason") or cycle.get("outcome") or "the cycle did not end in time"
        raise Rejected(f"the demo did not come out as it should: no rule was learned ({why})")
    findings = [record["finding"] for record in service.pages(f"orgs/{ORG}/findings", 1000)]
    return _Result(
        cycle=cycle,
        yaml=service.text(f"orgs/{ORG}/rules/{cycle['rule']['id']}.yaml", accept="application/yaml"),
        findings=findings,
        proposals=[record["proposal"] for record in service.pages(f"orgs/{ORG}/proposals", 1000)],
        comparison=compare(
            [Range(one["path"], one["span"]["start_line"], one["span"]["end_line"]) for one in findings], expected
        ),
    )


def _show(result: _Result, expected: Expected, tell: _Teller) -> None:
    if tell.quiet:
        show_json({**asdict(result), "as_expected": not result.unexpected})
        return
    tell.heading("What was learned")
    show_code(result.yaml, "yaml")
    _show_places(result, expected, tell)
    tell.heading(f"What it offers: {len(result.proposals)} patches")
    for proposal in result.proposals[:PATCHES_SHOWN]:
        show_code(proposal["diff"], "diff")
    if len(result.proposals) > PATCHES_SHOWN:
        tell.line(f"... and {len(result.proposals) - PATCHES_SHOWN} more")


def _show_places(result: _Result, expected: Expected, tell: _Teller) -> None:
    from rsolv_ray.cli.words import first_line

    found, spared = result.comparison.found, result.comparison.spared
    tell.heading(f"What it found: {len(found)} of {len(expected.instances)} other instances")
    rows = [(f"{one['path']}:{one['span']['start_line']}", first_line(one["snippet"])) for one in result.findings]
    show_table(("place", "code"), sorted(rows), empty="nothing")
    for place in expected.beyond:
        if place not in found:
            tell.line(f"beyond its reach: {place}: {place.note}")
    safe = len(spared) + len(result.comparison.wrongly_flagged)
    tell.heading(f"What it spared: {len(spared)} of {safe} safe places")
    show_table(("place", "what it is"), [(place, place.note) for place in spared], empty="nothing")


def _look_around(running: DemoService, example: BuiltExample, secret: str, tell: _Teller) -> None:
    tell.heading("Where to look next")
    tell.line(f"API reference   {running.url}/docs")
    tell.line(f"Ray dashboard   {running.ray_dashboard}   (token: {running.data_dir / 'ray.token'})")
    tell.line(f"the repository  {example.root}")
    tell.line("in another terminal:")
    tell.line(f"  export RSOLV_URL={running.url} RSOLV_ORG={ORG} RSOLV_API_KEY={secret}")
    for command in ("findings list", "rules list", "proposals list", "events tail --after 0"):
        tell.line(f"  rsolv {command}")
    tell.line(f"  rsolv proposals apply --dry-run --to {example.root} PROPOSAL")
    tell.line("\nServing until Ctrl-C.")
    running.wait()
