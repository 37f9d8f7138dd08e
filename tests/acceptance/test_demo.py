"""`rsolv demo --once`: the main job in both languages, as a newcomer sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from rsolv_ray.cli.example import NAMES, expectations


@dataclass(frozen=True)
class Demo:
    """What the demo said with --json, and what it left behind: files, and services that keep their data among them."""

    told: dict[str, Any]
    files: list[str]
    services: list[str]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    # Not pytest's folder: the path of a socket has at most 107 characters (unix(7)).
    with tempfile.TemporaryDirectory(prefix="demo-") as made:
        folder = Path(made).resolve()
        done = subprocess.run(
            [sys.executable, "-m", "rsolv_ray", "demo", "--once", "--json"],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=folder,
            env={**os.environ, "TMPDIR": str(folder)},
        )
        assert done.returncode == 0, done.stderr
        yield Demo(json.loads(done.stdout), [file.name for file in folder.iterdir()], services_below(folder))


def services_below(folder: Path) -> list[str]:
    """The data folders, among those of all services that run on this machine, that lie below a folder."""
    known = {(one.info["environ"] or {}).get("RSOLV_DATA_DIR", "") for one in psutil.process_iter(["environ"])}
    return [data for data in known if Path(data).is_relative_to(folder)]


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
    assert (demo.files, demo.services) == ([], [])
