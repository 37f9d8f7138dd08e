"""Is a file read as it is, and its stamp believed only when it may be?"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from rsolv_ray.repos import reading
from rsolv_ray.repos.reading import read, stamp_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(b"eval(1)")
    return path


def test_a_file_is_read_with_its_stamp(file: Path) -> None:
    found = read(str(file), 7)
    assert found is not None
    assert (found.data, found.stamp) == (b"eval(1)", stamp_of(file.stat()))


def test_a_file_over_the_limit_is_not_read(file: Path) -> None:
    assert read(str(file), 6) is None


def test_what_is_no_file_is_not_read(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("link", "loop", "missing", ""):  # the last one is a folder
        assert read(str(tmp_path / name), 9) is None


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(read(str(tmp_path / "pipe"), 9)), daemon=True)
    thread.start()
    thread.join(10)
    assert found == [None]


def test_a_file_that_was_just_written_has_not_settled(file: Path) -> None:
    found = read(str(file), 9)
    assert found is not None
    assert not found.settled


def test_a_file_has_settled_once_it_is_old(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SETTLED_NS", 1_000_000)
    time.sleep(0.02)
    found = read(str(file), 9)
    assert found is not None
    assert found.settled


def test_a_file_from_the_future_has_not_settled(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SETTLED_NS", 1_000_000)
    os.utime(file, (time.time() + 3600, time.time() + 3600))
    time.sleep(0.02)
    found = read(str(file), 9)
    assert found is not None
    assert not found.settled


def test_a_file_that_grows_while_it_is_read_has_not_settled(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SETTLED_NS", 1_000_000)
    time.sleep(0.02)
    plain, pieces = os.read, []

    def read_and_grow(descriptor: int, size: int) -> bytes:
        piece = plain(descriptor, size)
        if not pieces:
            with file.open("ab") as end:
                end.write(b"\nrun(1)")
        pieces.append(piece)
        return piece

    monkeypatch.setattr(os, "read", read_and_grow)
    found = read(str(file), 100)
    assert found is not None
    assert (found.data, found.settled) == (b"eval(1)\nrun(1)", False)
    pieces.clear()
    assert read(str(file), 20) is None
