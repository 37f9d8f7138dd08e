"""Is the index as it was after whatever breaks a refresh off, and is damage seen?"""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rsolv_ray.model.errors import StorageFull, Unavailable
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.token_index import index_folder
from rsolv_ray.repos.token_index.index_folder import IndexFolder
from tests.unit.repos.token_index.conftest import Tree, answers, right_answers

pytestmark = pytest.mark.usefixtures("without_git")


class TestDamage:
    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"segments": 3}', b"\xff\xff", b'{"form": 99}'])
    def test_of_the_manifest_is_told_and_the_index_begun_anew(self, tree: Tree, tmp_path: Path, text: bytes) -> None:
        tree.put("a.py", b"eval")
        Corpus.open(tmp_path / "index").refresh(tree.root)
        (tmp_path / "index" / "manifest.json").write_bytes(text)
        corpus = Corpus.open(tmp_path / "index")
        assert corpus.damage
        assert corpus.files == ()
        assert corpus.refresh(tree.root).lines == 1
        assert answers(corpus) == right_answers(tree)
        assert Corpus.open(tmp_path / "index").damage is None

    def test_that_is_put_aside_can_be_looked_at(self, tree: Tree, tmp_path: Path) -> None:
        Corpus.open(tmp_path / "index").refresh(tree.root)
        (tmp_path / "index" / "manifest.json").write_bytes(b"odd")
        Corpus.open(tmp_path / "index").refresh(tree.root)
        assert (tmp_path / "index" / "manifest.damaged.json").read_bytes() == b"odd"

    def test_after_opening_is_mended_by_the_next_refresh(self, tree: Tree, tmp_path: Path) -> None:
        tree.put("a.py", b"eval")
        corpus = Corpus.open(tmp_path / "index")
        corpus.refresh(tree.root)
        shutil.rmtree(tmp_path / "index")
        tree.put("b.py", b"eval")
        corpus.refresh(tree.root)
        assert answers(Corpus.open(tmp_path / "index")) == right_answers(tree)


CHILD = """
    import os, resource, signal, sys
    from pathlib import Path
    from rsolv_ray.repos.corpus import Corpus
    root, index, last, largest = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    corpus = Corpus.open(index)
    left = last
    def fall(event, details):
        global left
        if event in ("open", "os.rename", "os.remove") and str(index) in str(details[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(fall)
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    corpus.refresh(root)
"""


def refresh_apart(tree: Tree, index: Path, *, last: int = 0, largest: int = 0) -> subprocess.CompletedProcess[str]:
    """In a process that is killed at its `last` step on the files of the index, or may write files of `largest` bytes."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(tree.root), str(index), str(last), str(largest)],
        check=False, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[4],
    )  # fmt: skip


def test_a_refresh_killed_at_any_step_leaves_the_index_as_it_was_or_as_it_should_be(tree: Tree, tmp_path: Path) -> None:
    index = tmp_path / "index"
    tree.put("a.py", b"eval before")
    Corpus.open(index).refresh(tree.root)
    before = answers(Corpus.open(index))
    tree.put("b.py", b"eval after")
    killed = 0
    for step in range(1, 30):
        ended = refresh_apart(tree, index, last=step)
        opened = Corpus.open(index)
        assert opened.damage is None
        assert answers(opened) in (before, right_answers(tree))
        if ended.returncode == 0:
            break
        killed += 1
    assert killed >= 4
    assert answers(Corpus.open(index)) == right_answers(tree)
    assert {path.suffix for path in index.iterdir()} == {".part", ".json", ""}


def test_a_full_disk_is_told_and_the_index_stays_as_it_was(tree: Tree, tmp_path: Path) -> None:
    index = tmp_path / "index"
    tree.put("a.py", b"eval")
    Corpus.open(index).refresh(tree.root)
    before = answers(Corpus.open(index))
    tree.put("b.py", b" ".join(b"word%d" % number for number in range(2_000)))
    ended = refresh_apart(tree, index, largest=5_000)
    assert f"{StorageFull.__name__}: the token index in {index} stays as it was" in ended.stderr
    assert answers(Corpus.open(index)) == before
    Corpus.open(index).refresh(tree.root)
    assert answers(Corpus.open(index)) == right_answers(tree)


def test_a_writer_that_never_ends_is_told(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_folder, "LOCK_WAIT_S", 0.05)
    corpus = Corpus.open(tmp_path / "index")
    with (
        IndexFolder(tmp_path / "index").locked(),
        pytest.raises(Unavailable, match="being written by another process"),
    ):
        corpus.refresh(tree.root)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be"):
        Corpus.open(tmp_path / "file" / "index")


def test_files_of_others_in_the_folder_are_left_alone(tree: Tree, tmp_path: Path) -> None:
    corpus = Corpus.open(tmp_path / "index")
    (tmp_path / "index" / "notes.txt").write_text("mine")
    tree.put("a.py", b"eval")
    corpus.refresh(tree.root)
    assert (tmp_path / "index" / "notes.txt").read_text() == "mine"
