"""Where does a service keep what its scans remember, and how is it forgotten?

`<data>/index/<org>/<repository>` holds the token index of a repository and the results known of its files. Nothing of it
is a record: what is removed is made anew by the next scan, only later.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from rsolv_ray.model.ids import OrgId, RepositoryId

__all__ = ["Places"]

log = structlog.get_logger(__name__)

_RESULTS = "results.sqlite"


class Places:
    """The folders of all organisations under `<data_dir>/index`."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "index"

    def index(self, org: OrgId, repository: RepositoryId) -> Path:
        """The folder of a repository's token index."""
        return self._folder / OrgId(org) / RepositoryId(repository) / "words"

    def results(self, org: OrgId, repository: RepositoryId) -> Path:
        """The file of what is known of a repository's files."""
        return self._folder / OrgId(org) / RepositoryId(repository) / _RESULTS

    def forget(self, org: OrgId, repository: RepositoryId | None = None) -> None:
        """Remove all of an organisation's, or of one of its repositories. A second time as well. What cannot be removed
        is told in the log."""
        folder = self._folder / OrgId(org)
        _remove(folder / RepositoryId(repository) if repository else folder)

    def remembered(self, org: OrgId) -> frozenset[RepositoryId]:
        """The repositories of an organisation of which there is something."""
        folder = self._folder / OrgId(org)
        names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        return frozenset(RepositoryId(name) for name in names if RepositoryId.pattern.fullmatch(name))


def _remove(folder: Path) -> None:
    left: list[str] = []

    def note(_: object, path: str, raised: tuple[type[BaseException], BaseException, object]) -> None:
        if not isinstance(raised[1], FileNotFoundError):
            left.append(f"{path}: {raised[1]}")

    shutil.rmtree(folder, onerror=note)
    if left:
        log.warning("what scans remembered cannot be removed", folder=str(folder), left=len(left), reason=left[0])
