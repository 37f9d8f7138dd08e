"""Which repository, branch and commit does a folder hold?

As git tells it, of a work tree that is at hand. An address is told without the names and passwords that it may bear, and
a path of this machine is no address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from rsolv_ray.model.errors import Unavailable
from rsolv_ray.repos.local_git import LocalGit

_SHORT_SSH = re.compile(r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^/:\s].*)")


@dataclass(frozen=True, slots=True)
class Provenance:
    """`prefix` leads from the top of the work tree to the folder: empty, or with a `/` at its end. What git does not
    know is None."""

    prefix: str
    address: str | None
    branch: str | None
    revision: str | None


def provenance(folder: Path) -> Provenance | None:
    """Where the files of a folder come from; None where it is in no work tree, or git cannot be asked."""
    try:
        found = LocalGit(folder).top()
        if found is None:
            return None
        git, prefix = found
        origin = _asked(git, "config", "--get", "remote.origin.url")
        return Provenance(
            prefix=prefix,
            address=public_address(origin) if origin else None,
            branch=_asked(git, "symbolic-ref", "--quiet", "--short", "HEAD"),
            revision=_asked(git, "rev-parse", "--verify", "--quiet", "HEAD"),
        )
    except Unavailable:
        return None


def public_address(remote: str) -> str | None:
    """A remote's address as a URI without user, password, query and fragment; None for a place of this machine."""
    if "://" not in remote:
        short = _SHORT_SSH.fullmatch(remote)
        return f"ssh://{short['host']}/{quote(short['path'])}" if short else None
    try:
        parts = urlsplit(remote)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("https", "http", "ssh", "git") or not host:
        return None
    where = f"[{host}]" if ":" in host else quote(host)
    return f"{parts.scheme}://{where}{f':{port}' if port else ''}{quote(parts.path, safe='/%~')}"


def _asked(git: LocalGit, *question: str) -> str | None:
    done = git.ask(*question)
    told = done.stdout.decode("utf-8", "replace").strip()
    return told if done.returncode == 0 and told else None
