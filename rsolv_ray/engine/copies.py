"""Under what names does the command-line tool get the files?

It knows languages by file names, reads a rule's `paths` from the top of a work tree, and passes over some folders. So it
gets copies, each under the target's own path in a folder that looks like a work tree, and each by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from rsolv_ray.engine.job import extension
from rsolv_ray.engine.match import Target
from rsolv_ray.model.languages import language_of

_LONGEST_NAME = 200
# Semgrep knows no language by these names; here they are TypeScript's.
_UNKNOWN_THERE = frozenset({".mts", ".cts"})


def write_copies(folder: Path, targets: Mapping[int, tuple[Target, bytes]]) -> dict[str, int]:
    """The paths of the copies, from `folder`, in which each was written -> the indexes of their targets."""
    paths: dict[str, int] = {}
    for index, (target, data) in targets.items():
        tree = PurePosixPath("copies", str(index))
        path = tree / _name(target)
        (folder / tree / ".git").mkdir(parents=True)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
        paths[str(path)] = index
    return paths


def _name(target: Target) -> str:
    """The target's path where it is one that can be taken as it is, and ends as files of its language do."""
    usual = extension(target.language)
    shown = re.sub(r"[\x00-\x1f\x7f]", "_", target.path.encode("utf-8", "replace").decode())
    parts = [part for part in PurePosixPath(shown).parts if part not in {"/", "..", ".git"}]
    if not parts or any(len(part.encode()) > _LONGEST_NAME for part in parts):
        return f"text{usual}"
    path = PurePosixPath(*parts)
    known = language_of(str(path)) or "generic"
    is_told = known == target.language and path.suffix.lower() not in _UNKNOWN_THERE
    return str(path) if is_told else f"{path}{usual}"
