"""How is an org's file changed? In one transaction a time, fenced by who writes, told in the log.

Every transaction has a revision, one more than the last; rows that replace each other are ordered by it. Every event
has a sequence number, one more than the last. Both are counted in memory: this process alone has the file.
A writer whose generation is older than one that has been seen of its kind is refused, so a process that was taken for
dead and lives on cannot write over its successor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.cycle import WorkId
from rsolv_ray.model.errors import Fenced
from rsolv_ray.model.events import Event, Recorded, work_of
from rsolv_ray.model.ids import OrgId
from rsolv_ray.store.connection import Connection, as_stored
from rsolv_ray.store.queries import load

_SQL = load("file")
_EVENTS_A_COMMIT = 100


class Change:
    """One transaction that is under way."""

    def __init__(self, org: OrgId, db: Connection, *, now: datetime, revision: int, sequence: int) -> None:
        self._org, self._db = org, db
        self.now, self.revision, self.sequence = now, revision, sequence

    def append(self, events: Sequence[Event], *, cause: int | None = None) -> tuple[Recorded, ...]:
        """Add events to the log, in order."""
        first = self.sequence + 1
        recorded = tuple(
            Recorded(org=self._org, sequence=number, at=self.now, cause=cause, event=event)
            for number, event in enumerate(events, first)
        )
        if recorded:
            self._db.run(
                _SQL["append_events"],
                sequences=[one.sequence for one in recorded],
                recorded_at=as_stored(self.now),
                types=[one.name for one in recorded],
                works=[work_of(event) for event in events],
                cause=cause,
                bodies=[event.model_dump_json() for event in events],
            )
            self.sequence = recorded[-1].sequence
        return recorded

    def mark_works(self, works: Sequence[WorkId], *, is_open: bool) -> None:
        """Say that these are to be driven, or were driven to their end."""
        if works:
            self._db.run(_SQL["mark_works"], works=list(works), is_open=is_open, revision=self.revision)


class OrgFile:
    """What all questions and changes to an org's file have in common. Used from one thread."""

    def __init__(self, org: OrgId, db: Connection, owner: Writer) -> None:
        self.org = org
        self._db, self._owner = db, owner
        self._revision, self._sequence = self._db.row(_SQL["last"]) or (0, 0)
        self.uncheckpointed = 0

    @property
    def broken(self) -> bool:
        """Did reading or writing the file fail? Then it has to be opened anew."""
        return self._db.broken

    def last_sequence(self) -> int:
        return self._sequence

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _change(self, *, now: datetime, writer: Writer, once: str | None = None) -> Iterator[Change]:
        """One transaction.

        Raises:
            Fenced: a newer generation of the writer, or of the process that owns the file, has written here.
            StorageFull: the disk is full; nothing was stored.
        """
        with self._db.transaction():
            self._fence({self._owner.kind: self._owner, writer.kind: writer}, now)
            change = Change(self.org, self._db, now=now, revision=self._revision + 1, sequence=self._sequence)
            yield change
            self._db.run(
                _SQL["end_revision"],
                revision=change.revision,
                sequence=change.sequence,
                once=once,
                committed_at=as_stored(now),
            )
        self.uncheckpointed += 1 + (change.sequence - self._sequence) // _EVENTS_A_COMMIT
        self._revision, self._sequence = change.revision, change.sequence

    def _is_applied(self, once: str | None) -> bool:
        return once is not None and self._db.row(_SQL["is_applied"], once=once) is not None

    def _fence(self, writers: dict[str, Writer], now: datetime) -> None:
        seen = dict(self._db.rows(_SQL["generations"], kinds=list(writers)))
        for kind, writer in writers.items():
            newest = seen.get(kind, -1)
            if writer.generation < newest:
                raise Fenced(f"{kind} of generation {writer.generation} is out of date: {newest} has written here")
            if writer.generation > newest:
                self._db.run(_SQL["see_writer"], kind=kind, generation=writer.generation, seen_at=as_stored(now))
