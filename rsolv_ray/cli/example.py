"""What are the examples, where is the weakness in them, and did a rule find it?

They lie in `examples/` at the top of the source tree: for each a folder, a patch that mends one place, and a TOML file
that says what is where. An example becomes a git repository with two commits: in the first every place of the
weakness is there, the second mends one of them. Author, dates and messages are fixed, so that the commits bear the
same names wherever they are made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rsolv_ray.model.errors import Unavailable

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("shop", "tearoom")
_GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Tea Shop",
    "GIT_AUTHOR_EMAIL": "shop@example.org",
    "GIT_COMMITTER_NAME": "Tea Shop",
    "GIT_COMMITTER_EMAIL": "shop@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T09:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T09:00:00Z",
}


@dataclass(frozen=True)
class Place:
    """A line of the example. `line` counts from 1, `code` is part of it, `note` says what is there."""

    path: str
    line: int
    code: str
    note: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Expected:
    """Where the weakness is: the place that the fix mends, the others, those of them that get a patch, those `beyond`
    what a rule of this engine can see, and the safe ones that only look like it."""

    fixed: Place
    instances: tuple[Place, ...]
    patched: tuple[Place, ...]
    beyond: tuple[Place, ...]
    lookalikes: tuple[Place, ...]


@dataclass(frozen=True)
class Range:
    """A finding's lines in a file, both ends included."""

    path: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.path}:{self.first}"

    def covers(self, place: Place) -> bool:
        return self.path == place.path and self.first <= place.line <= self.last


@dataclass(frozen=True)
class Comparison:
    """What was found and patched against what is there. `elsewhere` are findings at no place that is known."""

    found: tuple[Place, ...]
    missed: tuple[Place, ...]
    spared: tuple[Place, ...]
    wrongly_flagged: tuple[Place, ...]
    elsewhere: tuple[Range, ...]
    patched: tuple[Place, ...]
    not_patched: tuple[Place, ...]

    @property
    def unexpected(self) -> str:
        """What is not as it should be; "" if all is. A patch that was not expected is welcome."""
        places = {
            "not found": self.missed,
            "wrongly flagged": self.wrongly_flagged,
            "flagged, but at no place that is known": self.elsewhere,
            "without a patch": self.not_patched,
        }
        return "; ".join(f"{what}: {', '.join(map(str, where))}" for what, where in places.items() if where)


@dataclass(frozen=True)
class BuiltExample:
    """An example as a git repository. `language` is a word for people."""

    name: str
    language: str
    root: Path
    before_commit: str
    fix_commit: str
    expected: Expected


def build(name: str, target: Path, examples: Path = EXAMPLES) -> BuiltExample:
    """Make the repository of an example in `target`, a folder that does not exist yet.

    Raises:
        Unavailable: the example files are not installed, or git is missing or failed.
    """
    told = _told(name, examples)
    expected = _expected(told)
    shutil.copytree(examples / name, target, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    _git(target, "init", "--quiet", "--initial-branch=main")
    before = _commit(target, told["opened"])
    _git(target, "apply", "--index", str(examples / f"{name}.patch"))
    fix = _commit(target, told["mended"])
    return BuiltExample(name, told["language"], target, before, fix, expected)


def expectations(name: str, examples: Path = EXAMPLES) -> Expected:
    """What the TOML file of an example says of it.

    Raises:
        Unavailable: the example files are not there.
    """
    return _expected(_told(name, examples))


def compare(found: Iterable[Range], expected: Expected, patched: Iterable[Range] = ()) -> Comparison:
    """Findings, and those of them with a patch, against expectations. The place that is fixed counts among those that
    have to be spared."""
    ranges, mended = tuple(found), tuple(patched)
    safe = (expected.fixed, *expected.lookalikes)
    weak = (*expected.instances, *expected.beyond)
    return Comparison(
        found=tuple(place for place in weak if _covered(place, ranges)),
        missed=tuple(place for place in expected.instances if not _covered(place, ranges)),
        spared=tuple(place for place in safe if not _covered(place, ranges)),
        wrongly_flagged=tuple(place for place in safe if _covered(place, ranges)),
        elsewhere=tuple(one for one in ranges if not any(one.covers(place) for place in (*weak, *safe))),
        patched=tuple(place for place in weak if _covered(place, mended)),
        not_patched=tuple(place for place in expected.patched if not _covered(place, mended)),
    )


def _covered(place: Place, ranges: Iterable[Range]) -> bool:
    return any(one.covers(place) for one in ranges)


def _told(name: str, examples: Path) -> dict[str, Any]:
    file = examples / f"{name}.toml"
    if not file.is_file():
        raise Unavailable(
            f"the example files are not in {examples}: they come with the source tree, not with an installed package; "
            "clone the repository and run ./scripts/demo there"
        )
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _expected(told: dict[str, Any]) -> Expected:
    return Expected(
        fixed=_place(told["fixed"], "what"),
        instances=tuple(_place(one, "spelling") for one in told["instances"]),
        patched=tuple(_place(one, "spelling") for one in told["instances"] if one.get("patched")),
        beyond=tuple(_place(one, "why") for one in told["beyond"]),
        lookalikes=tuple(_place(one, "what") for one in told["lookalikes"]),
    )


def _place(fields: dict[str, Any], note: str) -> Place:
    return Place(fields["path"], fields["line"], fields["code"], fields[note])


def _commit(root: Path, message: str) -> str:
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--no-gpg-sign", "--message", message)
    return _git(root, "rev-parse", "HEAD").strip()


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            env={**os.environ, **_GIT_ENVIRONMENT},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    except FileNotFoundError as error:
        raise Unavailable("git is not installed, or not on the PATH") from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"git {arguments[0]} failed: {error.stderr.strip()}") from error
    return done.stdout
