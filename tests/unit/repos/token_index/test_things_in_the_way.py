"""What comes of an index in whose folder something other than its files stands?"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rsolv_ray.model.errors import Unavailable
from rsolv_ray.repos.corpus import Corpus
from tests.unit.repos.token_index.conftest import Tree, answers, right_answers

pytestmark = [pytest.mark.usefixtures("without_git"), pytest.mark.usefixtures("no_waiting")]
PARTS = ("segment-*.part", "files-*.part")


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """What waits for a pipe's other end fails within 5 seconds."""

    def fall(_number: int, _frame: object) -> None:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, fall)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def a_folder(path: Path) -> None:
    path.mkdir()
    (path / "kept.txt").write_text("mine")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(path))


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


THINGS = [os.mkfifo, a_folder, a_socket, a_link_to_itself]


@pytest.fixture
def index(tree: Tree, tmp_path: Path) -> Path:
    tree.put("a.py", b"eval")
    Corpus.open(tmp_path / "index").refresh(tree.root)
    return tmp_path / "index"


def is_made_anew(tree: Tree, index: Path) -> bool:
    corpus = Corpus.open(index)
    is_begun_anew = corpus.damage is not None and corpus.files == ()
    corpus.refresh(tree.root)
    opened = Corpus.open(index)
    return is_begun_anew and opened.damage is None and answers(opened) == right_answers(tree)


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("name", ["manifest.json", *PARTS])
def test_what_is_no_file_is_damage_and_the_index_made_anew(
    tree: Tree, index: Path, name: str, thing: Callable[[Path], None]
) -> None:
    (path,) = index.glob(name)
    path.unlink()
    thing(path)
    assert is_made_anew(tree, index)


@pytest.mark.parametrize("thing", THINGS)
def test_what_stands_where_a_new_manifest_is_written_is_no_hindrance(
    tree: Tree, index: Path, thing: Callable[[Path], None]
) -> None:
    thing(index / "manifest.json.new")
    tree.put("b.py", b"eval")
    Corpus.open(index).refresh(tree.root)
    assert answers(Corpus.open(index)) == right_answers(tree)


@pytest.mark.parametrize("thing", [os.mkfifo, a_folder])
def test_what_stands_in_place_of_the_lock_is_no_hindrance(
    tree: Tree, index: Path, thing: Callable[[Path], None]
) -> None:
    (index / "lock").unlink()
    thing(index / "lock")
    tree.put("b.py", b"eval")
    Corpus.open(index).refresh(tree.root)
    assert answers(Corpus.open(index)) == right_answers(tree)


@pytest.mark.parametrize("name", ["manifest.json", "lock", "segment-1-0.part", "manifest.json.new"])
def test_what_a_folder_in_the_way_holds_is_kept(tree: Tree, index: Path, name: str) -> None:
    for _ in range(2):
        (index / name).unlink(missing_ok=True)
        a_folder(index / name)
        tree.put("b.py", b"eval")
        tree.put("c.py", os.urandom(8).hex().encode())
        Corpus.open(index).refresh(tree.root)
    assert len([*index.glob("*damaged*/kept.txt")]) == 2


def test_a_manifest_is_put_aside_beside_a_folder_of_that_name(tree: Tree, index: Path) -> None:
    a_folder(index / "manifest.damaged.json")
    (index / "manifest.json").write_bytes(b"odd")
    assert is_made_anew(tree, index)
    assert (index / "manifest.damaged.json.1").read_bytes() == b"odd"


def test_a_folder_named_like_a_left_over_file_is_left_alone(tree: Tree, index: Path) -> None:
    a_folder(index / "mine.part")
    tree.put("b.py", b"eval")
    Corpus.open(index).refresh(tree.root)
    assert (index / "mine.part" / "kept.txt").exists()


@pytest.mark.parametrize("below", [".", "index"])
def test_a_file_in_place_of_the_folder_is_refused_with_what_to_do(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(
        Unavailable, match="no folder stands there or above: move it away, or keep the index in another"
    ):
        Corpus.open(tmp_path / "file" / below)
    assert (tmp_path / "file").read_text() == "mine"
