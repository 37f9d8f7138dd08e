"""Where does a command get a fix from? From two files, or from a commit of a git repository.

Of a commit, the files count that it modified (or moved and modified) and whose language is known by their name;
'before' is the file in the commit's first parent.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from rsolv_ray.cli.exits import Usage
from rsolv_ray.model.errors import NotFound, Rejected, TooLarge, Unavailable
from rsolv_ray.model.fix import FileChange, Fix, Origin, OriginKind, canonical_cwe
from rsolv_ray.model.languages import language_of

MAX_FILE_BYTES = 4 * 2**20
GIT_TIMEOUT_S = 60.0
_MENTIONED_CWE = re.compile(r"\bCWE-[1-9][0-9]{0,4}\b", re.IGNORECASE)
_QUIET_GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.allow=never")


@dataclass(frozen=True)
class FixSource:
    """What the options of a command say about where the fix is."""

    before: Path | None
    after: Path | None
    commit: str | None
    repository: Path
    cwe: tuple[str, ...]

    def read(self) -> Fix:
        """The fix.

        Raises:
            Usage: the options name no fix, or two.
            Rejected: what they name is no fix; NotFound, TooLarge, Unavailable (no git) likewise.
        """
        files = self.before is not None or self.after is not None
        if files == (self.commit is not None):
            raise Usage("give either --before and --after, or --commit (with --repo)")
        if self.commit is not None:
            return fix_of_commit(self.repository, self.commit, cwe=self.cwe)
        if self.before is None or self.after is None:
            raise Usage("--before and --after go together")
        return fix_of_files(self.before, self.after, cwe=self.cwe)


def fix_of_files(before: Path, after: Path, *, cwe: Sequence[str] = ()) -> Fix:
    """The fix that turns one file into the other; the path and the language are those of `after`."""
    return _checked(
        {
            "changes": [{"path": after.name, "before": _read(before), "after": _read(after)}],
            "cwe": _weaknesses(cwe),
            "origin": Origin(kind=OriginKind.MANUAL),
        }
    )


def fix_of_commit(repository: Path, commit: str, *, cwe: Sequence[str] = ()) -> Fix:
    """The fix that a commit is. Without `cwe`, a weakness that the commit message names is taken.

    Raises:
        NotFound: no such commit. Rejected: it has no parent, or changes no file of a known language.
    """
    found = _git(
        repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}", check=False
    )
    if not found:
        raise NotFound(f"there is no commit {commit!r} in {repository}")
    name = found.decode().strip()
    parent = _git(repository, "rev-parse", "--verify", "--quiet", f"{name}^1", check=False).decode().strip()
    if not parent:
        raise Rejected(f"commit {name[:12]} has no parent, so that it has no 'before'")
    message = _git(repository, "log", "-1", "--format=%B", name).decode("utf-8", "replace")
    changes = [
        {"path": new, "before": _blob(repository, parent, old), "after": _blob(repository, name, new)}
        for old, new in _modified(repository, parent, name)
        if language_of(new)
    ]
    if not changes:
        raise Rejected(f"commit {name[:12]} modifies no file of a language that is known")
    return _checked(
        {
            "changes": changes,
            "cwe": _weaknesses(cwe or _MENTIONED_CWE.findall(message)),
            "title": message.strip().partition("\n")[0][:500] or None,
            "origin": Origin(kind=OriginKind.COMMIT, repository=str(repository.resolve()), commit=name),
        }
    )


def in_words(error: ValidationError) -> str:
    """What is wrong with a value, in a line and without the value itself."""
    return "; ".join(
        ": ".join(filter(None, (".".join(str(part) for part in one["loc"]), one["msg"].removeprefix("Value error, "))))
        for one in error.errors(include_input=False, include_url=False)
    )


def _modified(repository: Path, parent: str, commit: str) -> list[tuple[str, str]]:
    """(old path, new path) of each file that is there on both sides and differs."""
    fields = _git(repository, "diff-tree", "-r", "-z", "-M", "--name-status", parent, commit).decode(
        "utf-8", "surrogateescape"
    )
    parts = iter(fields.split("\0"))
    pairs: list[tuple[str, str]] = []
    for status in parts:
        if status.startswith(("R", "C")):
            pairs.append((next(parts), next(parts)))
        elif status:
            path = next(parts)
            if status == "M":
                pairs.append((path, path))
    return pairs


def _blob(repository: Path, commit: str, path: str) -> str:
    size = int(_git(repository, "cat-file", "-s", f"{commit}:{path}"))
    if size > MAX_FILE_BYTES:
        raise TooLarge(f"{path} is larger than {MAX_FILE_BYTES} bytes")
    return _text(_git(repository, "cat-file", "blob", f"{commit}:{path}"), path)


def _read(file: Path) -> str:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise TooLarge(f"{file} is larger than {MAX_FILE_BYTES} bytes")
    return _text(file.read_bytes(), str(file))


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(f"{name} is no UTF-8 text") from error


def _weaknesses(names: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(canonical_cwe(name) for name in names))
    except ValueError as error:
        raise Rejected(str(error)) from error


def _checked(fields: dict[str, object]) -> Fix:
    try:
        changes = [FileChange.model_validate(change) for change in fields["changes"]]  # pyright: ignore[reportGeneralTypeIssues]
        return Fix.model_validate({**fields, "changes": changes})
    except ValidationError as error:
        raise Rejected(in_words(error)) from error


def _git(repository: Path, *arguments: str, check: bool = True) -> bytes:
    try:
        done = subprocess.run(
            [*_QUIET_GIT, "-C", str(repository), *arguments],
            capture_output=True,
            check=False,
            timeout=GIT_TIMEOUT_S,
        )
    except FileNotFoundError as error:
        raise Unavailable("git is not installed, or not on the PATH") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"git {arguments[0]} took longer than {GIT_TIMEOUT_S:.0f} s") from error
    if done.returncode and (check or b"not a git repository" in done.stderr):
        raise Rejected(f"git {arguments[0]}: {done.stderr.decode('utf-8', 'replace').strip()}")
    return b"" if done.returncode else done.stdout
