"""What do tests of the token index share?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsolv_ray.model.languages import LANGUAGES
from rsolv_ray.model.requirement import EVERY_FILE, AllOf, Part, Requirement, Word, meets
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.repos.targets import targets

EVERYTHING = sorted(LANGUAGES)
QUESTIONS: tuple[Requirement, ...] = (
    EVERY_FILE, Word(text="eval"), Word(text="EVAL", ignore_case=True), Part(text="run"), Part(text="X", ignore_case=True),
    AllOf(of=(Word(text="eval"), Part(text="1"))),
)  # fmt: skip


class Tree:
    """A folder of source, and what the index has to say of it: found by reading all of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def put(self, path: str, code: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(code)

    def words(self) -> dict[str, set[str]]:
        return {
            path: {word.decode() for word in re.findall(rb"[A-Za-z0-9_]+", (self.root / path).read_bytes())}
            for path in targets(self.root, LANGUAGES)
        }

    def that_meet(self, requirement: Requirement) -> list[str]:
        return [path for path, words in self.words().items() if meets(words, requirement)]


def paths(corpus: Corpus, requirement: Requirement = EVERY_FILE) -> list[str]:
    return [file.path for file in corpus.that_meet(requirement, EVERYTHING)]


def answers(corpus: Corpus) -> list[list[str]]:
    return [[file.path for file in corpus.that_meet(question, sorted(LANGUAGES))] for question in QUESTIONS]


def right_answers(tree: Tree) -> list[list[str]]:
    return [tree.that_meet(question) for question in QUESTIONS]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "root")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus.open(tmp_path / "index")


@pytest.fixture(scope="module")
def without_git() -> Iterator[None]:
    """Folders are walked: no process is started for each listing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield
