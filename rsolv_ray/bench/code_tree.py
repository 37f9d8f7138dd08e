"""Which code is measured on? The standard library and the installed packages, or folders that are named.

Copies of it, in a folder of their own that every tool sees whole: no file is hidden from Semgrep's command by an ignore
file, none of ours is passed over for lying in `site-packages`. Which files are taken, where not all are, is drawn by a
digest of their paths: the same ones each time, and of all sorts.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rsolv_ray.model.errors import Rejected
from rsolv_ray.repos.targets import targets
from rsolv_ray.scanning.clean import clean_folders
from rsolv_ray.settings import INSTALLED

LANGUAGE = "python"
IGNORE_FILE = ".semgrepignore"
"""Empty at the root, it takes the place of the command's own list, which passes over `tests` and `build`."""


@dataclass(frozen=True, slots=True)
class CodeTree:
    """A folder of code. `files` maps each path from `root`, with `/`, to its language; `size` counts bytes."""

    root: Path
    files: dict[str, str]
    lines: int
    size: int

    def told(self) -> dict[str, int]:
        return {"lines": self.lines, "files": len(self.files), "bytes": self.size}


def installed() -> tuple[Path, ...]:
    """Where the standard library and the packages of this interpreter lie."""
    return tuple(folder.root for folder in clean_folders((INSTALLED,)))


def plant(
    roots: Sequence[Path],
    into: Path,
    *,
    lines: int | None = None,
    files: int | None = None,
) -> CodeTree:
    """Copy Python code from `roots` into the new folder `into`: until there are so many lines, or files, or all.

    Raises:
        Rejected: there is no such code.
    """
    into.mkdir(parents=True)
    (into / IGNORE_FILE).touch()
    taken: dict[str, str] = {}
    counted = size = 0
    for source, path in _drawn(roots):
        if (lines is not None and counted >= lines) or (files is not None and len(taken) >= files):
            break
        content = source.read_bytes()
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, into / path)
        taken[path] = LANGUAGE
        counted += content.count(b"\n") + (not content.endswith(b"\n"))
        size += len(content)
    if not taken:
        raise Rejected(f"no Python code in {', '.join(map(str, roots))}")
    return CodeTree(into, taken, counted, size)


def _drawn(roots: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Files with their paths in the copy, in the order of a digest."""
    found = [
        (root / path, f"{number}/{path}") for number, root in enumerate(roots) for path in targets(root, {LANGUAGE})
    ]
    return iter(sorted(found, key=lambda one: blake2b(one[1].encode(), digest_size=8).digest()))
