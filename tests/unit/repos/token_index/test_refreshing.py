"""Does a refresh bring the index to what the folder holds, and read no more for it than it has to?"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from mmap import mmap
from pathlib import Path

import pytest

from rsolv_ray.model.requirement import Word
from rsolv_ray.repos import reading
from rsolv_ray.repos import targets as listing
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.token_index.index_folder import FilePart, IndexFolder
from tests.unit.repos.token_index.conftest import Tree, paths

pytestmark = pytest.mark.usefixtures("without_git")


class TestARefresh:
    def test_tells_what_it_changed(self, tree: Tree, corpus: Corpus) -> None:
        for path in ("a.py", "b.py", "c.py"):
            tree.put(path, path.encode())
        corpus.refresh(tree.root)
        tree.put("b.py", b"changed\n\n")
        tree.put("d.py", b"new")
        (tree.root / "c.py").unlink()
        told = corpus.refresh(tree.root)
        assert (told.added, told.removed, told.unchanged, told.lines) == (2, 1, 1, 3)

    def test_indexes_nothing_anew_for_a_rename_or_a_copy(self, tree: Tree, corpus: Corpus) -> None:
        tree.put("a.py", b"eval(1)")
        corpus.refresh(tree.root)
        (tree.root / "a.py").rename(tree.root / "b.py")
        tree.put("c.py", b"eval(1)")
        told = corpus.refresh(tree.root)
        assert (told.added, told.removed, told.lines) == (2, 1, 0)
        assert paths(corpus, Word(text="eval")) == ["b.py", "c.py"]

    def test_does_not_read_files_that_had_settled(
        self, tree: Tree, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "SETTLED_NS", 1_000_000)
        tree.put("a.py", b"eval(1)")
        tree.put("binary.py", b"\0")
        time.sleep(0.02)
        told: list[tuple[int, int]] = []
        corpus.refresh(tree.root, progress=lambda *now: told.append(now))
        corpus.refresh(tree.root, progress=lambda *now: told.append(now))
        assert told == [(0, 2), (2, 2), (0, 0)]

    def test_reads_files_again_that_were_young(self, tree: Tree, corpus: Corpus) -> None:
        tree.put("a.py", b"eval(1)")
        corpus.refresh(tree.root)
        told: list[tuple[int, int]] = []
        corpus.refresh(tree.root, progress=lambda *now: told.append(now))
        assert told == [(0, 1), (1, 1)]

    def test_believes_no_stamps_of_another_folder(
        self, tree: Tree, tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "SETTLED_NS", 1_000_000)
        tree.put("a.py", b"eval(1)")
        other = Tree(tmp_path / "other")
        os.link(tree.root / "a.py", other.root / "a.py")
        time.sleep(0.02)
        corpus.refresh(tree.root)
        told: list[tuple[int, int]] = []
        corpus.refresh(other.root, progress=lambda *now: told.append(now))
        assert told == [(0, 1), (1, 1)]

    def test_looks_anew_at_files_that_count_as_of_another_language_now(
        self, tree: Tree, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "SETTLED_NS", 1_000_000)
        tree.put("a.h", b"eval(1)")
        time.sleep(0.02)
        corpus.refresh(tree.root)
        monkeypatch.setattr(listing, "language_of", lambda _path: "cpp")
        corpus.refresh(tree.root)
        assert [file.language for file in corpus.files] == ["cpp"]

    def test_writes_nothing_where_nothing_changed(
        self, tree: Tree, tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "SETTLED_NS", 1_000_000)
        tree.put("a.py", b"eval(1)")
        time.sleep(0.02)
        corpus.refresh(tree.root)
        before = sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "index").iterdir())
        corpus.refresh(tree.root)
        assert before == sorted((path.name, path.stat().st_mtime_ns) for path in (tmp_path / "index").iterdir())

    def test_is_seen_by_who_opens_the_index_later(self, tree: Tree, tmp_path: Path, corpus: Corpus) -> None:
        tree.put("a.py", b"eval(1)")
        corpus.refresh(tree.root)
        assert Corpus.open(tmp_path / "index").files == corpus.files

    def test_leaves_who_reads_undisturbed(self, tree: Tree, tmp_path: Path, corpus: Corpus) -> None:
        tree.put("a.py", b"eval(1)")
        corpus.refresh(tree.root)
        reader = Corpus.open(tmp_path / "index")
        tree.put("a.py", b"run(1)")
        corpus.refresh(tree.root)
        assert paths(reader, Word(text="eval")) == ["a.py"]
        assert paths(corpus, Word(text="eval")) == []

    def test_that_ends_while_the_index_is_opened_is_taken_in(
        self, tree: Tree, tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tree.put("a.py", b"eval(1)")
        corpus.refresh(tree.root)
        mapped = IndexFolder.mapped

        def overtaken(self: IndexFolder, part: FilePart) -> mmap:
            monkeypatch.setattr(IndexFolder, "mapped", mapped)
            tree.put("a.py", b"run(1)")
            corpus.refresh(tree.root)  # removes the file that is about to be mapped
            return mapped(self, part)

        monkeypatch.setattr(IndexFolder, "mapped", overtaken)
        opened = Corpus.open(tmp_path / "index")
        assert opened.damage is None
        assert paths(opened, Word(text="run")) == ["a.py"]

    def test_waits_for_another_one_and_sees_what_it_wrote(self, tree: Tree, tmp_path: Path) -> None:
        for number in range(30):
            tree.put(f"{number}.py", f"word{number}".encode())
        corpora = [Corpus.open(tmp_path / "index") for _ in range(6)]
        lines: list[int] = []
        threads = [
            threading.Thread(target=lambda one=one: lines.append(one.refresh(tree.root).lines)) for one in corpora
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(lines) == [0, 0, 0, 0, 0, 30]
        assert {tuple(paths(one, Word(text="word7"))) for one in corpora} == {("7.py",)}

    def test_follows_git_where_there_is_a_work_tree(
        self, tree: Tree, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", os.defpath)
        subprocess.run(["git", "init", "-q", "."], cwd=tree.root, check=True)
        tree.put(".gitignore", b"built/\n")
        tree.put("built/a.py", b"eval(1)")
        tree.put("b.py", b"eval(1)")
        corpus.refresh(tree.root)
        assert paths(corpus) == ["b.py"]
