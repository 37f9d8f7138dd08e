"""Where does a service keep what its scans remember, and how is it forgotten?

`<data>/index/<org>/<repository>` holds the token index of a repository and the results known of its files. Nothing of it
is a record: what is removed is made anew by the next scan, only later.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from rsolv_ray.model.ids import OrgId, RepositoryId

__all__ = ["Places"]

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
        """Remove all of an organisation's, or of one of its repositories. A second time as well."""
        folder = self._folder / OrgId(org)
        shutil.rmtree(folder / RepositoryId(repository) if repository else folder, ignore_errors=True)

    def keep_only(self, org: OrgId, repositories: Collection[RepositoryId]) -> None:
        """Remove what is an organisation's and of none of these repositories."""
        folder = self._folder / OrgId(org)
        for one in folder.iterdir() if folder.is_dir() else ():
            if one.name not in repositories:
                shutil.rmtree(one, ignore_errors=True)
