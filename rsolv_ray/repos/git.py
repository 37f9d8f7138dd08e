"""How is a repository fetched that may be hostile?

The last commit alone, by git itself, which is told to run nothing: no hooks, no submodules, no filters, no helpers, no
prompts, no other transports, no redirects, no symbolic links. The host's addresses are looked up and checked once, and
git connects to those. Nothing is written out before the sizes of what will be written have been added up.
Source: git-config(1), git-clone(1), and git's own advice in SECURITY and gitnamespaces(7) on untrusted remotes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from rsolv_ray.model.errors import Rejected, TooLarge, ToolFailed
from rsolv_ray.model.finding import Repository, RepositoryKind
from rsolv_ray.repos.locations import check_branch, public_addresses
from rsolv_ray.tools import Ended, run_limited

_MOST_FILES = 200_000
_ADDRESS_SPACE_MB = 4096
_SAFE = (
    "core.hooksPath=/dev/null", "core.symlinks=false", "core.fsmonitor=false", "core.askPass=", "credential.helper=",
    "submodule.recurse=false", "http.followRedirects=false", "transfer.fsckObjects=true", "protocol.allow=never",
    "gc.auto=0", "maintenance.auto=false",
)  # fmt: skip


class Git:
    """Fetches repositories into folders of `cache`, one for each.

    Args:
        cache: a folder of this service's own.
        protocols: the transports that git may use.
        wall_s: seconds for each step of a fetch.
        size_mb: MiB that a repository's pack, and the files of its last commit together, may have.
        addresses: gives the addresses of a host, having checked them.
    """

    def __init__(
        self,
        cache: Path,
        *,
        protocols: tuple[str, ...] = ("https",),
        wall_s: float = 300.0,
        size_mb: int = 1024,
        addresses: Callable[[str], Sequence[str]] = public_addresses,
    ) -> None:
        self._cache = cache
        self._protocols = protocols
        self._wall_s = wall_s
        self._size_mb = size_mb
        self._addresses = addresses

    def folder(self, repository: Repository) -> Path:
        """Where `checkout` puts a repository."""
        return self._cache / repository.id

    def checkout(self, repository: Repository) -> Path:
        """The folder with the files of the branch's last commit; fetched anew only where the remote has another one.

        Raises:
            Rejected: its host or branch is not acceptable.
            TooLarge: it has more or larger files than allowed.
            Unavailable: its host's name cannot be resolved now.
            ToolFailed: git could not fetch it, or took too long.
        """
        if repository.kind is not RepositoryKind.GIT:
            raise Rejected("only a repository with an address is fetched")
        self._cache.mkdir(parents=True, exist_ok=True)
        safe = self._options(repository.location)
        with _locked(self._cache / f"{repository.id}.lock"), TemporaryDirectory(dir=self._cache) as scratch:
            latest = self._latest(repository, safe, Path(scratch))
            folder = self.folder(repository)
            if latest is None or self._head(folder, safe, Path(scratch)) != latest:
                self._clone(repository, safe, Path(scratch))
                _replace(folder, Path(scratch))
        return folder

    def _options(self, location: str) -> list[str]:
        settings = [*_SAFE, *(f"protocol.{name}.allow=always" for name in self._protocols)]
        host = urlsplit(location).hostname
        if host:
            pinned = ",".join(f"[{address}]" if ":" in address else address for address in self._addresses(host))
            settings.append(f"http.curloptResolve={host}:443:{pinned}")
        return [part for setting in settings for part in ("-c", setting)]

    def _latest(self, repository: Repository, safe: Sequence[str], scratch: Path) -> str | None:
        ref = f"refs/heads/{check_branch(repository.branch)}" if repository.branch else "HEAD"
        told = self._git([*safe, "ls-remote", "--", repository.location, ref], scratch, scratch)
        return told.split()[0] if told.strip() else None

    def _head(self, folder: Path, safe: Sequence[str], scratch: Path) -> str | None:
        if not (folder / ".git").is_dir():
            return None
        return self._git([*safe, "rev-parse", "HEAD"], folder, scratch).strip()

    def _clone(self, repository: Repository, safe: Sequence[str], scratch: Path) -> None:
        branch = [f"--branch={check_branch(repository.branch)}"] if repository.branch else []
        how = ["--depth=1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--no-checkout", "--template="]
        clone = scratch / "clone"
        self._git([*safe, "clone", *how, *branch, "--", repository.location, str(clone)], scratch, scratch)
        self._refuse_bombs(self._git([*safe, "ls-tree", "-r", "-l", "-z", "HEAD"], clone, scratch))
        self._git([*safe, "checkout", "--force", "--quiet", "HEAD"], clone, scratch)

    def _refuse_bombs(self, listing: str) -> None:
        """`listing` holds, NUL-terminated: mode, type, name, size (`-` for a submodule), tab, path."""
        sizes = [entry.split("\t", 1)[0].split()[3] for entry in listing.split("\0") if entry]
        total = sum(int(size) for size in sizes if size != "-")
        if len(sizes) > _MOST_FILES or total > self._size_mb << 20:
            raise TooLarge(f"the repository has {len(sizes)} files of {total >> 20} MiB: too much to scan")

    def _git(self, arguments: Sequence[str], cwd: Path, scratch: Path) -> str:
        git = shutil.which("git") or "/usr/bin/git"
        ended = run_limited(
            [git, *arguments],
            output=scratch / "answer",
            cwd=cwd,
            env=_environment(scratch, self._protocols),
            wall_s=self._wall_s,
            cpu_s=None,
            address_space_mb=_ADDRESS_SPACE_MB,
            largest_file_mb=self._size_mb,
        )
        return _text(ended)


def _environment(home: Path, protocols: Sequence[str]) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": ":".join(protocols),
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def _text(ended: Ended) -> str:
    if ended.code != 0:
        complaint = ended.complaint.strip().splitlines()
        raise ToolFailed(f"git could not fetch the repository: {complaint[-1][:300] if complaint else ended.code}")
    return ended.output.decode("utf-8", "surrogateescape")


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """One fetch of a repository at a time, over all processes; waits for the one before."""
    with file.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _replace(folder: Path, scratch: Path) -> None:
    """Put `scratch/clone` where `folder` is; the old one goes with the scratch folder."""
    if folder.exists():
        folder.rename(scratch / "old")
    (scratch / "clone").rename(folder)
