"""Does the index take the files that are scanned, and no others, whatever lies in a folder?"""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from rsolv_ray.model.languages import language_of
from rsolv_ray.model.requirement import EVERY_FILE, Word
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.targets import LARGEST_FILE, targets
from tests.unit.repos.token_index.conftest import EVERYTHING, Tree, paths

pytestmark = pytest.mark.usefixtures("without_git")


class TestOddFiles:
    def test_the_index_has_the_files_that_are_scanned(self, tree: Tree, tmp_path: Path, corpus: Corpus) -> None:
        root = tree.root
        tree.put("plain.py", b"eval(1)")
        tree.put("latin.py", b"\xe9val = eval(1)")
        tree.put("binary.py", b"eval\0(1)")
        tree.put("bundle.js", b"f();" * 1_000)
        tree.put("bundle.min.js", b"f();")
        tree.put("empty.py", b"")
        tree.put("most.py", b"#" * LARGEST_FILE)
        tree.put("node_modules/a.js", b"f()")
        tree.put(os.fsdecode(b"\xff.py"), b"eval(1)")
        (root / "huge.py").touch()
        os.truncate(root / "huge.py", 50_000_000)
        (root / "loop").symlink_to(root)
        (root / "self.py").symlink_to(root / "self.py")
        (root / "link.py").symlink_to(root / "plain.py")
        os.mkfifo(root / "pipe.py")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(root / "s.py")) if len(str(root)) < 90 else None
            corpus.refresh(root)
        assert paths(corpus) == ["latin.py", "most.py", "plain.py"] == list(targets(root, EVERYTHING))
        assert paths(corpus, Word(text="val")) == ["latin.py"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_what_must_not_be_read_is_passed_over(self, tree: Tree, corpus: Corpus) -> None:
        tree.put("a.py", b"eval(1)")
        tree.put("closed/b.py", b"eval(1)")
        (tree.root / "closed").chmod(0)
        corpus.refresh(tree.root)
        (tree.root / "closed").chmod(0o700)
        assert paths(corpus) == ["a.py"]

    def test_a_file_that_takes_another_language_by_its_name_is_looked_at_anew(self, tree: Tree, corpus: Corpus) -> None:
        tree.put("a.py", b"f();" * 1_000)
        corpus.refresh(tree.root)
        (tree.root / "a.py").rename(tree.root / "a.js")
        corpus.refresh(tree.root)
        assert paths(corpus) == []

    def test_files_that_vanish_while_they_are_read_are_passed_over(self, tree: Tree, corpus: Corpus) -> None:
        for number in range(200):
            tree.put(f"{number:03}.py", f"word{number}".encode())

        def remove(done: int, _all: int) -> None:
            for number in range(done + 50, min(done + 60, 200)):
                (tree.root / f"{number:03}.py").unlink(missing_ok=True)

        corpus.refresh(tree.root, progress=remove)
        assert set(paths(corpus)) == set(targets(tree.root, EVERYTHING))

    def test_a_file_that_changes_while_others_are_read_is_what_was_read_and_is_read_again(
        self, tree: Tree, corpus: Corpus
    ) -> None:
        for number in range(100):
            tree.put(f"{number:03}.py", b"before")

        def change(_done: int, _all: int) -> None:
            tree.put("090.py", b"after")

        corpus.refresh(tree.root, progress=change)
        assert paths(corpus, Word(text="after")) == ["090.py"]
        tree.put("090.py", b"later")
        corpus.refresh(tree.root)
        assert paths(corpus, Word(text="later")) == ["090.py"]


@seed(4)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(code=st.binary(max_size=60))
def test_targets_and_the_index_agree_on_any_content(code: bytes) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        tree = Tree(Path(scratch) / "root")
        tree.put("a.py", code)
        tree.put("b.js", code * 20)
        corpus = Corpus.open(Path(scratch) / "index")
        corpus.refresh(tree.root)
        for languages in (["python"], ["javascript"], EVERYTHING):
            assert tuple(file.path for file in corpus.that_meet(EVERY_FILE, languages)) == targets(tree.root, languages)
        assert all(language_of(file.path) == file.language for file in corpus.files)
