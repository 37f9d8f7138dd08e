"""How is one org's file spoken to?

Each attached org has a cursor of its own on the bank's DuckDB instance, on which `USE` is said once: so no SQL text
ever carries the alias of a file, and a statement cannot reach another org's tables by mistake.
Moments are stored as UTC without a zone: DuckDB's zoned type would need one more package to be read in Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import duckdb

from rsolv_ray.model.errors import StorageFull, ToolFailed

Row = tuple[Any, ...]
_FULL = ("No space left on device", "Disk quota exceeded", "File too large")


def as_stored(moment: datetime) -> datetime:
    """A moment as a TIMESTAMP column takes it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def as_moment(stored: datetime) -> datetime:
    """A TIMESTAMP column's value as a moment."""
    return stored.replace(tzinfo=UTC)


def says_full(error: duckdb.Error) -> bool:
    """Is this the disk saying that it is full?"""
    return any(text in str(error) for text in _FULL)


class Connection:
    """A cursor of which one org's file is the default database.

    `broken` is set when reading or writing the file failed: what is in memory is not to be trusted then, and the file
    has to be attached anew (a failed checkpoint makes DuckDB refuse everything else until that is done).

    Every method raises StorageFull where the disk is full, and ToolFailed where the file is damaged.
    """

    def __init__(self, instance: duckdb.DuckDBPyConnection, alias: str) -> None:
        self._cursor = instance.cursor()
        self._cursor.execute(f'USE "{alias}"')
        self.broken = False

    def rows(self, sql: str, **values: Any) -> list[Row]:
        with self._watched():
            return self._execute(sql, values).fetchall()

    def row(self, sql: str, **values: Any) -> Row | None:
        with self._watched():
            return self._execute(sql, values).fetchone()

    def run(self, sql: str, **values: Any) -> None:
        with self._watched():
            self._execute(sql, values)

    def close(self) -> None:
        self._cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the body, or nothing.

        Raises:
            StorageFull: the disk is full; nothing was stored.
        """
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            # A failed read or write may have ended the transaction already; the first error is the one to tell.
            with suppress(duckdb.TransactionException):
                self._cursor.execute("ROLLBACK")
            raise
        self.run("COMMIT")

    def _execute(self, sql: str, values: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        return self._cursor.execute(sql, values) if values else self._cursor.execute(sql)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
            self.broken = True
            if says_full(error):
                raise StorageFull from error
            if isinstance(error, duckdb.IOException):
                # This file's trouble alone: the others go on.
                raise ToolFailed(f"an org's file cannot be read or written: {str(error)[:300]}") from error
            raise
