"""Is the index right after any edits, and as it was after whatever breaks it off?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rsolv_ray.model.errors import StorageFull, Unavailable
from rsolv_ray.model.languages import LANGUAGES
from rsolv_ray.model.requirement import EVERY_FILE, AllOf, Part, Requirement, Word
from rsolv_ray.repos import corpus as corpora
from rsolv_ray.repos import index_folder, reading
from rsolv_ray.repos.compaction import MOST_SEGMENTS
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.index_folder import IndexFolder
from tests.unit.repos.conftest import Tree

pytestmark = pytest.mark.usefixtures("without_git")

NAMES = st.sampled_from(["a.py", "b.py", "c.js", "d/e.py", "d/f.go", "Dockerfile", "d/g.ts"])
CODE = st.lists(st.sampled_from(["eval", "Eval", "run", "rerun", "x", "y1", "-"]), min_size=1, max_size=4).map(
    lambda words: " ".join(words).encode()
)
QUESTIONS: tuple[Requirement, ...] = (
    EVERY_FILE, Word(text="eval"), Word(text="EVAL", ignore_case=True), Part(text="run"), Part(text="X", ignore_case=True),
    AllOf(of=(Word(text="eval"), Part(text="1"))),
)  # fmt: skip


def answers(corpus: Corpus) -> list[list[str]]:
    return [[file.path for file in corpus.that_meet(question, sorted(LANGUAGES))] for question in QUESTIONS]


def right_answers(tree: Tree) -> list[list[str]]:
    return [tree.that_meet(question) for question in QUESTIONS]


class Edits(RuleBasedStateMachine):
    """Files are written, moved, copied and removed; the index is refreshed, opened anew and damaged in between."""

    @initialize()
    def begin(self) -> None:
        self.scratch = Path(tempfile.mkdtemp())
        self.tree = Tree(self.scratch / "root")
        self.corpus = Corpus.open(self.scratch / "index")
        self.is_fresh = False
        self.is_whole = False

    def teardown(self) -> None:
        shutil.rmtree(self.scratch)

    @rule(path=NAMES, code=CODE)
    def write(self, path: str, code: bytes) -> None:
        self.tree.put(path, code)
        self.is_fresh = False

    @rule(path=NAMES, other=NAMES)
    def move(self, path: str, other: str) -> None:
        if (self.tree.root / path).exists():
            self.tree.put(other, b"")
            (self.tree.root / path).replace(self.tree.root / other)
            self.is_fresh = False

    @rule(path=NAMES)
    def remove(self, path: str) -> None:
        (self.tree.root / path).unlink(missing_ok=True)
        self.is_fresh = False

    @rule(memory=st.sampled_from([0, 256]))
    def refresh(self, memory: int) -> None:
        self.corpus.refresh(self.tree.root, memory_mb=memory)
        self.is_fresh = True
        self.is_whole = Corpus.open(self.scratch / "index").damage is None

    @rule()
    def open_anew(self) -> None:
        self.corpus = Corpus.open(self.scratch / "index")
        self.is_fresh &= self.corpus.damage is None

    @precondition(lambda self: self.is_whole)
    @rule(data=st.data(), cut=st.booleans())
    def damage(self, data: st.DataObject, cut: bool) -> None:
        files = sorted((self.scratch / "index").glob("*.part"))
        path = data.draw(st.sampled_from(files))
        octets = bytearray(path.read_bytes())
        place = data.draw(st.integers(0, len(octets) - 1))
        octets[place] ^= 0x41
        path.unlink()
        path.write_bytes(octets[:place] if cut else octets)
        assert Corpus.open(self.scratch / "index").damage
        self.is_whole = False

    @invariant()
    def a_fresh_index_answers_as_a_look_at_all_files_would(self) -> None:
        if self.is_fresh:
            assert answers(self.corpus) == right_answers(self.tree)


@pytest.mark.parametrize("settled_ns", [reading.SETTLED_NS, 1])
def test_the_index_is_right_after_any_edits(monkeypatch: pytest.MonkeyPatch, settled_ns: int) -> None:
    monkeypatch.setattr(corpora, "LEAST_MEMORY_MB", 0)
    if settled_ns == 1:  # stamps are believed at once: the clock behind them is made finer than the edits are quick
        ticks = iter(range(1, 1 << 40))
        monkeypatch.setattr(reading, "SETTLED_NS", settled_ns)
        put = Tree.put

        def put_later(self: Tree, path: str, code: bytes) -> None:
            put(self, path, code)
            tick = next(ticks)
            os.utime(self.root / path, ns=(tick, tick))

        monkeypatch.setattr(Tree, "put", put_later)
    run_state_machine_as_test(
        seed(4)(Edits), settings=settings(max_examples=100, stateful_step_count=30, deadline=None)
    )


def grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refreshes: int) -> tuple[Tree, Corpus]:
    monkeypatch.setattr(corpora, "LEAST_MEMORY_MB", 0)
    tree, corpus = Tree(tmp_path / "root"), Corpus.open(tmp_path / "index")
    for number in range(refreshes):
        tree.put(f"{number}.py", f"eval word{number}".encode())
        corpus.refresh(tree.root)
    return tree, corpus


def segments(tmp_path: Path) -> list[int]:
    return [part.size for part in IndexFolder(tmp_path / "index").manifest().segments]


class TestSegments:
    def test_stay_few_while_an_index_grows(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tree, corpus = grown(tmp_path, monkeypatch, 60)
        assert len(segments(tmp_path)) <= MOST_SEGMENTS
        assert answers(corpus) == right_answers(tree)

    def test_are_many_where_the_memory_allowed_is_little(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(corpora, "LEAST_MEMORY_MB", 0)
        tree, corpus = Tree(tmp_path / "root"), Corpus.open(tmp_path / "index")
        for number in range(20):
            tree.put(f"{number}.py", f"eval word{number}".encode())
        corpus.refresh(tree.root, memory_mb=0)
        assert len(segments(tmp_path)) == 20
        assert answers(corpus) == right_answers(tree)

    def test_of_which_most_is_dead_are_written_anew(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tree, corpus = Tree(tmp_path / "root"), Corpus.open(tmp_path / "index")
        for number in range(20):
            tree.put(f"{number}.py", f"eval word{number}".encode())
        corpus.refresh(tree.root)
        before = corpus.bytes_on_disk
        for number in range(15):
            (tree.root / f"{number}.py").unlink()
        corpus.refresh(tree.root)
        assert corpus.bytes_on_disk < before / 2
        assert answers(corpus) == right_answers(tree)

    def test_that_nobody_refers_to_are_dropped(self, tmp_path: Path) -> None:
        tree, corpus = Tree(tmp_path / "root"), Corpus.open(tmp_path / "index")
        tree.put("a.py", b"eval")
        corpus.refresh(tree.root)
        (tree.root / "a.py").unlink()
        corpus.refresh(tree.root)
        assert segments(tmp_path) == []
        assert corpus.files == ()


def test_the_size_told_is_that_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, corpus = grown(tmp_path, monkeypatch, 5)
    on_disk = sum(path.stat().st_size for path in (tmp_path / "index").iterdir())
    assert corpus.bytes_on_disk == on_disk


class TestDamage:
    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"form": 1, "segments": 3}', b"\xff\xff", b'{"form": 99}'])
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
        check=False, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[3],
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
