"""A service of one's own: what is told when it does not start, and that nothing of it stays."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from rsolv_ray.cli import own_service
from rsolv_ray.cli.own_service import OwnService, free_ports
from rsolv_ray.model.errors import Unavailable


def test_a_service_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        service = OwnService(tmp_path)
        service._variables["RSOLV_PORT"] = str(taken.getsockname()[1])
        with service, pytest.raises(Unavailable, match=r"exit code 3:\nrsolv: 127\.0\.0\.1:\d+ cannot be listened on"):
            service.wait_until_ready(lambda part, state: None)


def test_what_the_service_leaves_behind_is_ended_and_what_only_has_its_data_folder_is_spared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_service, "STRAGGLE_S", 0.2)
    service = OwnService(tmp_path)
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        subprocess.Popen(sleep, env={**os.environ, **service._variables}) as straggler,
        subprocess.Popen(sleep, env={**os.environ, "RSOLV_DATA_DIR": str(service.data_dir)}) as other,
    ):
        psutil.Process(straggler.pid).environ()
        service._end_stragglers()
        assert straggler.wait(10) != 0
        assert other.poll() is None
        other.kill()


def test_its_settings_are_its_own_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RSOLV_HOST", "192.0.2.1")
    monkeypatch.setenv("RSOLV_PROT", "1")
    service = OwnService(tmp_path)
    seen: list[dict[str, str]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **named: object) -> None:
            seen.append(named["env"])  # type: ignore[arg-type]
            super().__init__([sys.executable, "-c", ""], env=named["env"])  # type: ignore[arg-type]

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    with service:
        pass
    ours = {name: value for name, value in seen[0].items() if name.startswith("RSOLV_")}
    assert ours.keys() <= {
        "RSOLV_DATA_DIR",
        "RSOLV_PORT",
        "RSOLV_RAY_DASHBOARD_PORT",
        "RSOLV_ALLOWED_ROOTS",
        "RSOLV_RAY_TEMP_DIR",
        "RSOLV_CLEAN_CORPORA",
    }
    assert ours["RSOLV_ALLOWED_ROOTS"] == str(tmp_path)


def test_free_ports_are_different() -> None:
    assert len(set(free_ports(5))) == 5
