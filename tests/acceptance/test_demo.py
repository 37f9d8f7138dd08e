"""`rsolv demo --once`: the main job in both languages, as a newcomer sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from rsolv_ray.cli.example import NAMES, expectations


@dataclass(frozen=True)
class Demo:
    """What the demo said with --json, and what it left behind in its folder and among the services."""

    told: dict[str, Any]
    files: list[str]
    services: set[str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    before, folder = data_folders(), tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "rsolv_ray", "demo", "--once", "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return Demo(json.loads(done.stdout), [file.name for file in folder.iterdir()], data_folders() - before)


def data_folders() -> set[str]:
    """The data folders of all services that run on this machine."""
    return {(one.info["environ"] or {}).get("RSOLV_DATA_DIR", "") for one in psutil.process_iter(["environ"])} - {""}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_demo_learns_finds_spares_and_patches(demo: Demo, name: str) -> None:
    expected = expectations(name)
    (example,) = (one for one in demo.told["examples"] if one["name"] == name)
    assert example["as_expected"]
    assert len(example["comparison"]["found"]) >= len(expected.instances)
    assert len(example["comparison"]["spared"]) == len(expected.lookalikes) + 1
    assert len(example["proposals"]) >= len(expected.patched)
    assert all(patch["diff"].startswith("diff --git a/") for patch in example["proposals"])


@pytest.mark.slow
def test_each_language_is_scanned_with_its_own_rule(demo: Demo) -> None:
    assert demo.told["as_expected"]
    rules = {one["name"]: {finding["rule"] for finding in one["findings"]} for one in demo.told["examples"]}
    assert rules == {one["name"]: {one["cycle"]["rule"]["id"]} for one in demo.told["examples"]}
    assert len(set.union(*rules.values())) == len(NAMES)


@pytest.mark.slow
def test_nothing_of_the_demo_stays(demo: Demo) -> None:
    assert (demo.files, demo.services) == ([], set())
