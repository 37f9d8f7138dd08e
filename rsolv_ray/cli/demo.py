"""What does the whole thing do? One fix of each example goes in; rules, findings and patches come out, live."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rsolv_ray.cli.console import show_json
from rsolv_ray.cli.demo_report import Report
from rsolv_ray.cli.exits import Exit
from rsolv_ray.cli.options import AsJson
from rsolv_ray.model.errors import Rejected

if TYPE_CHECKING:
    from rsolv_ray.cli.demo_outcome import Outcome, Registered
    from rsolv_ray.cli.example import BuiltExample
    from rsolv_ray.cli.own_service import OwnService
    from rsolv_ray.cli.remote import Service

ORG = "teashop"
CYCLE_TIMEOUT_S = 120.0


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End when the job is done, instead of serving on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start a service of its own, learn from a fix in Python and one in JavaScript, find and patch the others.

    Nothing of it stays on this machine. Exit 1: the job did not come out as it should.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="rsolv-", ignore_cleanup_errors=True) as folder:
        try:
            _run(Path(folder).resolve(), once=once, report=Report(quiet=as_json))
        except KeyboardInterrupt:
            raise typer.Exit(Exit.DONE if not once else 130) from None


def _run(folder: Path, *, once: bool, report: Report) -> None:
    from rsolv_ray.cli.demo_outcome import astray
    from rsolv_ray.cli.example import NAMES, build
    from rsolv_ray.cli.own_service import OwnService
    from rsolv_ray.cli.remote import Service

    examples = [build(name, folder / name) for name in NAMES]
    report.heading("Starting")
    with OwnService(folder) as running:
        secret = _opened(running, report)
        with Service(running.url, secret) as service:
            registered = [_register(service, example, report) for example in examples]
            outcomes = [
                _learn(service, one, f"{n} of {len(registered)}", report) for n, one in enumerate(registered, 1)
            ]
            rules = {one.repository: made.cycle["rule"]["id"] for one, made in zip(registered, outcomes, strict=True)}
            wrong = "; ".join(filter(None, (*(one.unexpected for one in outcomes), astray(service, ORG, rules))))
        _sum_up(outcomes, wrong, report)
        if not once:
            _look_around(running, examples[0], secret, report)
    if once:
        report.line(
            "next: `rsolv demo` serves on, with a dashboard to look around; `rsolv serve` starts a service that stays"
        )
    report.line("the service has stopped, and what it kept is gone")


def _opened(running: OwnService, report: Report) -> str:
    """Wait for the service and make an org in it. Returns the secret of a key of the org."""
    from rsolv_ray.cli.remote import Service

    report.step("starting the service: Ray, then its processes; some 30 seconds, more on a busy machine")
    with report.waiting():
        admin_key = running.wait_until_ready(lambda part, state: report.step(f"{part}: {state}"))
    report.step(f"the service is ready at {running.url}")
    with Service(running.url, admin_key) as admin:
        admin.post("orgs", {"name": ORG, "title": "Tea Shop"})
        scopes = ["read", "write", "manage"]
        return str(admin.post(f"orgs/{ORG}/keys", {"name": "demo", "scopes": scopes})["secret"])


def _register(service: Service, example: BuiltExample, report: Report) -> Registered:
    from rsolv_ray.cli.demo_outcome import Registered

    made = service.post(f"orgs/{ORG}/repositories", {"location": str(example.root), "name": example.name})
    report.step(f"repository {example.name}, in {example.language}: {example.root}")
    return Registered(example, made["id"])


def _learn(service: Service, registered: Registered, number: str, report: Report) -> Outcome:
    """Send the example's fix, tell every event until the cycle is complete, and show what came of it."""
    from rsolv_ray.cli.demo_outcome import outcome_of
    from rsolv_ray.cli.fixes import fix_of_commit

    example = registered.example
    report.heading(f"{number}: one fix in {example.language} goes in")
    fix = fix_of_commit(example.root, example.fix_commit)
    report.change(fix.changes[0])
    body = fix.model_dump(mode="json", exclude_none=True)
    report.step(f"POST {service.url}/api/v1/orgs/{ORG}/fixes  ({len(json.dumps(body))} bytes)")
    began = time.monotonic()
    cycle = service.post(f"orgs/{ORG}/fixes", body)
    report.step(f"202: cycle {cycle['id']}; its events as they happen:")
    _follow(service, cycle["id"], report)
    took_s = time.monotonic() - began
    outcome = outcome_of(service, ORG, registered, service.get(f"orgs/{ORG}/cycles/{cycle['id']}"), took_s)
    report.outcome(outcome)
    return outcome


def _follow(service: Service, cycle: str, report: Report) -> None:
    """Tell the events of a cycle until it is complete."""
    from rsolv_ray.cli.sse import follow
    from rsolv_ray.event_words import event_line

    deadline = time.monotonic() + CYCLE_TIMEOUT_S
    for one in follow(service, ORG, after=0, give_up_s=10.0):
        event = one.data["event"]
        assert isinstance(event, dict)
        ours = cycle in (event.get("cycle"), event.get("work"))
        if ours and one.name != "CommandAttempted":
            report.event(one.name, event_line(event))
        if (ours and one.name == "CycleCompleted") or time.monotonic() > deadline:
            break


def _sum_up(outcomes: Sequence[Outcome], wrong: str, report: Report) -> None:
    """Show all in short.

    Raises:
        Rejected: something is not as it should be.
    """
    if report.quiet:
        show_json(
            {
                "as_expected": not wrong,
                "took_s": round(report.elapsed_s, 2),
                "examples": [outcome.told() for outcome in outcomes],
            }
        )
    report.summary(outcomes)
    if wrong:
        raise Rejected(f"the demo did not come out as it should: {wrong}")
    report.line("All as it should be.")


def _look_around(running: OwnService, example: BuiltExample, secret: str, report: Report) -> None:
    report.heading("Where to look next")
    report.line(f"API reference   {running.url}/docs")
    report.line(f"dashboard       {running.url}/dashboard")
    report.line(f"Ray dashboard   {running.ray_dashboard}   (token: {running.data_dir / 'ray.token'})")
    report.line(f"repositories    {example.root.parent}")
    report.line("in another terminal:")
    report.line(f"  export RSOLV_URL={running.url} RSOLV_ORG={ORG} RSOLV_API_KEY={secret}")
    for command in ("findings list", "rules list", "rules show RULE", "proposals list", "events tail --after 0"):
        report.line(f"  rsolv {command}")
    report.line(f"  rsolv proposals apply --dry-run --to {example.root} PROPOSAL")
    report.line("\nServing until Ctrl-C.")
    running.wait()
