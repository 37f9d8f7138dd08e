"""What happened in an org, and what is still to be driven to its end?"""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.model.cycle import WorkId
from rsolv_ray.model.events import EVENT, Recorded
from rsolv_ray.model.ids import CycleId, LessonId, ScanId
from rsolv_ray.store.connection import Row, as_moment
from rsolv_ray.store.file import OrgFile
from rsolv_ray.store.queries import load

_SQL = load("events")


class EventLog(OrgFile):
    """Questions to an org's log."""

    def events_after(
        self, sequence: int, *, types: frozenset[str] | None = None, limit: int = 500
    ) -> tuple[Recorded, ...]:
        """What happened after `sequence`, oldest first, at most `limit` events, of these types alone where given."""
        rows = self._db.rows(_SQL["after"], sequence=sequence, types=_listed(types), limit=limit)
        return tuple(self._recorded(row) for row in rows)

    def newest_events(self, types: frozenset[str], limit: int) -> tuple[Recorded, ...]:
        """The newest `limit` events of these types, oldest first."""
        rows = self._db.rows(_SQL["newest"], types=_listed(types), limit=limit)
        return tuple(self._recorded(row) for row in reversed(rows))

    def history(self, work: WorkId, *, types: frozenset[str] | None = None) -> tuple[Recorded, ...]:
        """All that happened in a cycle or a free-standing scan, oldest first; nothing for one that is not known."""
        return tuple(self._recorded(row) for row in self._db.rows(_SQL["of_work"], work=work, types=_listed(types)))

    def histories(
        self, works: Sequence[WorkId], *, types: frozenset[str] | None = None
    ) -> dict[WorkId, tuple[Recorded, ...]]:
        """The histories of several works in one question; a work that is not known is left out."""
        told: dict[WorkId, list[Recorded]] = {}
        for row in self._db.rows(_SQL["of_works"], works=list(works), types=_listed(types)):
            told.setdefault(row[0], []).append(self._recorded(row[1:]))
        return {work: tuple(told[work]) for work in works if work in told}

    def open_work(self) -> tuple[WorkId, ...]:
        """The works that are to be driven, oldest first."""
        kinds = {kind.prefix: kind for kind in (CycleId, ScanId, LessonId)}
        return tuple(kinds[work.partition("_")[0]](work) for (work,) in self._db.rows(_SQL["open_works"]))

    def _recorded(self, row: Row) -> Recorded:
        sequence, at, cause, body = row
        return Recorded(org=self.org, sequence=sequence, at=as_moment(at), cause=cause, event=EVENT.validate_json(body))


def _listed(types: frozenset[str] | None) -> list[str] | None:
    return None if types is None else sorted(types)
