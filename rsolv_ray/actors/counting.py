"""Which of the things that happen are counted, and as what?

What is in the log is counted by the bank that made it durable, so once, however often it was tried. Runs of the engine
in scan tasks are counted by the orchestrator that set them off: a task's own process is asked by nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from rsolv_ray.engine.match import EngineRun
from rsolv_ray.model.cycle import Step
from rsolv_ray.model.events import CommandAbandoned, CycleCompleted, Recorded, ScanCompleted
from rsolv_ray.model.finding import ScanReport
from rsolv_ray.supervision.nodes import Node
from rsolv_ray.telemetry import METRICS


def count_events(events: Sequence[Recorded]) -> None:
    """Count what was just made durable."""
    for one in events:
        METRICS["rsolv_events_recorded_total"].labels(event=one.name).inc()
        match one.event:
            case CycleCompleted() as ended:
                METRICS["rsolv_cycles_completed_total"].labels(outcome=ended.outcome).inc()
                METRICS["rsolv_cycle_seconds"].observe(ended.elapsed_ms / 1000)
            case CommandAbandoned() as abandoned:
                METRICS["rsolv_commands_abandoned_total"].labels(step=abandoned.step).inc()
            case ScanCompleted() as scanned:
                _count_scan(scanned.report)
            case _:
                pass


def _count_scan(report: ScanReport) -> None:
    METRICS["rsolv_scan_files_total"].inc(report.files)
    METRICS["rsolv_scan_seconds"].observe(report.duration_ms / 1000)
    to_run = report.files - report.skipped - report.known
    for source, files in (("index", report.skipped), ("cache", report.known), ("engine", to_run)):
        METRICS["rsolv_scan_file_answers_total"].labels(source=source).inc(files)


def count_attempt(step: Step, attempt: asyncio.Task[Any], elapsed_s: float) -> None:
    """Count one attempt at a step; one that is still under way has run out of its time."""
    ended = "failed" if attempt.done() and attempt.exception() else "done"
    result = ended if attempt.done() else "timed_out"
    METRICS["rsolv_step_seconds"].labels(step=step, result=result).observe(elapsed_s)


def count_engine_run(run: EngineRun) -> None:
    METRICS["rsolv_engine_run_seconds"].labels(engine=run.engine, result=run.result).observe(run.elapsed_s)


def count_start(child: Node) -> None:
    """Count the start of a child, unless it is its first."""
    if child.last_exit:
        METRICS["rsolv_child_restarts_total"].labels(kind=child.id.partition("/")[0]).inc()
