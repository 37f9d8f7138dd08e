"""Does the token index name every file that may meet a requirement, and no other?"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
import time
from mmap import mmap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.languages import LANGUAGES, language_of
from rsolv_ray.model.requirement import EVERY_FILE, NO_FILE, AllOf, AnyOf, Part, Requirement, Word
from rsolv_ray.repos import reading, segments
from rsolv_ray.repos import targets as listing
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.index_folder import FilePart, IndexFolder
from rsolv_ray.repos.targets import LARGEST_FILE, targets
from rsolv_ray.repos.words import LONGEST_WORD
from tests.unit.repos.conftest import Tree

pytestmark = pytest.mark.usefixtures("without_git")

SOME_WORDS = ["eval", "Eval", "EVAL", "a", "ab", "_", "x1", "run", "rerun", "shell", "\u00e9t\u00e9", "-", "9", "$x"]
TEXTS = st.text("aAbBeEvVlLrRuUnN_19", min_size=1, max_size=4)
LEAVES = st.builds(Word, text=TEXTS, ignore_case=st.booleans()) | st.builds(Part, text=TEXTS, ignore_case=st.booleans())
REQUIREMENTS = st.recursive(
    LEAVES | st.sampled_from([EVERY_FILE, NO_FILE]),
    lambda inner: (
        st.builds(AllOf, of=st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, of=st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=8,
)
CODE = st.lists(st.sampled_from(SOME_WORDS) | TEXTS, min_size=1, max_size=12).map(" ".join).map(str.encode) | st.binary(
    min_size=1, max_size=40
)
NAMES = st.sampled_from(["a.py", "b.py", "c.js", "d/e.py", "d/f.go", "d/g/h.ts", "Dockerfile"])
EVERYTHING = sorted(LANGUAGES)


def paths(corpus: Corpus, requirement: Requirement = EVERY_FILE) -> list[str]:
    return [file.path for file in corpus.that_meet(requirement, EVERYTHING)]


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus.open(tmp_path / "index")


@seed(4)
@settings(max_examples=150, deadline=None)
@given(files=st.dictionaries(NAMES, CODE, max_size=6), wanted=st.lists(REQUIREMENTS, min_size=1, max_size=12))
def test_the_files_named_are_those_whose_words_meet_the_requirement(
    files: dict[str, bytes], wanted: list[Requirement]
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        tree = Tree(Path(scratch) / "root")
        for path, code in files.items():
            tree.put(path, code)
        corpus = Corpus.open(Path(scratch) / "index")
        corpus.refresh(tree.root)
        assert [paths(corpus, one) for one in wanted] == [tree.that_meet(one) for one in wanted]


LONG_TEXTS = st.integers(1, LONGEST_WORD + 3).map(lambda size: "ab" * (size // 2) + "c" * (size % 2))


@seed(4)
@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(LONG_TEXTS, min_size=1, max_size=4),
    wanted=st.builds(Word, text=LONG_TEXTS, ignore_case=st.booleans())
    | st.builds(Part, text=LONG_TEXTS, ignore_case=st.booleans()),
)
def test_a_file_with_words_too_long_to_be_kept_is_never_left_out(words: list[str], wanted: Requirement) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        tree = Tree(Path(scratch) / "root")
        tree.put("a.py", " ".join(words).encode())
        corpus = Corpus.open(Path(scratch) / "index")
        corpus.refresh(tree.root)
        assert set(paths(corpus, wanted)) >= set(tree.that_meet(wanted))


def test_a_file_with_a_long_word_is_named_in_vain_only_where_that_word_could_answer(tree: Tree, corpus: Corpus) -> None:
    tree.put("a.py", b"x" * (LONGEST_WORD + 1))
    tree.put("b.py", b"x" * LONGEST_WORD)
    corpus.refresh(tree.root)
    assert paths(corpus, Part(text="unheard")) == ["a.py"]
    assert paths(corpus, Part(text="un")) == ["a.py"]
    assert paths(corpus, Word(text="unheard")) == []
    assert paths(corpus, Word(text="x" * LONGEST_WORD)) == ["b.py"]
    assert paths(corpus, Word(text="y" * (LONGEST_WORD + 1))) == ["a.py"]


def test_words_in_many_lists_are_looked_up_in_portions(
    tree: Tree, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        tree.put(f"{number:02}.py", f"word{number} other{number} {'common' if number < 20 else ''}".encode())
    tree.put("none.py", b"x")
    corpus.refresh(tree.root)
    monkeypatch.setattr(segments, "_AT_ONCE", 3)
    for wanted in (Part(text="word"), Part(text="word1"), Part(text="o"), AnyOf(of=(Part(text="mm"), Part(text="39")))):
        assert paths(corpus, wanted) == tree.that_meet(wanted)


def test_a_file_is_told_with_its_language_lines_and_size(tree: Tree, corpus: Corpus) -> None:
    tree.put("d/a.py", b"one\ntwo\nthree")
    tree.put("b.go", b"one\n")
    corpus.refresh(tree.root)
    told = [(file.path, file.language, file.lines, file.size) for file in corpus.files]
    assert told == [("b.go", "go", 1, 4), ("d/a.py", "python", 3, 13)]
    assert (corpus.lines, corpus.source_bytes) == (4, 17)


def test_files_of_one_content_have_one_key_and_others_have_another(tree: Tree, corpus: Corpus) -> None:
    for path, code in (("a.py", b"same"), ("b.py", b"same"), ("c.py", b"other")):
        tree.put(path, code)
    corpus.refresh(tree.root)
    first, second, third = (file.key for file in corpus.files)
    assert first == second != third
    assert len(first) == 32


def test_only_files_of_the_languages_asked_for_are_named(tree: Tree, corpus: Corpus) -> None:
    for path in ("a.py", "b.js", "c.ts"):
        tree.put(path, b"eval(1)")
    corpus.refresh(tree.root)
    assert [file.path for file in corpus.that_meet(Word(text="eval"), ["py", "ts", "klingon"])] == ["a.py", "c.ts"]
    assert corpus.that_meet(EVERY_FILE, []) == ()


def test_an_index_of_nothing_names_nothing(tree: Tree, corpus: Corpus) -> None:
    corpus.refresh(tree.root)
    assert (paths(corpus), corpus.files, corpus.lines) == ([], (), 0)


def test_a_folder_that_is_not_there_is_refused_and_the_index_stays(tree: Tree, corpus: Corpus) -> None:
    tree.put("a.py", b"eval(1)")
    corpus.refresh(tree.root)
    with pytest.raises(NotFound, match="no folder"):
        corpus.refresh(tree.root / "missing")
    assert paths(corpus) == ["a.py"]


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
