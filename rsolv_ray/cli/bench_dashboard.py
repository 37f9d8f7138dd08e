"""What do open dashboards cost, and how soon do they show what happened?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rsolv_ray.cli.bench_report import machine, show, targets_of, tell
from rsolv_ray.cli.bench_subject import Attached, Folder, Running, Samples, measured_service
from rsolv_ray.cli.console import show_json
from rsolv_ray.cli.options import AsJson

if TYPE_CHECKING:
    from rsolv_ray.bench.subject import Sent, Subject

OpenPages = Annotated[int, typer.Option("--pages", min=1, max=30, help="So many open dashboards.")]


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
    with measured_service(url, folder, quiet=as_json) as (running, subject, _), subject.orgs_deleted_at_the_end():
        tell(f"fixes accepted without and with {pages} dashboards open", quiet=as_json)
        figures = _page_figures(running, subject, pages, samples)
    if as_json:
        show_json(figures)
    else:
        show(figures)


def _page_figures(running: Running, subject: Subject, pages: int, samples: int) -> dict[str, Any]:
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
        "machine": machine(),
        "pages": told.count,
        "accepted_alone_ms": told.alone_ms.rounded(),
        "accepted_beside_ms": told.beside_ms.rounded(),
        "slower_by": round(told.slower_by, 3),
        "shown_s": told.shown_s.rounded(),
        "opened_s": told.opened_s.rounded(),
    }
    return {**figures, "targets": targets_of(figures, PAGE_TARGETS)}
