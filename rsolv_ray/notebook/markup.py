"""How is a value shown as HTML? In tables and code of a notebook's own style; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from rsolv_ray.model.cycle import Cycle, StepState, StepStatus

MARKS = {
    StepStatus.DONE: "✓",
    StepStatus.FAILED: "✗",
    StepStatus.RUNNING: "…",
    StepStatus.PENDING: "·",
    StepStatus.SKIPPED: "-",
}
_LEFT = ' style="text-align:left"'


def heading(text: str) -> str:
    return f"<p><strong>{escape(text)}</strong></p>"


def line(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th{_LEFT}>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td{_LEFT}>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def fields(named: Mapping[str, object]) -> str:
    body = "".join(
        f"<tr><th{_LEFT}>{escape(name)}</th><td{_LEFT}>{escape(str(value))}</td></tr>" for name, value in named.items()
    )
    return f"<table><tbody>{body}</tbody></table>"


def code(text: str) -> str:
    return f'<pre style="white-space:pre-wrap">{escape(text)}</pre>'


def of_steps(steps: Iterable[tuple[str, StepState]]) -> str:
    rows = [
        (f"{MARKS[step.status]} {name}", step.description, "" if step.elapsed_ms is None else f"{step.elapsed_ms} ms")
        for name, step in steps
    ]
    return table(("step", "what came of it", "took"), rows)


def of_cycle(cycle: Cycle) -> str:
    """The cycle's outcome and its steps."""
    outcome = str(cycle.outcome) if cycle.outcome else "running"
    why = line(cycle.reason) if cycle.reason else ""
    return heading(f"Cycle: {outcome}") + why + of_steps((str(name), step) for name, step in cycle.steps.items())
