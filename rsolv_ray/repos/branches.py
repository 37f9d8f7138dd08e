"""How do patches become one commit on a new branch, without a touch to what somebody is working on?

In an index of their own: the base is read into it, the patches are put on it one by one, it is written as a tree, the tree
becomes a commit, and the branch is made only if it is not there yet. Work tree, index and present branch stay as they are,
so that a dirty work tree or none at all (a bare repository) makes no difference. Nothing is run (no hooks) and nothing is pushed.
A patch is not believed: it must have the form of a change of its one file, and what comes of it is looked at, too.
Source: git's plumbing: git-read-tree(1), git-apply(1), git-merge-file(1), git-write-tree(1), git-commit-tree(1),
git-update-ref(1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rsolv_ray.model.errors import Conflict, NotFound, Rejected
from rsolv_ray.repos.local_git import LocalGit, complaint
from rsolv_ray.repos.told import Patch, check_files, check_form, check_tree, inside

__all__ = ["Branches", "Patch", "Stack", "apply_to_folder"]

LONGEST_NAME = 200
SIGNING_S = 300.0
"""So long may a signature take: somebody may have to type a passphrase."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Patches put on a base, one upon the other. `misfits` tells the reason for each that does not fit, by its name.

    `base` and `tree` are git's names of the commit and of the tree with all that fit, `diff` is what lies between them.
    """

    base: str
    tree: str
    diff: str
    fits: tuple[str, ...]
    misfits: dict[str, str]


class Branches:
    """Makes branches in the repository that `folder` is in.

    Raises:
        Rejected: the folder is in no git repository. Unavailable: git is not installed.
    """

    def __init__(self, folder: Path) -> None:
        found = LocalGit(folder).top()
        if found is None:
            raise Rejected(f"{folder.resolve()} is in no git repository: name one with --to, or leave out --branch")
        self._git, self._prefix = found

    def base(self, reference: str) -> str:
        """The commit that a branch, a tag or the like names.

        Raises:
            NotFound: it names none. Rejected: there is no commit in the repository yet.
        """
        wanted = f"{reference}^{{commit}}"
        found = self._git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        if found.returncode == 0:
            return found.stdout.decode().strip()
        if reference == "HEAD":
            raise Rejected(
                "the repository has no commit yet, so that there is nothing to put a branch on: commit first"
            )
        raise NotFound(f"{reference!r} names no commit of the repository: give a branch, a tag or a commit with --base")

    def check_name(self, name: str) -> None:
        """Accept the name of a branch that can be made.

        Raises:
            Rejected: git would not take the name. Conflict: there is such a branch already, or one that is in its way.
        """
        ref = f"refs/heads/{name}"
        is_odd = (
            name.startswith(("-", "refs/"))
            or name in ("HEAD", "@")
            or len(name) > LONGEST_NAME
            or not name.isprintable()
        )
        if is_odd or self._git.ask("check-ref-format", ref).returncode != 0:
            raise Rejected(f"{name[:LONGEST_NAME]!r} is no name for a branch: see `git check-ref-format`")
        current = self._git.ask("symbolic-ref", "--quiet", "HEAD").stdout.decode().strip()
        if ref == current or self._git.ask("show-ref", "--verify", "--quiet", ref).returncode == 0:
            raise Conflict(_taken(name))

    def _check_author(self) -> None:
        """See that git knows who commits; it is not left to guess from the names of the user and the machine.

        Raises:
            Rejected: it does not.
        """
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            if self._git.ask("var", who).returncode != 0:
                raise Rejected(
                    "git does not know who you are: set `git config --global user.name NAME` and "
                    "`git config --global user.email ADDRESS` (or GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME "
                    "and GIT_COMMITTER_EMAIL)"
                )

    def stack(self, base: str, patches: Sequence[Patch], *, keep: bool = True) -> Stack:
        """Put patches on the commit `base`, in order. Without `keep` nothing at all is written to the repository.

        Raises:
            Rejected: a patch does something else than to change the contents of its file.
        """
        check_form(patches)
        with TemporaryDirectory() as scratch:
            layer = _Layer(self._git.with_index(Path(scratch), keep=keep), base, self._prefix, Path(scratch))
            reasons = {patch.name: layer.put(patch) for patch in patches}
            tree = layer.git.text("write-tree")
            check_tree(layer.git, (base, tree), self._prefix, [one for one in patches if reasons[one.name] is None])
            diff = layer.git.run("diff-tree", "-p", "--no-ext-diff", "--no-textconv", "--no-color", base, tree)
        return Stack(
            base=base,
            tree=tree,
            diff=diff.decode("utf-8", "replace"),
            fits=tuple(name for name, reason in reasons.items() if reason is None),
            misfits={name: reason for name, reason in reasons.items() if reason is not None},
        )

    def commit(self, stack: Stack, message: str) -> str:
        """One commit of what fits, by the user of this machine; signed where their `commit.gpgSign` says so.

        Raises:
            Rejected: git does not know who commits, or cannot sign.
        """
        self._check_author()
        signing = self._git.ask("config", "--type=bool", "--get", "commit.gpgSign").stdout.strip() == b"true"
        options = ["-S"] if signing else []
        return self._git.text(
            "commit-tree", *options, "-p", stack.base, "-F", "-", stack.tree, given=message.encode(), wall_s=SIGNING_S
        )

    def create(self, name: str, commit: str) -> None:
        """Make the branch `name` at `commit`, in one step with the look whether it is there.

        Raises:
            Rejected, Conflict: as `check_name` does; somebody else may have been quicker.
        """
        self.check_name(name)
        made = self._git.ask("update-ref", "-m", "rsolv: apply patches", f"refs/heads/{name}", commit, "")
        if made.returncode != 0:
            self.check_name(name)
            raise Conflict(f"the branch {name} cannot be made: {complaint(made)}; give another name")


class _Layer:
    """The index in which patches are put on a base."""

    def __init__(self, git: LocalGit, base: str, prefix: str, scratch: Path) -> None:
        self.git, self._base, self._prefix, self._scratch = git, base, prefix, scratch
        git.run("read-tree", base)

    def put(self, patch: Patch) -> str | None:
        """Put a patch on what lies here already; None, or why it does not fit (then nothing is changed)."""
        reasons = []
        for diff in _spellings(patch.diff):
            done = self._apply(self.git, diff)
            if done is None or self._merge(patch, diff):
                return None
            reasons.append(done)
        return reasons[0]

    def _apply(self, git: LocalGit, diff: str) -> str | None:
        done = git.ask("apply", "--cached", "--whitespace=nowarn", *inside(self._prefix), "-", given=diff.encode())
        return complaint(done) if done.returncode else None

    def _merge(self, patch: Patch, diff: str) -> bool:
        """Put a patch in that was made for the base, and does not fit any more only because a neighbour went in first."""
        path = self._prefix + patch.path
        alone = self.git.with_index(self._scratch, name="alone")
        alone.run("read-tree", self._base)
        base, ours = _entry(alone, path), _entry(self.git, path)
        if base is None or ours is None or base == ours or self._apply(alone, diff) is not None:
            return False
        theirs = _entry(alone, path)
        merged = None if theirs is None else self._merged(ours[1], base[1], theirs[1])
        if merged is None:
            return False
        blob = self.git.text("hash-object", "-w", "--no-filters", "--stdin", given=merged)
        self.git.run("update-index", "-z", "--index-info", given=f"{ours[0]} {blob}\t{path}\0".encode())
        return True

    def _merged(self, *blobs: str) -> bytes | None:
        """Our file with the change from base to theirs; None where both changed the same lines."""
        files = [self._scratch / name for name in ("ours", "base", "theirs")]
        for file, blob in zip(files, blobs, strict=True):
            file.write_bytes(self.git.run("cat-file", "blob", blob))
        done = self.git.ask("merge-file", "-p", "--quiet", *map(str, files))
        return done.stdout if done.returncode == 0 else None


def _entry(git: LocalGit, path: str) -> tuple[str, str] | None:
    """Mode and blob of a file in the index; None if it is not there."""
    found = git.run("ls-files", "--stage", "-z", "--", f":(top,literal){path}").decode("utf-8", "replace")
    fields = found.split("\t")[0].split()
    return (fields[0], fields[1]) if fields else None


def apply_to_folder(folder: Path, patches: Sequence[Patch], *, only_try: bool = False) -> dict[str, str]:
    """Change the files of a folder, in a repository or not, as patches say: all that fit in one step.

    Returns why each of the others does not fit, by its name. With `only_try` nothing is changed.

    Raises:
        Rejected: a patch does something else than to change the contents of its file. Unavailable: git is not installed.
    """
    check_form(patches)
    git, prefix = LocalGit(folder).top() or (LocalGit(folder), "")
    taken, misfits = _piled(git, prefix, "", patches) if patches else ("", {})
    if taken:
        check_files(git, folder, prefix, taken, [one for one in patches if one.name not in misfits])
    if taken and not only_try:
        git.run("apply", "--whitespace=nowarn", *inside(prefix), "-", given=taken.encode())
    return misfits


def _piled(git: LocalGit, prefix: str, taken: str, patches: Sequence[Patch]) -> tuple[str, dict[str, str]]:
    """`taken` with all that fit upon it, one upon the other, and why each of the others does not, by its name.

    All are tried at once, and halved where they do not fit: each try costs as much as all that was taken before it, and
    is a process of git.
    """
    refusals: list[str] = []
    for more in _spellings("".join(patch.diff for patch in patches)):
        refusal = _refusal(git, prefix, taken + more)
        if refusal is None:
            return taken + more, {}
        refusals.append(refusal)
    if len(patches) == 1:
        return taken, {patches[0].name: refusals[0]}
    half = len(patches) // 2
    taken, early = _piled(git, prefix, taken, patches[:half])
    taken, late = _piled(git, prefix, taken, patches[half:])
    return taken, early | late


def _refusal(git: LocalGit, prefix: str, diff: str) -> str | None:
    tried = git.ask("apply", "--whitespace=nowarn", *inside(prefix), "--check", "-", given=diff.encode())
    return complaint(tried) if tried.returncode else None


def _spellings(diff: str) -> list[str]:
    """The diff itself, and the same for a file with line feeds alone: git may keep it so, whatever is checked out."""
    return [diff, diff.replace("\r\n", "\n")] if "\r\n" in diff else [diff]


def _taken(name: str) -> str:
    return (
        f"there is a branch {name} already, and it is left as it is: give another name with --branch-name, "
        f"or delete it first with `git branch -D {name}`"
    )
