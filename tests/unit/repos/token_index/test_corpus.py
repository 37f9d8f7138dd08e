"""Does the token index name every file that may meet a requirement, and no other?"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.requirement import EVERY_FILE, NO_FILE, AllOf, AnyOf, Part, Requirement, Word
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.token_index import segments
from rsolv_ray.repos.token_index.words import LONGEST_WORD
from tests.unit.repos.token_index.conftest import Tree, paths

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
