"""What do tests of the token index share?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsolv_ray.model.languages import LANGUAGES
from rsolv_ray.model.requirement import Requirement, meets
from rsolv_ray.repos.targets import targets


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


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "root")


@pytest.fixture(scope="module")
def without_git() -> Iterator[None]:
    """Folders are walked: no process is started for each listing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield
