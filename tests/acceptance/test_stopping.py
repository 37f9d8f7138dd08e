"""Ctrl-C ends everything that `rsolv serve` started."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.acceptance.conftest import end, free_port, wait_until_ready


@pytest.mark.slow
def test_ctrl_c_leaves_no_process_and_a_second_start_finds_the_data_again(tmp_path: Path) -> None:
    for _ in range(2):
        port, log = free_port(), tmp_path / "serve.log"
        env = os.environ | {
            "RSOLV_DATA_DIR": str(tmp_path / "data"),
            "RSOLV_PORT": str(port),
            "RSOLV_RAY_DASHBOARD_PORT": str(free_port()),
            "RSOLV_RAY_TEMP_DIR": tempfile.mkdtemp(prefix="rss-", dir="/tmp"),
        }
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "rsolv_ray", "serve"], env=env, stdout=out, stderr=out, text=True,
                start_new_session=True,
            )  # fmt: skip
        wait_until_ready(f"http://127.0.0.1:{port}", process, log)
        assert end(process) == []
        assert process.returncode == 0, log.read_text()[-4000:]
        assert not [
            one
            for one in psutil.process_iter(["environ"])
            if (one.info["environ"] or {}).get("RSOLV_PORT") == str(port)
        ]
