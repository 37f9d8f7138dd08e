"""What is measured, and what is logged?

Every metric is declared here, once: name, kind, help and labels. Names bear the prefix `rsolv_` and their base unit
(seconds, bytes). No label tells of an org, a rule or a person. Each process counts for itself; whoever serves
`/metrics` gathers the snapshots of the others and tells them apart by the label `process`, so that the restart of one
is a reset of its own series alone. Whoever else is to hear of every count is told by the same call: `also`.
Naming: https://prometheus.io/docs/practices/naming/. Every metric has its row in docs/metrics.md.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Annotated, Any, NamedTuple, TypedDict, cast, get_type_hints

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0)


Sink = Callable[[str, float, dict[str, str]], None]
"""Hears of a metric by its declared name: what a counter grew by, a gauge is now, a histogram observed; and its labels."""
_SINKS: list[Sink] = []


def also(sink: Sink) -> None:
    """From now on tell `sink`, too, of every count of this process, on the thread that counts. It may not raise."""
    _SINKS.append(sink)


def _tell(metric: str, value: float, names: Sequence[str], values: Sequence[str]) -> None:
    for sink in _SINKS:
        sink(metric, value, dict(zip(names, values, strict=True)))


class _Counter(Counter):
    def inc(self, amount: float = 1, exemplar: dict[str, str] | None = None) -> None:
        super().inc(amount, exemplar)
        _tell(f"{self._name}_total", amount, self._labelnames, self._labelvalues)


class _Gauge(Gauge):
    """One that is set, not asked by `set_function`: what nobody sets, no sink would hear of."""

    def inc(self, amount: float = 1) -> None:
        super().inc(amount)
        self._tell_value()

    def dec(self, amount: float = 1) -> None:
        super().dec(amount)
        self._tell_value()

    def set(self, value: float) -> None:
        super().set(value)
        self._tell_value()

    def _tell_value(self) -> None:
        _tell(self._name, self._value.get(), self._labelnames, self._labelvalues)


class _Histogram(Histogram):
    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        super().observe(amount, exemplar)
        _tell(self._name, amount, self._labelnames, self._labelvalues)


_TOLD_ON: dict[type[Counter | Gauge | Histogram], type[Counter | Gauge | Histogram]] = {
    Counter: _Counter,
    Gauge: _Gauge,
    Histogram: _Histogram,
}


class Declared(NamedTuple):
    """What a metric tells. `buckets` are the upper ends of a histogram's buckets, in its unit."""

    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


class Metrics(TypedDict):
    """The table of all metrics."""

    rsolv_http_requests_total: Annotated[
        Counter, Declared("Requests answered, by method, route template and status.", ("method", "route", "status"))
    ]
    rsolv_http_request_seconds: Annotated[
        Histogram, Declared("Time to the first byte of an answer, by route template.", ("route",), _FAST)
    ]
    rsolv_event_streams: Annotated[Gauge, Declared("Event streams open now.")]
    rsolv_fixes_received_total: Annotated[
        Counter, Declared("Fixes received; known ones had been received before.", ("known",))
    ]
    rsolv_events_recorded_total: Annotated[
        Counter,
        Declared("Events made durable, by name: rules accepted and rejected, findings opened and so on.", ("event",)),
    ]
    rsolv_cycles_completed_total: Annotated[Counter, Declared("Cycles driven to their end, by outcome.", ("outcome",))]
    rsolv_cycle_seconds: Annotated[Histogram, Declared("Time from receiving a fix to the end of its cycle.", (), _SLOW)]
    rsolv_step_seconds: Annotated[
        Histogram,
        Declared(
            "Time of one attempt at a step, by step and result: done, failed, timed_out.", ("step", "result"), _SLOW
        ),
    ]
    rsolv_commands_abandoned_total: Annotated[
        Counter, Declared("Steps given up without an outcome, by step.", ("step",))
    ]
    rsolv_bank_commit_seconds: Annotated[
        Histogram, Declared("Time of one write to an org's file, until it is durable.", (), _FAST)
    ]
    rsolv_bank_attached_orgs: Annotated[Gauge, Declared("Org files attached now.")]
    rsolv_engine_run_seconds: Annotated[
        Histogram,
        Declared(
            "Time of one run of the rule engine, by program and result: done, failed.", ("engine", "result"), _SLOW
        ),
    ]
    rsolv_scan_seconds: Annotated[Histogram, Declared("Time of one scan, all its repositories.", (), _SLOW)]
    rsolv_scan_files_total: Annotated[Counter, Declared("Files looked at by scans.")]
    rsolv_scan_file_answers_total: Annotated[
        Counter,
        Declared(
            "Files of scans by what they were left to: index (no rule can fire there), cache (all known), engine.",
            ("source",),
        ),
    ]
    rsolv_child_restarts_total: Annotated[
        Counter, Declared("Processes started again after an end or a failed start, by kind.", ("kind",))
    ]


class Sample(NamedTuple):
    """One value of one series, as plain data: it travels between processes."""

    metric: str
    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


def _build(registry: CollectorRegistry) -> Metrics:
    built: dict[str, Counter | Gauge | Histogram] = {}
    for name, (kind, declared) in declarations().items():
        extra: dict[str, Any] = {"buckets": declared.buckets} if kind is Histogram else {}
        built[name] = _TOLD_ON[kind](name, declared.help, declared.labels, registry=registry, **extra)
    return cast("Metrics", built)


def declarations() -> dict[str, tuple[type[Counter | Gauge | Histogram], Declared]]:
    """Every metric's kind and declaration, by name, in the order of the table."""
    hints = get_type_hints(Metrics, include_extras=True)
    return {name: (hint.__origin__, hint.__metadata__[0]) for name, hint in hints.items()}


_REGISTRY = CollectorRegistry()
METRICS: Metrics = _build(_REGISTRY)
"""This process's metrics: `METRICS["rsolv_step_seconds"].labels(step="scan", result="done").observe(0.2)`."""


def snapshot() -> tuple[Sample, ...]:
    """The values of this process as they are now, for whoever serves `/metrics`."""
    return tuple(
        Sample(family.name, sample.name, tuple(sample.labels.items()), sample.value)
        for family in _REGISTRY.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    )


class _Gathered:
    """Snapshots of several processes as one collection."""

    def __init__(self, processes: Mapping[str, tuple[Sample, ...]]) -> None:
        self._processes = processes

    def collect(self) -> list[Metric]:
        families = {
            family.name: Metric(family.name, family.documentation, family.type) for family in _REGISTRY.collect()
        }
        for process, samples in sorted(self._processes.items()):
            for sample in samples:
                # A process of an older version may still tell of a metric that this one no longer has.
                if family := families.get(sample.metric):
                    family.add_sample(sample.name, {**dict(sample.labels), "process": process}, sample.value)
        return list(families.values())


def render(others: Mapping[str, tuple[Sample, ...]] | None = None, *, process: str = "gateway") -> bytes:
    """All metrics in Prometheus' text format: this process's, under the name `process`, and the snapshots of `others`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gathered({**(others or {}), process: snapshot()}))  # pyright: ignore[reportArgumentType] -- a duck
    return generate_latest(registry)


_SECRET = re.compile(r"rsk_[A-Za-z0-9_-]+")


def _without_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = _SECRET.sub("rsk_***", value)
    return line


def configure_logging(process: str, *, level: int = logging.INFO) -> None:
    """From now on this process logs JSON lines to stderr, each with time (UTC), level, event and `process`.

    What libraries log by the standard module comes out in the same form, from WARNING upwards. Keys of ours that
    stand in a line are blanked.
    """

    def with_process(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {"process": process, **line}

    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        with_process,
        _without_secrets,
    ]
    as_json = structlog.processors.JSONRenderer(sort_keys=True, default=str)
    structlog.configure(
        processors=[*shared, as_json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    foreign = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    foreign.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared[:-1], processors=[remove, _without_secrets, as_json]
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[foreign], force=True)
