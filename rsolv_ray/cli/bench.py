"""How fast and how large is the service here? Measured on the example, with Semgrep's own command beside it."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.console import say, show_json, show_table
from rsolv_ray.cli.options import AsJson

if TYPE_CHECKING:
    from rsolv_ray.bench.figures import Target
    from rsolv_ray.bench.subject import Sent, Subject
    from rsolv_ray.cli.remote import Service

app = typer.Typer(help="Measure a service.", no_args_is_help=True)

SETTLE_S = 5.0
LIVEZ_POLLS = 200

Attached = Annotated[
    str | None,
    typer.Option("--url", envvar="RSOLV_URL", help="Measure this service (admin key) instead of one of its own."),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder", exists=True, file_okay=False, help="Where to put the example; the service may read there."
    ),
]
Samples = Annotated[int, typer.Option("--samples", min=1, max=1000, help="So many fixes for each latency.")]
Cycles = Annotated[int, typer.Option("--cycles", min=1, max=100, help="So many fixes for each whole-way figure.")]
OpenPages = Annotated[int, typer.Option("--pages", min=1, max=30, help="So many open dashboards.")]
OpenStreams = Annotated[int, typer.Option("--streams", min=1, max=1000, help="So many open event streams.")]


@dataclass(frozen=True)
class _Amounts:
    """How much is measured."""

    samples: int
    cycles: int
    streams: int


@dataclass(frozen=True)
class _Running:
    """A service that answers. How long it took to start, and its folder, are None for one that was there before."""

    service: Service
    cold_start_s: float | None
    folder: Path | None


@app.callback()
def bench() -> None:
    """Measure a service."""


@app.command()
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
    with _subject(url, folder, quiet=as_json) as (running, subject, place), subject.orgs_deleted_at_the_end():
        figures = _measured(running, subject, place, _Amounts(samples, cycles, streams), quiet=as_json)
    if as_json:
        show_json(figures)
    else:
        _show(figures)


@app.command()
def dashboard(
    *,
    url: Attached = None,
    folder: Folder = None,
    pages: OpenPages = 20,
    samples: Samples = 10,
    as_json: AsJson = False,
) -> None:
    """Measure open dashboards: what they cost whoever sends a fix, and how soon they show it.

    Without --url it starts a service of its own, and nothing of it stays. --samples is for each of four rounds.
    """
    with _subject(url, folder, quiet=as_json) as (running, subject, _), subject.orgs_deleted_at_the_end():
        _tell(f"fixes accepted without and with {pages} dashboards open", quiet=as_json)
        figures = _page_figures(running, subject, pages, samples)
    if as_json:
        show_json(figures)
    else:
        _show(figures)


def _page_figures(running: _Running, subject: Subject, pages: int, samples: int) -> dict[str, Any]:
    """What so many open dashboards cost, and how soon they show what happened."""
    from rsolv_ray.bench.figures import PAGE_TARGETS
    from rsolv_ray.bench.pages import with_open_pages

    org = subject.new_org()
    sent: list[Sent] = []

    def send() -> float:
        sent.append(subject.send(org, subject.another_fix(scan=False)))
        return sent[-1].accepted_s

    def settle() -> None:
        subject.finished(sent[-1])

    send()
    settle()
    told = asyncio.run(
        with_open_pages(running.service.url, subject.new_key(org), send, settle, count=pages, samples=samples)
    )
    figures: dict[str, Any] = {
        "machine": _machine(),
        "pages": told.count,
        "accepted_alone_ms": told.alone_ms.rounded(),
        "accepted_beside_ms": told.beside_ms.rounded(),
        "slower_by": round(told.slower_by, 3),
        "shown_s": told.shown_s.rounded(),
        "opened_s": told.opened_s.rounded(),
    }
    return {**figures, "targets": _targets(figures, PAGE_TARGETS)}


@contextmanager
def _subject(url: str | None, folder: Path | None, *, quiet: bool) -> Iterator[tuple[_Running, Subject, Path]]:
    """A service to measure, spoken to about the example, which lies in a folder of its own."""
    from rsolv_ray.bench.subject import Subject
    from rsolv_ray.cli.example import build
    from rsolv_ray.cli.fixes import fix_of_commit

    with tempfile.TemporaryDirectory(prefix="rsolv-", dir=folder, ignore_cleanup_errors=True) as made:
        place = Path(made).resolve()
        example = build("shop", place / "shop")
        fix = fix_of_commit(example.root, example.fix_commit)
        with _running(url, place, quiet=quiet) as running:
            yield running, Subject(running.service, fix, example.root), place


@contextmanager
def _running(url: str | None, place: Path, *, quiet: bool) -> Iterator[_Running]:
    from rsolv_ray.cli.own_service import OwnService
    from rsolv_ray.cli.remote import Service, connect

    if url is not None:
        with connect(url) as service:
            yield _Running(service, None, None)
        return
    _tell("starting a service", quiet=quiet)
    began = time.perf_counter()
    with OwnService(place) as own:
        key = own.wait_until_ready(lambda *_: None)
        taken = time.perf_counter() - began
        with Service(own.url, key) as service:
            yield _Running(service, taken, place)


def _measured(running: _Running, subject: Subject, place: Path, amounts: _Amounts, *, quiet: bool) -> dict[str, Any]:
    from rsolv_ray.bench.cycles import accepted_busy, accepted_idle, judged, whole_cycles
    from rsolv_ray.bench.figures import TARGETS

    figures: dict[str, Any] = {"machine": _machine()}
    if running.cold_start_s is not None:
        figures["cold_start_s"] = round(running.cold_start_s, 2)
    _tell("whole cycles on the example", quiet=quiet)
    spread, last = whole_cycles(subject, amounts.cycles)
    figures["cycle_s"] = spread.rounded()
    figures["scan"] = _scans(subject, last, place)
    _tell("fixes to judged rules", quiet=quiet)
    figures["judged_s"] = judged(subject, amounts.cycles).rounded()
    _tell("fixes accepted, nothing else running", quiet=quiet)
    figures["accepted_idle_ms"] = accepted_idle(subject, amounts.samples).rounded()
    if running.folder is not None:
        figures["memory_mib"] = _memory(running.folder)
    _tell("fixes accepted, four cycles running", quiet=quiet)
    figures["accepted_busy_ms"] = accepted_busy(subject, amounts.samples).rounded()
    _tell(f"{amounts.streams} event streams", quiet=quiet)
    figures["streams"] = _streams(running, subject, amounts.streams)
    return {**figures, "targets": _targets(figures, TARGETS)}


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "platform": sys.platform,
    }


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


def _streams(running: _Running, subject: Subject, count: int) -> dict[str, object]:
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


def _targets(figures: dict[str, Any], targets: Sequence[Target]) -> list[dict[str, object]]:
    values = [(one, one.value(figures)) for one in targets]
    return [
        {"figure": one.figure, "meaning": one.meaning, "value": value, "below": one.below, "met": value < one.below}
        for one, value in values
        if value is not None
    ]


def _show(figures: dict[str, Any]) -> None:
    rows = [(one["meaning"], one["value"], one["below"], "yes" if one["met"] else "NO") for one in figures["targets"]]
    show_table(("figure", "measured", "below", "met"), rows, empty="nothing was measured")
    others = (name for name in figures if name not in ("targets", "cold_start_s"))
    show_table(("figure", "values"), [(name, _in_line(figures[name])) for name in others], empty="")


def _in_line(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {_in_line(one)}" for name, one in value.items())
    return str(value)


def _tell(line: str, *, quiet: bool) -> None:
    if not quiet:
        say(f"measuring: {line}")
