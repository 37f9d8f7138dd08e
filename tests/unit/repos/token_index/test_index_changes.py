"""Is the index right after any edits, and does it stay small?"""

from __future__ import annotations

import os
import shutil
import tempfile
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

from rsolv_ray.repos import corpus as corpora
from rsolv_ray.repos import reading
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.token_index.compaction import MOST_SEGMENTS
from rsolv_ray.repos.token_index.index_folder import IndexFolder
from tests.unit.repos.token_index.conftest import Tree, answers, right_answers

pytestmark = pytest.mark.usefixtures("without_git")

NAMES = st.sampled_from(["a.py", "b.py", "c.js", "d/e.py", "d/f.go", "Dockerfile", "d/g.ts"])
CODE = st.lists(st.sampled_from(["eval", "Eval", "run", "rerun", "x", "y1", "-"]), min_size=1, max_size=4).map(
    lambda words: " ".join(words).encode()
)


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
