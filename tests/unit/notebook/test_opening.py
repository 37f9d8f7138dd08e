"""How a notebook comes to a system: what is refused, and with which words. Starting and attaching: tests/acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsolv_ray.model.errors import Conflict, Rejected, Unavailable
from rsolv_ray.notebook import opening
from rsolv_ray.notebook.board import Board
from rsolv_ray.notebook.opening import open_system
from rsolv_ray.notebook.system import System


@pytest.fixture(autouse=True)
def nothing_open(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("RSOLV_DATA_DIR", str(tmp_path / "data"))
    opening._opened.clear()
    yield
    opening._opened.clear()


def test_where_nothing_runs_and_nothing_may_be_started_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"no system runs from .*data: start one with `rsolv serve`"):
        open_system(start=False)
    with pytest.raises(Unavailable, match=r"no system runs from .*/elsewhere"):
        open_system(data_dir=tmp_path / "elsewhere", start=False)
    assert not (tmp_path / "elsewhere").exists()


def test_an_address_goes_before_starting_and_is_told_when_nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match=r"no Ray listens at 127\.0\.0\.1:1"):
        open_system("127.0.0.1:1")
    monkeypatch.setenv("RSOLV_RAY_ADDRESS", "127.0.0.1:2")
    with pytest.raises(Unavailable, match=r"no Ray listens at 127\.0\.0\.1:2"):
        open_system()


@pytest.mark.parametrize("address", ["ray://head:10001", "head"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Rejected, match="ray_address"):
        open_system(address)


def test_an_address_and_a_folder_are_two_systems(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="an address or a data_dir, not both"):
        open_system("127.0.0.1:1", data_dir=tmp_path)


def test_a_cell_that_is_run_twice_gives_the_system_that_is_open(
    system: System, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = iter([system])
    monkeypatch.setattr(opening, "_open", lambda _asked, _own: next(made))
    assert open_system(start=False) is system
    assert open_system(start=False) is system
    with pytest.raises(Conflict, match=r"another system is open in this notebook: close\(\) it first"):
        open_system(data_dir=tmp_path)


def test_outside_a_notebook_only_lines_that_are_new_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    board = Board()
    board.show("<p>one</p>", ["one"])
    board.show("<p>two</p>", ["one", "two"])
    assert capsys.readouterr().out == "one\ntwo\n"
