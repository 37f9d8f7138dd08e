"""What did these rules give on this content, when they were run on it before?

A SQLite file remembers, for as long as there is room; what was asked for least recently goes first. Which rules were run
on a content is one number, that of an interned set, so that a row a file suffices and an old file differs from a new one
at a glance. It is a memory and no record: damaged, locked, read-only or full, it costs time and never a scan.
Source: SQLite, "How To Corrupt An SQLite Database File": a file in use is never replaced, hence the lock beside it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from rsolv_ray.scanning.cache_file import Damaged, begun_anew, is_damage, open_cache
from rsolv_ray.scanning.firings import Firings, packed
from rsolv_ray.scanning.recalling import Kept, Recalled, ask, believed, members_of, recalled, sum_of, sum_of_rules

__all__ = ["Learned", "Recalled", "ResultCache"]

_KEPT_SHARE = 0.8
_USED_EVERY_S = 3600


@dataclass(frozen=True, slots=True)
class Learned:
    """That `rules` (keys) were run on a content, each to the end, and what those that fired gave. `is_understood`:
    all of the content could be parsed."""

    key: bytes
    rules: frozenset[bytes]
    fired: Mapping[bytes, Firings]
    is_understood: bool = True


class ResultCache:
    """The memory of one organisation. To be used on one thread; many processes may use one file at a time.

    Args:
        file: where it is kept; None: in memory, until it is closed.
        cap_mb: so many MiB may it take on the disk.
        wait_s: so long is another writer waited for.
        clock: seconds since the epoch.
    """

    def __init__(
        self,
        file: Path | None,
        *,
        cap_mb: int = 256,
        wait_s: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.trouble: str | None = None
        """Why it is of less use than it could be, for people; None while all is well."""
        self._file, self._cap, self._wait_s, self._clock = file, cap_mb << 20, wait_s, clock
        self._db: sqlite3.Connection | None = None
        self._can_write = True
        with self._spared("opened"):
            self._db, told = open_cache(file, wait_s)
            self.trouble = told

    def recall(self, keys: Sequence[bytes], rules: Sequence[bytes]) -> Recalled:
        """What is known of `keys`; `rules` are the keys of those whose answers are of interest."""
        with self._spared("read"):
            if self._db is not None and keys:
                with _reading(self._db):
                    return recalled(self._db, keys, rules)
        return Recalled(rules=[0] * len(keys))

    def record(self, learned: Sequence[Learned]) -> None:
        """Remember this, in one transaction, and forget what was not asked for in the longest time where it is full."""
        with self._spared("written"):
            if self._db is not None and self._can_write and learned:
                with _writing(self._db):
                    _Writing(self._db, self._hour).record(learned)
                    self._make_room(self._db)

    def touch(self, keys: Sequence[bytes]) -> None:
        """Tell that these were of use now, so that they stay."""
        with self._spared("written"):
            if self._db is not None and self._can_write and keys:
                with _reading(self._db):
                    ask(self._db, keys)
                    stale = [
                        (self._hour, file)
                        for (file,) in self._db.execute(
                            "SELECT id FROM asked JOIN files USING (key) WHERE used < ?", (self._hour,)
                        )
                    ]
                if stale:
                    with _writing(self._db):
                        self._db.executemany("UPDATE files SET used = ? WHERE id = ?", stale)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _hour(self) -> int:
        return int(self._clock()) // _USED_EVERY_S

    @contextmanager
    def _spared(self, what: str) -> Iterator[None]:
        """A cache that fails is told of and left alone; the scan goes on without it."""
        try:
            yield
        except (sqlite3.Error, OSError, Damaged) as error:
            self.trouble = self.trouble or f"the result cache cannot be {what}, so this takes longer: {error}"
            if what != "opened" and is_damage(error):
                self._begin_anew()
            elif what == "written":
                self._can_write = False
            else:
                self.close()

    def _begin_anew(self) -> None:
        self.close()
        if self._file is not None:
            with suppress(sqlite3.Error, OSError, Damaged):  # told already; whoever has it open last begins it anew
                self._db = begun_anew(self._file, self._wait_s)

    def _make_room(self, db: sqlite3.Connection) -> None:
        if _bytes_used(db) <= self._cap:
            return
        while _bytes_used(db) > self._cap * _KEPT_SHARE and _forget_the_oldest(db):
            pass
        sets = db.execute("SELECT members FROM rulesets").fetchall()
        with believed():
            members = set[int]().union(*(members_of(row) for (row,) in sets))
        unused = [(rule,) for (rule,) in db.execute("SELECT id FROM rules") if rule not in members]
        db.executemany("DELETE FROM rules WHERE id = ?", unused)
        (free,) = db.execute("PRAGMA freelist_count").fetchone()
        for _ in range(free):
            # It gives back one page a step, and Python steps once through what has no columns.
            db.execute("PRAGMA incremental_vacuum")


class _Writing:
    """One transaction that remembers."""

    def __init__(self, db: sqlite3.Connection, hour: int) -> None:
        self._db, self._hour = db, hour
        self._kept = Kept(db)
        self._rules = {key: number for number, key in self._kept.rules.items()}
        self._unions: dict[tuple[int, frozenset[bytes]], tuple[int, bytes]] = {}

    def record(self, learned: Sequence[Learned]) -> None:
        for one in learned:
            self._remember(one)

    def _remember(self, one: Learned) -> None:
        file, before, is_understood, answers = self._known(one.key)
        ruleset, rules = self._union(before, one.rules)
        is_understood = is_understood and one.is_understood
        new = {key: packed(answer) for key, answer in one.fired.items()}
        (file,) = self._db.execute(
            "INSERT INTO files (id, key, ruleset, understood, sum, used) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET ruleset = excluded.ruleset, understood = excluded.understood,"
            " sum = excluded.sum, used = excluded.used RETURNING id",
            (file, one.key, ruleset, is_understood, sum_of(one.key, is_understood, rules, answers | new), self._hour),
        ).fetchone()
        self._db.executemany(
            "INSERT OR REPLACE INTO answers (file, rule, body) VALUES (?, ?, ?)",
            [(file, self._rule(rule), body) for rule, body in new.items()],
        )

    def _known(self, key: bytes) -> tuple[int | None, int, bool, dict[bytes, bytes]]:
        """Number, rule set, understood and answers by rule of a content, checked, lest a new sum bless old damage."""
        found = self._db.execute("SELECT id, ruleset, understood, sum FROM files WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None, 0, True, {}
        file, ruleset, is_understood, written = found
        bodies = dict(self._db.execute("SELECT rule, body FROM answers WHERE file = ?", (file,)))
        self._kept.check(key, (ruleset, is_understood, written), bodies)
        return file, ruleset, bool(is_understood), {self._kept.rules[rule]: body for rule, body in bodies.items()}

    def _union(self, before: int, more: frozenset[bytes]) -> tuple[int, bytes]:
        """Number and sum of the rule set of both."""
        if (before, more) not in self._unions:
            both = (self._kept.ruleset(before).members if before else frozenset()) | {self._rule(key) for key in more}
            with believed():
                members = b"".join(rule.to_bytes(4, "little") for rule in sorted(both))
            total = sum_of_rules(self._kept.rules[rule] for rule in both)
            self._unions[before, more] = _interned(self._db, "rulesets", "members", members), total
        return self._unions[before, more]

    def _rule(self, key: bytes) -> int:
        if key not in self._rules:
            number = self._rules[key] = _interned(self._db, "rules", "key", key)
            self._kept.rules[number] = key
        return self._rules[key]


def _interned(db: sqlite3.Connection, table: str, column: str, value: bytes) -> int:
    db.execute(f"INSERT OR IGNORE INTO {table} ({column}) VALUES (?)", (value,))  # noqa: S608 - names of ours
    found = db.execute(f"SELECT id FROM {table} WHERE {column} = ?", (value,)).fetchone()  # noqa: S608
    with believed():
        return found[0]


def _bytes_used(db: sqlite3.Connection) -> int:
    (pages,), (free,), (size,) = (
        db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    if free >= pages:
        raise Damaged("it is damaged: it has more free pages than pages")
    return (pages - free) * size


def _forget_the_oldest(db: sqlite3.Connection) -> bool:
    """Forget a tenth of the files, those not asked for in the longest time; False where there are none."""
    (files,) = db.execute("SELECT count(*) FROM files").fetchone()
    oldest = db.execute("SELECT id FROM files ORDER BY used, id LIMIT ?", (files // 10 + 1,)).fetchall()
    db.executemany("DELETE FROM answers WHERE file = ?", oldest)
    if db.executemany("DELETE FROM files WHERE id = ?", oldest).rowcount < len(oldest):
        raise Damaged("it is damaged: an index holds files that the table does not")
    db.execute("DELETE FROM rulesets WHERE id NOT IN (SELECT ruleset FROM files)")
    return bool(oldest)


@contextmanager
def _reading(db: sqlite3.Connection) -> Iterator[None]:
    """One state of the file for all that is asked: what is known to be there is there."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


@contextmanager
def _writing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        # A full disk ends the transaction by itself.
        if db.in_transaction:
            db.execute("ROLLBACK")
