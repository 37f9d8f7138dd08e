"""Which way did the tainted value go?

From its source over variables to the sink, as Semgrep tells it (semgrep_output_v1.atd, match_dataflow_trace): an end of
the way is a place (`CliLoc`), or a call with the way on inside of what it calls (`CliCall`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rsolv_ray.engine.match import TraceStep
from rsolv_ray.engine.source import Source

_Place = dict[str, Any]


def steps(told: dict[str, Any], path: str, source: Source) -> tuple[TraceStep, ...]:
    """The steps of a `dataflow_trace` that are in the file `path`, whose bytes are `source`, from source to sink.

    Raises:
        KeyError, TypeError, ValueError, IndexError: it is not of that shape.
    """
    through = [place["location"] for place in told.get("intermediate_vars") or ()]
    first = list(_inwards(told["taint_source"])) if told.get("taint_source") else []
    last = list(_inwards(told["taint_sink"])) if told.get("taint_sink") else []
    way = [*(("source", place) for place in first[-1:]), *(("through", place) for place in reversed(first[:-1]))]
    way += [("through", place) for place in (*through, *last[:-1])]
    way += [("sink", place) for place in last[-1:]]
    return tuple(_step(role, place, source) for role, place in way if place["path"] == path)


def _inwards(end: list[Any]) -> Iterator[_Place]:
    kind, told = end
    if kind == "CliLoc":
        yield told[0]
        return
    call, variables, inner = told
    yield call[0]
    yield from (variable["location"] for variable in variables)
    yield from _inwards(inner)


def _step(role: Any, place: _Place, source: Source) -> TraceStep:
    first, last = place["start"], place["end"]
    return TraceStep(role, source.span(first, last), source.text(first["offset"], last["offset"]))
