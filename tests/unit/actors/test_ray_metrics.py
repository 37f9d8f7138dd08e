"""Is each metric of the table one of Ray's, told on as Ray takes it?"""

from __future__ import annotations

import prometheus_client
import pytest
from ray.util import metrics as of_ray

from rsolv_ray import telemetry
from rsolv_ray.actors import ray_metrics
from rsolv_ray.telemetry import METRICS, declarations


class Taken:
    """What Ray was given, at the seam to its native part."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: dict[str, of_ray.Metric] = {}
        self.recorded: list[tuple[str, float, dict[str, str]]] = []
        taken = self
        begin = of_ray.Metric.__init__

        def made(metric: of_ray.Metric, name: str, *args: object) -> None:
            taken.made[name] = metric
            begin(metric, name, *args)  # pyright: ignore[reportArgumentType] -- handed on as it came

        def record(metric: of_ray.Metric, value: float, tags: dict[str, str] | None = None) -> None:
            final = metric._get_final_tags(tags)
            metric._validate_tags(final)
            taken.recorded.append((metric.info["name"], value, final))

        monkeypatch.setattr(of_ray.Metric, "__init__", made)
        monkeypatch.setattr(of_ray.Metric, "_record", record)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """This process counts for Ray as `bank/0`."""
    given = Taken(monkeypatch)
    monkeypatch.setattr(telemetry, "_SINKS", [])
    ray_metrics.arm.cache_clear()
    ray_metrics.arm("bank/0")
    return given


def test_every_metric_is_declared_to_ray_with_its_kind_help_and_labels(taken: Taken) -> None:
    kinds = {
        prometheus_client.Counter: of_ray.Counter,
        prometheus_client.Gauge: of_ray.Gauge,
        prometheus_client.Histogram: of_ray.Histogram,
    }
    told = {
        name: (type(one), one.info["description"], one.info["tag_keys"], list(one.info.get("boundaries", ())))
        for name, one in taken.made.items()
    }
    assert told == {
        name: (kinds[kind], one.help, (*one.labels, "process"), list(one.buckets))
        for name, (kind, one) in declarations().items()
    }


def test_counts_come_with_their_labels_and_the_process(taken: Taken) -> None:
    METRICS["rsolv_fixes_received_total"].labels(known="true").inc()
    METRICS["rsolv_bank_attached_orgs"].set(4)
    METRICS["rsolv_bank_commit_seconds"].observe(0.25)
    assert taken.recorded == [
        ("rsolv_fixes_received_total", 1, {"known": "true", "process": "bank/0"}),
        ("rsolv_bank_attached_orgs", 4, {"process": "bank/0"}),
        ("rsolv_bank_commit_seconds", 0.25, {"process": "bank/0"}),
    ]


def test_counting_nothing_breaks_nothing(taken: Taken) -> None:
    METRICS["rsolv_scan_files_total"].inc(0)
    assert taken.recorded == []


def test_a_process_that_is_armed_twice_counts_once(taken: Taken) -> None:
    ray_metrics.arm("bank/0")
    METRICS["rsolv_scan_files_total"].inc(2)
    assert [value for _, value, _ in taken.recorded] == [2]
