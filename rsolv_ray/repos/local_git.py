"""How is git run in a repository of the user's own, so that only what is asked for happens?

In the folder that was named, whatever the environment says of another one; without hooks, without a monitor of files,
without questions on the terminal, and with no guess at who commits.
Source: git(1) "Environment Variables", git-rev-parse(1) `--local-env-vars`, git-config(1).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from rsolv_ray.model.errors import Rejected, Unavailable

WALL_S = 60.0
_SAFE = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.splitIndex=false", "core.quotePath=false",
    "apply.ignoreWhitespace=no", "user.useConfigOnly=true", "i18n.commitEncoding=UTF-8", "gc.auto=0", "maintenance.auto=false",
)  # fmt: skip
_OF_ANOTHER_REPOSITORY = frozenset({
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_IMPLICIT_WORK_TREE", "GIT_REPLACE_REF_BASE", "GIT_NO_REPLACE_OBJECTS", "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
})  # fmt: skip
Done = subprocess.CompletedProcess[bytes]


class LocalGit:
    """Runs git in `folder`. `extra` are variables of the environment, added to the user's own."""

    def __init__(self, folder: Path, extra: Mapping[str, str] | None = None) -> None:
        self._folder, self._extra = folder, dict(extra or {})

    def ask(self, *arguments: str, given: bytes = b"", wall_s: float = WALL_S) -> Done:
        """Run a git command on the input `given`, however it ends.

        Raises:
            Unavailable: git is not installed, or did not end within `wall_s` seconds.
        """
        settings = [part for setting in _SAFE for part in ("-c", setting)]
        try:
            return subprocess.run(
                ["git", *settings, "-C", str(self._folder), *arguments],
                input=given,
                capture_output=True,
                check=False,
                timeout=wall_s,
                env=self._environment(),
            )
        except FileNotFoundError as error:
            raise Unavailable("git is not installed, or not on the PATH") from error
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"git {arguments[0]} took longer than {wall_s:g} s") from error

    def run(self, *arguments: str, given: bytes = b"", wall_s: float = WALL_S) -> bytes:
        """What a git command prints.

        Raises:
            Rejected: it did not succeed; the message is git's own.
        """
        done = self.ask(*arguments, given=given, wall_s=wall_s)
        if done.returncode:
            raise Rejected(f"git {arguments[0]}: {complaint(done)}")
        return done.stdout

    def text(self, *arguments: str, given: bytes = b"", wall_s: float = WALL_S) -> str:
        """The one line that a git command prints; raises as `run` does."""
        return self.run(*arguments, given=given, wall_s=wall_s).decode("utf-8", "replace").strip()

    def top(self) -> tuple[LocalGit, str] | None:
        """The same at the top of the repository, and where the folder lies in it: `` or like `services/shop/`.

        None where the folder is in no repository.
        """
        done = self.ask("rev-parse", "--show-prefix")
        if done.returncode != 0:
            return None
        prefix = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
        if not prefix:
            return self, ""
        top = self.run("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
        return LocalGit(Path(top), self._extra), prefix

    def with_index(self, scratch: Path, *, keep: bool = True, name: str = "index") -> LocalGit:
        """The same with an index of its own in `scratch`; new objects go there, too, unless they are to `keep`."""
        extra = {**self._extra, "GIT_INDEX_FILE": str(scratch / name)}
        if not keep:
            (scratch / "objects").mkdir()
            known = self.text("rev-parse", "--path-format=absolute", "--git-path", "objects")
            extra |= {"GIT_OBJECT_DIRECTORY": str(scratch / "objects"), "GIT_ALTERNATE_OBJECT_DIRECTORIES": known}
        return LocalGit(self._folder, extra)

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
        return {**own, "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", **self._extra}


def complaint(done: Done) -> str:
    """What git said against it, in one line."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return (
        "; ".join(line.removeprefix("error: ").removeprefix("fatal: ") for line in lines) or f"exit {done.returncode}"
    )
