"""How is the control database spoken to? SQLite in WAL mode, each commit on the disk before it is told.

Orgs, keys and audit are few and must outlive anything; SQLite needs no second thought about indexes and updates,
where DuckDB's log does. One process owns the file, on one thread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Fenced, RsolvError, StorageFull, ToolFailed, Unavailable
from rsolv_ray.store.queries import load, migrations

_SQL = load("control")
_MIGRATIONS = migrations("control")
_APPLICATION_ID = 0x72736F6C
_LOCK_WAIT_S = 5.0


class ControlFile:
    """The open database.

    Raises:
        ToolFailed: the file cannot be read, is another program's, or was made by a newer version.
        Unavailable: another process is writing to it and does not end.
    """

    def __init__(self, path: Path, writer: Writer) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._path, self._writer = path, writer
        self._db = sqlite3.connect(path, isolation_level=None, timeout=_LOCK_WAIT_S)
        try:
            self._bring_up_to_date()
        except BaseException:
            self._db.close()
            raise

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._execute(sql, values).fetchall()

    def row(self, sql: str, **values: Any) -> tuple[Any, ...] | None:
        return self._execute(sql, values).fetchone()

    def run(self, sql: str, **values: Any) -> int:
        """The number of rows that were changed."""
        return self._execute(sql, values).rowcount

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def change(self, now: datetime) -> Iterator[None]:
        """One transaction, refused to a writer that is out of date.

        Raises:
            Fenced: a newer generation of the writer has written here.
            StorageFull: the disk is full; nothing was stored.
        """
        self.run("BEGIN IMMEDIATE")
        try:
            self._fence(now)
            yield
            self.run("COMMIT")
        except BaseException:
            # A full disk ends the transaction by itself.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _fence(self, now: datetime) -> None:
        writer = self._writer
        (newest,) = self.row(_SQL["generation"], kind=writer.kind) or (-1,)
        if writer.generation < newest:
            raise Fenced(f"{writer.kind} of generation {writer.generation} is out of date: {newest} has written here")
        if writer.generation > newest:
            self.run(_SQL["see_writer"], kind=writer.kind, generation=writer.generation, seen_at=now.isoformat())

    def _bring_up_to_date(self) -> None:
        version = self._version()
        for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self.run(f"PRAGMA {setting}")
        for number, _, sql in _MIGRATIONS:
            if number > version:
                self._db.executescript(
                    f"BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {number};"
                    f" PRAGMA application_id = {_APPLICATION_ID}; COMMIT"
                )

    def _version(self) -> int:
        """The number of the last migration; 0 for an empty file."""
        (version,) = self.row("PRAGMA user_version") or (0,)
        (application,) = self.row("PRAGMA application_id") or (0,)
        is_empty = self.row("SELECT 1 FROM sqlite_schema LIMIT 1") is None
        if application != _APPLICATION_ID and not is_empty:
            raise ToolFailed(f"{self._path} is another program's: move it away, or restore a backup in its place")
        if version > _MIGRATIONS[-1][0]:
            raise ToolFailed(f"{self._path} was made by a newer rsolv_ray: use that version, or restore a backup")
        return version

    def _execute(self, sql: str, values: dict[str, Any]) -> sqlite3.Cursor:
        try:
            return self._db.execute(sql, values)
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            raise self._why_not(error) or error from error

    def _why_not(self, error: sqlite3.DatabaseError) -> RsolvError | None:
        match getattr(error, "sqlite_errorcode", None):
            case sqlite3.SQLITE_FULL:
                return StorageFull()
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return Unavailable(f"{self._path} is held by another process: try again when that has ended")
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return ToolFailed(f"{self._path} cannot be read: restore it from a backup")
            case _:
                return None
