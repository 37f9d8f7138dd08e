"""Do patches bring about what is said of them: other contents of their files, and nothing else?

They may come from elsewhere. So their form is looked at before git reads them, and what git makes of them before it counts.
Source: git-diff-tree(1) "Raw output format", git-apply(1) `--numstat` and `--summary`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rsolv_ray.model.errors import Rejected
from rsolv_ray.repos.diff_form import refusal
from rsolv_ray.repos.local_git import LocalGit

_PLAIN_MODES = {b"100644", b"100755"}


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of the file at `path`, which lies in the folder that the patch is made for. `diff` is a unified diff.

    It may come from elsewhere: what takes it looks whether it changes that file's contents and nothing else.
    """

    name: str
    path: str
    diff: str


def check_form(patches: Sequence[Patch]) -> None:
    """See that each patch is of the form that changes the contents of its file alone.

    Raises:
        Rejected: one is not.
    """
    for patch in patches:
        if reason := refusal(patch.path, patch.diff):
            raise Rejected(
                f"{patch.name} is said to change {ascii(patch.path)[1:-1]}, but its diff {reason}: nothing is changed"
            )


def check_tree(git: LocalGit, trees: tuple[str, str], prefix: str, patches: Sequence[Patch]) -> None:
    """See that between two trees the contents of the patches' files are changed, and nothing else.

    `prefix` is where their folder lies in the repository.

    Raises:
        Rejected: it is not so.
    """
    fields = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", *trees).split(b"\0")[:-1]
    changes = {path: head.removeprefix(b":").split() for head, path in zip(fields[::2], fields[1::2], strict=True)}
    is_plain = all(old == new and old in _PLAIN_MODES and status == b"M" for old, new, _, _, status in changes.values())
    if not is_plain or changes.keys() != _places(prefix, patches):
        raise _more_than_told(patches)


def check_files(git: LocalGit, folder: Path, prefix: str, diff: str, patches: Sequence[Patch]) -> None:
    """See that a diff would change the contents of the patches' files in a folder, and nothing else; as `check_tree`."""
    counts = git.run("apply", *inside(prefix), "--numstat", "-z", "-", given=diff.encode()).split(b"\0")[:-1]
    changed = {path for _, _, path in (one.split(b"\t", 2) for one in counts)}
    others = git.run("apply", *inside(prefix), "--summary", "-", given=diff.encode())
    is_plain = all((folder / one.path).is_file() and not (folder / one.path).is_symlink() for one in patches)
    if others or not is_plain or changed != _places(prefix, patches):
        raise _more_than_told(patches)


def _places(prefix: str, patches: Sequence[Patch]) -> set[bytes]:
    """The patches' files as seen from the top of the repository, as git names them."""
    return {os.fsencode(prefix) + one.path.encode() for one in patches}


def _more_than_told(patches: Sequence[Patch]) -> Rejected:
    names = ", ".join(one.name for one in patches)
    return Rejected(
        f"{names}: this would change more than the contents of the files that were told: nothing is changed"
    )


def inside(prefix: str) -> list[str]:
    """The option that lets `git apply`, which takes paths as seen from the top, take them as seen from a folder."""
    return [f"--directory={prefix}"] if prefix else []
