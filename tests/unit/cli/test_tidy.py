"""A scan that is ended from outside leaves nothing in the temporary folder, and says by its exit code what ended it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[bytes]"]

RULE = {
    "id": "slow", "languages": ["python"], "severity": "ERROR", "message": "m",
    "patterns": [
        {"pattern": "$A = $X\n...\n$B = $Y\n...\n$C = $Z\n"},
        {"metavariable-comparison": {"metavariable": "$A", "comparison": "1 > 2"}},
    ],
}  # fmt: skip
"""Takes the engine until its limit of time, of a rule on a file, on each of the files."""


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path: Path, temporary: Path) -> Start:
    (tmp_path / "code").mkdir()
    for number in range(8):
        (tmp_path / "code" / f"m{number}.py").write_text("".join(f"x{at} = f(a, b, c)\n" for at in range(400)))
    (tmp_path / "rules.json").write_text(json.dumps({"rules": [RULE]}))

    def started(*options: str, before: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        arguments = ["scan", "--rules", str(tmp_path / "rules.json"), str(tmp_path / "code"), *options]
        return subprocess.Popen(
            [*before, sys.executable, "-m", "rsolv_ray", *arguments],
            env={**os.environ, "TMPDIR": str(temporary), "RSOLV_DATA_DIR": str(tmp_path / "data")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return started


def until_the_engine_works(temporary: Path) -> Path:
    """The folder in which it does."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if any(temporary.rglob("rsolv-engine-*/*")):
            time.sleep(0.3)  # so that some of them are in the midst of it
            return next(temporary.iterdir())
        time.sleep(0.05)
    raise AssertionError("the engine never began")


@pytest.mark.parametrize(
    ("number", "by_index"), [(signal.SIGTERM, False), (signal.SIGHUP, False), (signal.SIGTERM, True)]
)
def test_a_scan_that_is_asked_to_end_leaves_nothing_behind(
    tmp_path: Path, temporary: Path, start: Start, number: signal.Signals, by_index: bool
) -> None:
    with start(*(("--index", str(tmp_path / "kept")) if by_index else ())) as scan:
        until_the_engine_works(temporary)
        asked = time.monotonic()
        scan.send_signal(number)
        _, told = scan.communicate(timeout=30)
    assert scan.returncode == 128 + number
    assert time.monotonic() - asked < 6
    assert list(temporary.iterdir()) == []
    assert b"Traceback" not in told


def test_all_that_a_scan_by_an_index_makes_is_in_one_folder(tmp_path: Path, temporary: Path, start: Start) -> None:
    with start("--index", str(tmp_path / "kept")) as scan:
        folder = until_the_engine_works(temporary)
        assert [one.name for one in temporary.iterdir()] == [folder.name]
        assert folder.name.startswith("rsolv-scratch-")
        scan.terminate()


def test_what_a_killed_scan_left_is_removed_by_the_next(temporary: Path, start: Start) -> None:
    with start() as killed:
        left = until_the_engine_works(temporary)
        killed.kill()
    assert left.exists()
    long_ago = time.time() - 3600
    os.utime(left, (long_ago, long_ago))
    with start() as following:
        until = time.monotonic() + 30
        while left.exists() and time.monotonic() < until:
            time.sleep(0.05)
        following.terminate()
    assert not left.exists()


def test_a_scan_that_shall_outlive_its_terminal_goes_on(temporary: Path, start: Start) -> None:
    with start(before=("nohup",)) as scan:
        until_the_engine_works(temporary)
        scan.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert scan.poll() is None
        scan.terminate()
