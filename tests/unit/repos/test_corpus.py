"""Does the token index name every file that may meet a requirement, and no other?"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rsolv_ray.model.languages import LANGUAGES
from rsolv_ray.model.requirement import EVERY_FILE, NO_FILE, AllOf, AnyOf, Part, Requirement, Word, meets
from rsolv_ray.repos.corpus import Corpus, IndexedFile
from rsolv_ray.repos.targets import targets
from rsolv_ray.repos.words import LONGEST_WORD

SOME_WORDS = st.sampled_from(
    ["eval", "Eval", "EVAL", "a", "ab", "_", "x1", "run", "rerun", "shell", "\u00e9t\u00e9", "-", "9"]
)
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
CODE = (st.lists(SOME_WORDS | TEXTS, min_size=1, max_size=12).map(" ".join)).map(str.encode) | st.binary(
    min_size=1, max_size=40
)
NAMES = st.sampled_from(["a.py", "b.py", "c.js", "d/e.py", "d/f.go", "d/g/h.ts", "Dockerfile"])


def words_in(data: bytes) -> set[str]:
    return {word.decode() for word in re.findall(rb"[A-Za-z0-9_]+", data)}


def put(root: Path, path: str, code: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(code)


def expected(root: Path, requirement: Requirement, languages: list[str]) -> list[str]:
    return [path for path in targets(root, languages) if meets(words_in((root / path).read_bytes()), requirement)]


def paths(files: object) -> list[str]:
    assert isinstance(files, tuple)
    return [file.path for file in files if isinstance(file, IndexedFile)]


@seed(4)
@settings(max_examples=200, deadline=None)
@given(files=st.dictionaries(NAMES, CODE, max_size=6), wanted=st.lists(REQUIREMENTS, min_size=1, max_size=8))
def test_the_files_named_are_those_whose_words_meet_the_requirement(
    files: dict[str, bytes], wanted: list[Requirement]
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "root"
        root.mkdir()
        for path, code in files.items():
            put(root, path, code)
        corpus = Corpus.open(Path(scratch) / "index")
        corpus.refresh(root)
        for requirement in wanted:
            for languages in (["python"], ["js", "typescript"], sorted(LANGUAGES)):
                assert paths(corpus.that_meet(requirement, languages)) == expected(root, requirement, languages)
