"""Do the numbers and the log lines say what they should, and no more?"""

from __future__ import annotations

import json
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from rsolv_ray import telemetry
from rsolv_ray.telemetry import METRICS, Sample, also, configure_logging, declarations, render, snapshot

ROOT = Path(__file__).parents[2]


def _values(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(text.decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


@pytest.fixture
def _logging_put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float, dict[str, str]]]:
    """What a sink hears in this test."""
    told: list[tuple[str, float, dict[str, str]]] = []
    monkeypatch.setattr(telemetry, "_SINKS", [])
    also(lambda metric, value, labels: told.append((metric, value, labels)))
    return told


def test_what_was_counted_is_rendered_under_the_name_of_the_process() -> None:
    METRICS["rsolv_scan_files_total"].inc(7)
    values = _values(render(process="bank/0"))
    assert values["rsolv_scan_files_total", frozenset({("process", "bank/0")})] >= 7


def test_the_counts_of_two_processes_stay_apart() -> None:
    METRICS["rsolv_event_streams"].set(3)
    other = (Sample("rsolv_event_streams", "rsolv_event_streams", (), 5.0),)
    values = _values(render({"bank/1": other}))
    assert values["rsolv_event_streams", frozenset({("process", "gateway")})] == 3
    assert values["rsolv_event_streams", frozenset({("process", "bank/1")})] == 5


def test_a_histogram_is_rendered_with_buckets_count_and_sum() -> None:
    METRICS["rsolv_step_seconds"].labels(step="scan", result="done").observe(0.2)
    told = {name for name, labels in _values(render()) if ("step", "scan") in labels}
    names = {name for name in told if name.startswith("rsolv_step_seconds")}
    assert names == {"rsolv_step_seconds_bucket", "rsolv_step_seconds_count", "rsolv_step_seconds_sum"}


def test_a_metric_that_another_version_tells_of_is_left_out() -> None:
    gone = (Sample("rsolv_gone", "rsolv_gone", (), 1.0),)
    assert b"rsolv_gone" not in render({"bank/1": gone})


def test_a_snapshot_is_plain_data() -> None:
    assert all(type(sample.value) is float and type(sample.labels) is tuple for sample in snapshot())


def test_a_sink_hears_what_a_counter_grows_by(heard: list[tuple[str, float, dict[str, str]]]) -> None:
    METRICS["rsolv_scan_files_total"].inc(7)
    METRICS["rsolv_fixes_received_total"].labels(known="true").inc()
    assert heard == [("rsolv_scan_files_total", 7, {}), ("rsolv_fixes_received_total", 1, {"known": "true"})]


def test_a_sink_hears_what_a_gauge_is(heard: list[tuple[str, float, dict[str, str]]]) -> None:
    METRICS["rsolv_event_streams"].set(3)
    METRICS["rsolv_event_streams"].inc()
    METRICS["rsolv_event_streams"].dec(2)
    assert heard == [("rsolv_event_streams", value, {}) for value in (3, 4, 2)]


def test_a_sink_hears_what_a_histogram_observes(heard: list[tuple[str, float, dict[str, str]]]) -> None:
    METRICS["rsolv_step_seconds"].labels(step="scan", result="done").observe(0.2)
    assert heard == [("rsolv_step_seconds", 0.2, {"step": "scan", "result": "done"})]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_complain_of() -> None:
    for name, (_, declared) in declarations().items():
        metric = METRICS[name]  # pyright: ignore[reportGeneralTypeIssues] -- the names of the table
        series = metric.labels(**dict.fromkeys(declared.labels, "x")) if declared.labels else metric
        getattr(series, {"counter": "inc", "gauge": "inc", "histogram": "observe"}[metric._type])(1)
    said = subprocess.run(["promtool", "check", "metrics"], input=render(), capture_output=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, b"", b"")


def test_every_metric_bears_our_prefix_and_its_unit() -> None:
    pattern = re.compile(r"rsolv_[a-z_]+?(_total|_seconds|_bytes|_orgs|_streams)")
    assert [name for name in declarations() if not pattern.fullmatch(name)] == []


def test_no_metric_is_labelled_by_org_rule_or_repository() -> None:
    labels = {label for _, declared in declarations().values() for label in declared.labels}
    assert labels & {"org", "rule", "repository", "finding", "cycle", "key"} == set()


def test_the_documented_metrics_are_the_metrics() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|$", page, flags=re.MULTILINE)
    declared = [
        (name, kind.__name__.lower(), ", ".join(f"`{label}`" for label in one.labels), one.help)
        for name, (kind, one) in declarations().items()
    ]
    assert rows == declared


@pytest.mark.usefixtures("_logging_put_back")
def test_a_log_line_is_json_with_its_process(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("validator/1")
    structlog.get_logger().info("judged", candidates=3)
    line = json.loads(capsys.readouterr().err)
    assert {key: line[key] for key in ("event", "candidates", "level", "process")} == {
        "event": "judged",
        "candidates": 3,
        "level": "info",
        "process": "validator/1",
    }


@pytest.mark.usefixtures("_logging_put_back")
def test_a_key_never_stands_in_a_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway")
    structlog.get_logger().warning("asked with rsk_abc-DEF_123", header="Bearer rsk_abc-DEF_123")
    logging.getLogger("library").warning("asked with %s", "rsk_abc-DEF_123")
    assert "abc-DEF_123" not in capsys.readouterr().err


@pytest.mark.usefixtures("_logging_put_back")
def test_a_key_never_stands_in_a_logged_exception(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway")
    try:
        int("rsk_abc")
    except ValueError:
        structlog.get_logger().exception("failed")
    line = json.loads(capsys.readouterr().err)
    assert "ValueError" in line["exception"]
    assert "rsk_abc" not in line["exception"]


@pytest.mark.usefixtures("_logging_put_back")
def test_libraries_log_in_the_same_form_from_warning_upwards(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("gateway")
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("beware")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["process"]) == ("beware", "warning", "gateway")
