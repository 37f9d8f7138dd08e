"""What is the example, where is the weakness in it, and did a rule find it?

The files lie in `examples/` at the top of the source tree. They become a git repository with two commits: in the first
every statement of the weakness is there, the second mends one of them. Author, dates and messages are fixed, so that
the commits bear the same names wherever they are made.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rsolv_ray.model.errors import Unavailable

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CWE = "CWE-89"
FIX_TITLE = "Pass the customer's id as a parameter"
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
    """Where the weakness is: the place that the fix mends, the others, those `beyond` what a rule of this engine can
    see, and the safe ones that only look like it."""

    fixed: Place
    instances: tuple[Place, ...]
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
    """What was found against what is there. `elsewhere` are findings at no place that is known."""

    found: tuple[Place, ...]
    missed: tuple[Place, ...]
    spared: tuple[Place, ...]
    wrongly_flagged: tuple[Place, ...]
    elsewhere: tuple[Range, ...]

    @property
    def as_expected(self) -> bool:
        return not (self.missed or self.wrongly_flagged or self.elsewhere)


@dataclass(frozen=True)
class BuiltExample:
    """The example as a git repository; `path` is the file that the fix changes."""

    root: Path
    before_commit: str
    fix_commit: str
    path: str
    expected: Expected


def build_shop(target: Path, examples: Path = EXAMPLES) -> BuiltExample:
    """Make the example repository in `target`, a folder that does not exist yet.

    Raises:
        Unavailable: the example files are not installed, or git is missing or failed.
    """
    expected = expectations(examples)
    shutil.copytree(examples / "shop", target, ignore=shutil.ignore_patterns("__pycache__"))
    _git(target, "init", "--quiet", "--initial-branch=main")
    before = _commit(target, "Open the shop")
    _git(target, "apply", "--index", str(examples / "shop-fix.patch"))
    fix = _commit(target, f"{FIX_TITLE}\n\nThe id went into the statement as text ({CWE}).")
    return BuiltExample(target, before, fix, expected.fixed.path, expected)


def expectations(examples: Path = EXAMPLES) -> Expected:
    """What `EXPECTED.toml` says of the example.

    Raises:
        Unavailable: the example files are not there.
    """
    file = examples / "EXPECTED.toml"
    if not file.is_file():
        raise Unavailable(
            f"the example files are not in {examples}: they come with the source tree, not with an installed package; "
            "clone the repository and run ./scripts/demo there"
        )
    known = tomllib.loads(file.read_text(encoding="utf-8"))
    return Expected(
        fixed=_place(known["fixed"], "what"),
        instances=tuple(_place(one, "spelling") for one in known["instances"]),
        beyond=tuple(_place(one, "why") for one in known["beyond"]),
        lookalikes=tuple(_place(one, "what") for one in known["lookalikes"]),
    )


def compare(found: Iterable[Range], expected: Expected) -> Comparison:
    """Findings against expectations. The place that is fixed counts among those that have to be spared."""
    ranges = tuple(found)
    safe = (expected.fixed, *expected.lookalikes)
    known = (*expected.instances, *expected.beyond, *safe)

    def flagged(place: Place) -> bool:
        return any(one.covers(place) for one in ranges)

    return Comparison(
        found=tuple(place for place in (*expected.instances, *expected.beyond) if flagged(place)),
        missed=tuple(place for place in expected.instances if not flagged(place)),
        spared=tuple(place for place in safe if not flagged(place)),
        wrongly_flagged=tuple(place for place in safe if flagged(place)),
        elsewhere=tuple(one for one in ranges if not any(one.covers(place) for place in known)),
    )


def _place(fields: dict[str, object], note: str) -> Place:
    return Place(str(fields["path"]), int(str(fields["line"])), str(fields["code"]), str(fields[note]))


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
