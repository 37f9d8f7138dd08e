"""How do our metrics get onto Ray's own metrics port? Each is declared once more there, from the one table.

What is counted is told on by the call that counts (`telemetry.also`): a few microseconds more. Ray puts `ray_` before the
names and adds its own labels; ours are there, and `process`.
Source: docs.ray.io, Application-level Metrics.
"""

from __future__ import annotations

from functools import cache

import prometheus_client
from ray.util.metrics import Counter, Gauge, Histogram

from rsolv_ray.telemetry import Declared, also, declarations


@cache
def arm(process: str) -> None:
    """From now on everything that this process counts is counted by Ray too, under the label `process`. Once is enough."""
    metrics = {name: _made(name, kind, declared, process) for name, (kind, declared) in declarations().items()}

    def tell(metric: str, value: float, labels: dict[str, str]) -> None:
        match metrics[metric]:
            case Counter() as counter:
                # Ray refuses to count nothing: a scan of no files, say.
                if value > 0:
                    counter.inc(value, labels)
            case Gauge() as gauge:
                gauge.set(value, labels)
            case Histogram() as histogram:
                histogram.observe(value, labels)

    also(tell)


def _made(name: str, kind: type[object], declared: Declared, process: str) -> Counter | Gauge | Histogram:
    tag_keys = (*declared.labels, "process")
    if kind is prometheus_client.Histogram:
        made = Histogram(name, declared.help, boundaries=list(declared.buckets), tag_keys=tag_keys)
    else:
        made = (Counter if kind is prometheus_client.Counter else Gauge)(name, declared.help, tag_keys=tag_keys)
    made.set_default_tags({"process": process})
    return made
