"""Which files of a repository are looked at?

Those that git knows or would add, where it is a work tree, else all; of these the plain text files in the languages asked
for. Passed over: symbolic links, what others wrote (`node_modules`, `vendor`, virtual environments), files over 1 MB,
binary and minified ones.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from stat import S_ISREG
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.languages import canonical_language, language_of
from rsolv_ray.repos.reading import read
from rsolv_ray.tools import run_limited

LARGEST_FILE = 1_000_000
_NOT_OURS = frozenset({
    ".git", ".hg", ".svn", "node_modules", "bower_components", "vendor", "vendors", "third_party", "third-party",
    ".venv", "venv", ".tox", ".nox", "site-packages", "__pycache__", ".eggs",
})  # fmt: skip
# A work tree's own configuration may name programs to run, at once or for fetching what is missing: all are switched
# off, and so a work tree of another owner can be read, too.
_SAFE = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", "safe.directory=*")
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1",
}  # fmt: skip
_MINIFIED_NAMES = (".min.js", "-min.js", ".bundle.js", ".min.mjs")
_MINIFIABLE = frozenset({"javascript", "typescript", "html", "php"})
_MINIFIED_LINE = 500
_HEAD = 64 * 1024
LISTING_S = 15.0
"""So long may git take to list a repository: its own configuration may name a pipe that nobody writes to."""


class Listed(NamedTuple):
    """A regular file in a known language, of 1 to `LARGEST_FILE` bytes, whose contents nobody has looked at yet."""

    path: str
    language: str
    status: os.stat_result


def targets(root: Path, languages: Collection[str]) -> tuple[str, ...]:
    """Paths of the files to scan, relative to `root`, with `/`, in order. Names that are no UTF-8 are passed over."""
    wanted = {canonical_language(language) for language in languages} - {None}
    return tuple(one.path for one in listed(root) if one.language in wanted and _is_code_at(root, one))


def listed(root: Path) -> list[Listed]:
    """The files whose names and sizes say that they are worth a look at what is in them, by path."""
    is_plain = _plainness(root)
    # A folder that a work tree around it ignores has nothing to list, and yet was registered to be looked at.
    paths = _listed_by_git(root) or _walked(root)
    top = os.fspath(root)
    found: list[Listed] = []
    for path in sorted(set(paths)):
        language = language_of(path)
        if (
            language is None
            or path.endswith(_MINIFIED_NAMES)
            or not _is_utf8(path)
            or not is_plain(path.rpartition("/")[0])
        ):
            continue
        status = _status(f"{top}/{path}")
        if status is not None and S_ISREG(status.st_mode) and 0 < status.st_size <= LARGEST_FILE:
            found.append(Listed(path, language, status))
    return found


def is_code(language: str, data: bytes) -> bool:
    """Is this, by its first 64 KiB, text that somebody wrote: not binary, and not minified?"""
    head = data[:_HEAD]
    is_minified = language in _MINIFIABLE and len(head) > _MINIFIED_LINE * (head.count(b"\n") + 1)
    return b"\0" not in head and not is_minified


def _listed_by_git(root: Path) -> list[str]:
    """What `git ls-files` tells: nothing where there is no work tree that git accepts."""
    git = shutil.which("git")
    if git is None or not _is_in_work_tree(root):
        return []
    settings = [part for setting in _SAFE for part in ("-c", setting)]
    what = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    with TemporaryDirectory(prefix="rsolv-repos-") as scratch:
        try:
            ended = run_limited(
                [git, *settings, *what],
                output=Path(scratch) / "answer",
                cwd=root,
                env={"PATH": os.defpath, "HOME": scratch, **_ENVIRONMENT},
                wall_s=LISTING_S,
                cpu_s=None,
                address_space_mb=4096,
            )
        except ToolFailed:
            return []
    return [] if ended.code != 0 else [os.fsdecode(name) for name in ended.output.split(b"\0") if name]


def _is_in_work_tree(root: Path) -> bool:
    """Might git accept this folder? Looking costs less than git's start, which most folders without one would pay."""
    place = root.resolve()
    return any((folder / ".git").exists() for folder in (place, *place.parents))


def _walked(root: Path) -> Iterator[str]:
    """All that is no folder below `root`; folders that cannot be read, and links to folders, are not entered."""
    top = os.fspath(root)
    unseen = [""]
    while unseen:
        prefix = unseen.pop()
        try:
            with os.scandir(f"{top}/{prefix}") as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        yield prefix + entry.name
                    elif entry.name not in _NOT_OURS:
                        unseen.append(f"{prefix}{entry.name}/")
        except OSError:
            continue


def _plainness(root: Path) -> Callable[[str], bool]:
    """Tells whether all parts of a folder are real folders of our own code, and none is a link to elsewhere."""
    top = os.fspath(root)
    is_link = cache(lambda folder: os.path.islink(f"{top}/{folder}"))  # noqa: PTH114 - ten times as quick as a Path

    @cache
    def is_plain(folder: str) -> bool:
        parts = folder.split("/") if folder else []
        if not _NOT_OURS.isdisjoint(parts) or ".." in parts:
            return False
        return not any(is_link("/".join(parts[:depth])) for depth in range(1, len(parts) + 1))

    return is_plain


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None


def _is_code_at(root: Path, one: Listed) -> bool:
    content = read(f"{os.fspath(root)}/{one.path}", LARGEST_FILE)
    return content is not None and len(content.data) > 0 and is_code(one.language, content.data)


def _is_utf8(path: str) -> bool:
    try:
        return path.isascii() or bool(path.encode())
    except UnicodeEncodeError:
        return False
