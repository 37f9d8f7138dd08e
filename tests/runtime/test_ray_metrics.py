"""Does what a supervised process counts appear on Ray's own metrics port?"""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import ray
from prometheus_client.parser import text_string_to_metric_families

from rsolv_ray.actors.directory import Directory
from rsolv_ray.actors.launch import halt, launch
from rsolv_ray.actors.names import ROOT
from rsolv_ray.supervision.spec import ChildSpec, SupervisorSpec

pytestmark = pytest.mark.usefixtures("ray_cluster")

WITHIN_S = 60.0
"""Processes report every 10 s, and the node's agent has to be up."""


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    """A root with one child, `kid/a`."""
    start = {"class": "tests.runtime.children:Kid", "args": {"name": "kid", "folder": str(tmp_path)}}
    child = ChildSpec.model_validate({"id": "kid/a", "start": start})
    root = launch(SupervisorSpec(id=ROOT, children=(child,)), data_dir=tmp_path)
    yield Directory()
    halt(root)


def exported(port: int) -> dict[str, list[tuple[dict[str, str], float]]]:
    """The samples on Ray's metrics port, by name."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    samples: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            samples.setdefault(one.name, []).append((one.labels, one.value))
    return samples


async def test_counters_gauges_and_histograms_appear_under_the_name_of_their_process(directory: Directory) -> None:
    await directory.call("kid/a", "count", 3)
    (node,) = ray.nodes()
    wanted = {
        "ray_rsolv_scan_files_total": 3.0,
        "ray_rsolv_event_streams": 3.0,
        "ray_rsolv_scan_seconds_count": 1.0,
    }
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                told = await asyncio.to_thread(exported, node["MetricsExportPort"])
            except OSError:
                told = {}
            found = {
                name: value
                for name in wanted
                for labels, value in told.get(name, ())
                if labels.get("process") == "kid/a"
            }
            if found == wanted:
                return
            await asyncio.sleep(1.0)
