"""Which repositories does an org have scanned?"""

from __future__ import annotations

from datetime import datetime

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Conflict, NotFound
from rsolv_ray.model.finding import Repository
from rsolv_ray.model.ids import RepositoryId
from rsolv_ray.store.connection import as_stored
from rsolv_ray.store.file import OrgFile
from rsolv_ray.store.queries import load

_SQL = load("repositories")


class Repositories(OrgFile):
    """Repositories of an org."""

    def add_repository(self, repository: Repository, *, now: datetime, writer: Writer) -> Repository:
        """Register a repository. One that is registered is answered as it is stored.

        Raises:
            Conflict: its name is another repository's.
        """
        for body in (self._named(repository.id), self._named(repository.name)):
            if body is None:
                continue
            stored = Repository.model_validate_json(body)
            if stored.id == repository.id:
                return stored
            raise Conflict(f"the name {repository.name!r} is that of {stored.location}: choose another")
        with self._change(now=now, writer=writer) as change:
            self._db.run(
                _SQL["add"],
                id=repository.id,
                name=repository.name,
                body=repository.model_dump_json(),
                revision=change.revision,
            )
            self._set_presence(repository.id, now=now, revision=change.revision, present=True)
        return repository

    def remove_repository(self, repository: RepositoryId, *, now: datetime, writer: Writer) -> None:
        """Scan a repository no more. Its findings stay.

        Raises:
            NotFound: it is not registered.
        """
        found = self.repository(repository)
        with self._change(now=now, writer=writer) as change:
            self._set_presence(found.id, now=now, revision=change.revision, present=False)

    def repositories(self) -> tuple[Repository, ...]:
        """The repositories that are registered, oldest first."""
        return tuple(Repository.model_validate_json(body) for (body,) in self._db.rows(_SQL["all"]))

    def repository(self, said: str) -> Repository:
        """The repository of this id or name.

        Raises:
            NotFound: there is none.
        """
        body = self._named(said)
        if body is None:
            raise NotFound(f"there is no repository {said[:200]!r}")
        return Repository.model_validate_json(body)

    def _named(self, said: str) -> str | None:
        row = self._db.row(_SQL["named"], said=said)
        return None if row is None else row[0]

    def _set_presence(self, repository: RepositoryId, *, now: datetime, revision: int, present: bool) -> None:
        self._db.run(
            _SQL["set_presence"], repository=repository, present=present, changed_at=as_stored(now), revision=revision
        )
