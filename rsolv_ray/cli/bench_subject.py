"""Which service is measured? One that is named, or one of the benchmark's own, of which nothing stays."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rsolv_ray.cli.bench_report import tell

if TYPE_CHECKING:
    from rsolv_ray.bench.subject import Subject
    from rsolv_ray.cli.remote import Service

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


@dataclass(frozen=True)
class Running:
    """A service that answers. How long it took to start, and its folder, are None for one that was there before."""

    service: Service
    cold_start_s: float | None
    folder: Path | None


@contextmanager
def measured_service(url: str | None, folder: Path | None, *, quiet: bool) -> Iterator[tuple[Running, Subject, Path]]:
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
def _running(url: str | None, place: Path, *, quiet: bool) -> Iterator[Running]:
    from rsolv_ray.cli.own_service import OwnService
    from rsolv_ray.cli.remote import Service, connect

    if url is not None:
        with connect(url) as service:
            yield Running(service, None, None)
        return
    tell("starting a service", quiet=quiet)
    began = time.perf_counter()
    with OwnService(place) as own:
        key = own.wait_until_ready(lambda *_: None)
        taken = time.perf_counter() - began
        with Service(own.url, key) as service:
            yield Running(service, taken, place)
