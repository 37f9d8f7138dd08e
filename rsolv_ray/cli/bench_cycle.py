"""How fast and how large is the service here? Measured on the example, with Semgrep's own command beside it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.bench_report import machine, show, targets_of, tell
from rsolv_ray.cli.bench_subject import Attached, Folder, Running, Samples, measured_service
from rsolv_ray.cli.console import show_json
from rsolv_ray.cli.options import AsJson

if TYPE_CHECKING:
    from rsolv_ray.bench.subject import Subject

SETTLE_S = 5.0
LIVEZ_POLLS = 200

Cycles = Annotated[int, typer.Option("--cycles", min=1, max=100, help="So many fixes for each whole-way figure.")]
OpenStreams = Annotated[int, typer.Option("--streams", min=1, max=1000, help="So many open event streams.")]


@dataclass(frozen=True)
class _Amounts:
    """How much is measured."""

    samples: int
    cycles: int
    streams: int


def cycle(
    *,
    url: Attached = None,
    folder: Folder = None,
    samples: Samples = 50,
    cycles: Cycles = 5,
    streams: OpenStreams = 100,
    as_json: AsJson = False,
) -> None:
    """Measure the main job: fixes accepted, rules judged, whole cycles, memory, event streams.

    Without --url it starts a service of its own, and nothing of it stays. It takes some minutes.
    """
    with measured_service(url, folder, quiet=as_json) as (running, subject, place), subject.orgs_deleted_at_the_end():
        figures = _measured(running, subject, place, _Amounts(samples, cycles, streams), quiet=as_json)
    if as_json:
        show_json(figures)
    else:
        show(figures, without=("cold_start_s",))


def _measured(running: Running, subject: Subject, place: Path, amounts: _Amounts, *, quiet: bool) -> dict[str, Any]:
    from rsolv_ray.bench.cycles import accepted_busy, accepted_idle, judged, whole_cycles
    from rsolv_ray.bench.figures import TARGETS

    figures: dict[str, Any] = {"machine": machine()}
    if running.cold_start_s is not None:
        figures["cold_start_s"] = round(running.cold_start_s, 2)
    tell("whole cycles on the example", quiet=quiet)
    spread, last = whole_cycles(subject, amounts.cycles)
    figures["cycle_s"] = spread.rounded()
    figures["scan"] = _scans(subject, last, place)
    tell("fixes to judged rules", quiet=quiet)
    figures["judged_s"] = judged(subject, amounts.cycles).rounded()
    tell("fixes accepted, nothing else running", quiet=quiet)
    figures["accepted_idle_ms"] = accepted_idle(subject, amounts.samples).rounded()
    if running.folder is not None:
        figures["memory_mib"] = _memory(running.folder)
    tell("fixes accepted, four cycles running", quiet=quiet)
    figures["accepted_busy_ms"] = accepted_busy(subject, amounts.samples).rounded()
    tell(f"{amounts.streams} event streams", quiet=quiet)
    figures["streams"] = _streams(running, subject, amounts.streams)
    return {**figures, "targets": targets_of(figures, TARGETS)}


def _scans(subject: Subject, cycle: dict[str, Any], place: Path) -> dict[str, object]:
    """The service's own scan in the last cycle, and Semgrep's command with the same rule on the same files."""
    from rsolv_ray.bench.peer import semgrep_scan

    if cycle["rule"] is None or cycle["scan"] is None:
        return {"reason": f"the cycle ended as {cycle['outcome']}: {cycle['reason']}"}
    rules = subject.client.text(f"orgs/{cycle['org']}/rules/{cycle['rule']['id']}.yaml", accept="application/yaml")
    peer = semgrep_scan(rules, subject.repository, place)
    return {
        "service_s": cycle["scan"]["duration_ms"] / 1000,
        "service_findings": cycle["scan"]["findings"],
        "semgrep_scan_s": round(peer.seconds, 3),
        "semgrep_scan_findings": peer.findings,
    }


def _memory(folder: Path) -> dict[str, float]:
    from rsolv_ray.bench.memory import pss_mib

    time.sleep(SETTLE_S)
    idle, processes = pss_mib(folder)
    return {"idle": round(idle), "processes": processes}


def _streams(running: Running, subject: Subject, count: int) -> dict[str, object]:
    from rsolv_ray.bench.streams import with_open_streams

    org = subject.new_org()
    fix, sent = subject.another_fix(scan=False), []
    measured = asyncio.run(
        with_open_streams(
            running.service.url,
            subject.new_key(org),
            org,
            lambda: sent.append(subject.send(org, fix)),
            count=count,
            polls=LIVEZ_POLLS,
        )
    )
    subject.finished(sent[0])
    return {
        "asked": measured.asked,
        "opened": measured.opened,
        "told": measured.told,
        "told_s": round(measured.told_s, 3),
        "livez_ms": measured.livez_ms.rounded(),
    }
