"""Do temporary files go with the process that made them, however it ended?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsolv_ray.tools.scratch import PREFIX, clear_away, scratch

HOLD = "import sys, time; from rsolv_ray.tools.scratch import scratch; s = scratch(); s.__enter__(); print('in', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that is in its scratch folder."""
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def old(folder: Path) -> None:
    long_ago = time.time() - 3600
    os.utime(folder, (long_ago, long_ago))


def test_temporary_files_are_made_in_it_and_are_gone_with_it(temporary: Path) -> None:
    with scratch() as folder:
        made = Path(tempfile.mkdtemp())
        assert made.parent == folder
    assert list(temporary.iterdir()) == []
    assert Path(tempfile.gettempdir()) == temporary


def test_it_is_gone_when_what_was_done_in_it_is_broken_off(temporary: Path) -> None:
    with pytest.raises(KeyboardInterrupt), scratch():
        raise KeyboardInterrupt
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_away(temporary: Path, holder: subprocess.Popen[bytes]) -> None:
    (folder,) = temporary.glob(f"{PREFIX}*")
    (folder / "left").write_text("x")
    old(folder)
    holder.kill()
    holder.wait()
    assert clear_away() == (folder,)
    assert not folder.exists()


def test_what_a_living_process_uses_stays(temporary: Path, holder: subprocess.Popen[bytes]) -> None:
    (folder,) = temporary.glob(f"{PREFIX}*")
    old(folder)
    assert clear_away() == ()
    assert folder.exists()


def test_what_was_made_a_moment_ago_stays(temporary: Path) -> None:
    (temporary / f"{PREFIX}new").mkdir()
    assert clear_away() == ()


def test_what_is_none_of_ours_stays(temporary: Path) -> None:
    (temporary / "another").mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary / "another")
    old(temporary / "another")
    assert clear_away() == ()
