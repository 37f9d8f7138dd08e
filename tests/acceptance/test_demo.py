"""`rsolv demo --once`: the main job as a newcomer sees it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest


@pytest.mark.slow
def test_the_demo_learns_finds_spares_and_patches_and_leaves_nothing(tmp_path: Path) -> None:
    before = data_folders()
    done = subprocess.run(
        [sys.executable, "-m", "rsolv_ray", "demo", "--once", "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["as_expected"]
    assert len(told["comparison"]["found"]) >= 10
    assert len(told["comparison"]["spared"]) >= 10
    assert told["proposals"][0]["diff"].startswith("diff --git a/shop/")
    assert list(tmp_path.iterdir()) == []
    assert data_folders() - before == set()


def data_folders() -> set[str]:
    """The data folders of all services that run on this machine."""
    return {(one.info["environ"] or {}).get("RSOLV_DATA_DIR", "") for one in psutil.process_iter(["environ"])} - {""}
