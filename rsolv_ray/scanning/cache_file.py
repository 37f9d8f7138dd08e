"""How is the file of the result cache opened, made, or begun anew?

It is begun anew where it is damaged or of another form, once nobody else has it open: everyone who does holds a shared
lock on the file beside it. What was damaged stays there under another name until the next one is.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from pathlib import Path

__all__ = ["Damaged", "begun_anew", "is_damage", "open_cache"]

_FORM = 2
_APPLICATION_ID = 0x72736F72
# The first of an extended code's bytes. What fails of ours as wrong SQL or by a constraint fails for a damaged schema.
_OF_DAMAGE = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_FORMAT,
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_TOOBIG,
    }
)
_MAY_NOT_WRITE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE rules (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE);
CREATE TABLE rulesets (id INTEGER PRIMARY KEY, members BLOB NOT NULL UNIQUE);
CREATE TABLE files (
  id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, ruleset INTEGER NOT NULL, understood INTEGER NOT NULL,
  sum BLOB NOT NULL, used INTEGER NOT NULL
);
CREATE INDEX files_by_use ON files (used);
CREATE INDEX files_by_ruleset ON files (ruleset);
CREATE TABLE answers (file INTEGER NOT NULL, rule INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (file, rule))
  WITHOUT ROWID;
PRAGMA user_version = {_FORM};
PRAGMA application_id = {_APPLICATION_ID};
COMMIT;
"""


class Damaged(Exception):
    """The file is there, and is no cache that can be read."""


class _Connection(sqlite3.Connection):
    """A connection that holds the lock for as long as it is open."""

    lock: int | None = None

    def close(self) -> None:
        super().close()
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


def open_cache(file: Path | None, wait_s: float) -> tuple[sqlite3.Connection, str | None]:
    """The open database, and what there is to tell of it; in memory where there is no file.

    Raises:
        sqlite3.Error, OSError: it cannot be opened.
        Damaged: it cannot be read, and others have it open.
    """
    if file is None:
        return _opened(None, wait_s), None
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _locked(file, wait_s), None
    except (sqlite3.Error, Damaged) as error:
        if not is_damage(error):
            raise
        return begun_anew(
            file, wait_s
        ), f"the result cache was damaged and is begun anew, so this takes longer: {error}"


def is_damage(error: Exception) -> bool:
    """Whether this says that what the file holds is not what was written, as opposed to that it cannot be reached."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, Damaged) or (code is not None and code & 0xFF in _OF_DAMAGE)


def begun_anew(file: Path, wait_s: float) -> sqlite3.Connection:
    """An empty database in the place of a damaged one, which is put aside. It must be closed.

    Raises:
        sqlite3.Error, OSError: it cannot be made.
        Damaged: others have the damaged one open.
    """
    _put_aside(file)
    return _locked(file, wait_s)


def _locked(file: Path, wait_s: float) -> sqlite3.Connection:
    lock = _lock_file(file)
    if lock is not None:
        fcntl.flock(lock, fcntl.LOCK_SH)
    try:
        db = _opened(file, wait_s)
    except BaseException:
        if lock is not None:
            os.close(lock)
        raise
    db.lock = lock
    return db


def _opened(file: Path | None, wait_s: float) -> _Connection:
    if file is not None and not file.exists():
        file.touch(mode=0o600)
    db = sqlite3.connect(file or ":memory:", isolation_level=None, timeout=wait_s, factory=_Connection)
    # Nothing of ours is text: what became text by damage is not decoded.
    db.text_factory = bytes
    try:
        for setting in ("journal_mode = TRUNCATE", "synchronous = NORMAL"):
            db.execute(f"PRAGMA {setting}")
        _bring_into_form(db)
        db.execute("CREATE TEMP TABLE asked (n INTEGER PRIMARY KEY, key BLOB NOT NULL)")
    except BaseException:
        db.close()
        raise
    return db


def _bring_into_form(db: sqlite3.Connection) -> None:
    """Make what is missing.

    Raises:
        Damaged: it is of another form.
    """
    if _form(db) == (0, 0):
        try:
            # Before the first table, or it has no effect.
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            db.executescript(_SCHEMA)
        except sqlite3.OperationalError:
            # Another process was quicker.
            if db.in_transaction:
                db.execute("ROLLBACK")
            if _form(db) == (0, 0):
                raise
    if _form(db) != (_FORM, _APPLICATION_ID):
        raise Damaged("it is of another form than this version writes")


def _form(db: sqlite3.Connection) -> tuple[int, int]:
    (form,), (application,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id"))
    return form, application


def _put_aside(file: Path) -> None:
    lock = _lock_file(file)
    if lock is None:
        raise Damaged(f"{file} cannot be read: remove it")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A journal that is left would be played into the new file.
        file.with_name(file.name + "-journal").unlink(missing_ok=True)
        file.replace(file.with_name(file.name + ".damaged"))
    except BlockingIOError as error:
        raise Damaged(f"{file} is damaged, and others have it open: it is begun anew when they end") from error
    finally:
        os.close(lock)


def _lock_file(file: Path) -> int | None:
    """The file to lock, or None where this user may write nothing there, and so replaces nothing."""
    try:
        return os.open(file.with_name(file.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in _MAY_NOT_WRITE:
            return None
        raise
