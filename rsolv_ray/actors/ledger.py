"""What did the supervisor know before it died?

One SQLite file that the root alone owns. What is about to be done is written before it is done, durable against a loss of
power: a generation that was given is never given again, for the store refuses an older one. Each root process takes the
lease anew; one that finds a newer lease has been replaced and may not act.

A disk that is full or fails does not end the root: what cannot be written is kept in memory and goes with the next write.
A root that dies before that remembers what was written last. It may then give a generation again, but not while the
child that bears it lives: Ray knows it by that name, and refuses a second one until the first was ended.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import structlog

from rsolv_ray.model.errors import Fenced
from rsolv_ray.supervision.messages import Exit, ExitKind, ProcessIdentity
from rsolv_ray.supervision.nodes import Node, Phase
from rsolv_ray.supervision.spec import SupervisorSpec

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lease (
    generation INTEGER NOT NULL,
    root TEXT NOT NULL,
    tree TEXT NOT NULL,
    taken_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS node (
    id TEXT PRIMARY KEY,
    phase TEXT NOT NULL,
    generation INTEGER NOT NULL,
    due INTEGER NOT NULL,
    doomed INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    pid INTEGER,
    started_at REAL,
    node_id TEXT,
    last_exit TEXT,
    leaving TEXT,
    restarts TEXT NOT NULL
);
"""
_DISK_TROUBLE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_WRITE = "INSERT OR REPLACE INTO node VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Lease:
    """`same`: the last one was taken by the same actor over the same tree, so its children are to be adopted."""

    generation: int
    same: bool


class Ledger:
    """The supervisor's memory. Times of restarts are monotonic seconds outside and wall-clock seconds in the file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = sqlite3.connect(path, isolation_level=None, timeout=10.0)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_SCHEMA)
        self._lease = 0
        self._unwritten: dict[str, Node] = {}

    def take_lease(self, root: str, tree: SupervisorSpec) -> Lease:
        """Become the only one that may write. `root` names the actor, which keeps its name when Ray restarts it."""
        digest = blake2b(tree.model_dump_json().encode(), digest_size=16).hexdigest()
        with self._transaction():
            before = self._file.execute("SELECT generation, root, tree FROM lease").fetchone() or (0, "", "")
            self._lease = before[0] + 1
            self._file.execute("DELETE FROM lease")
            self._file.execute("INSERT INTO lease VALUES (?, ?, ?, ?)", (self._lease, root, digest, time.time()))
        return Lease(self._lease, same=before[1:] == (root, digest))

    def nodes(self) -> tuple[Node, ...]:
        return tuple(_from_row(row) for row in self._file.execute("SELECT * FROM node"))

    def write(self, nodes: Iterable[Node]) -> None:
        """Write nodes down, all or none, with those that could not be written before.

        Where the disk is full or fails they are kept for the next write. Raises Fenced where a newer root has taken the
        lease.
        """
        late = bool(self._unwritten)
        self._unwritten |= {node.id: node for node in nodes}
        try:
            self._write_all()
        except sqlite3.OperationalError as error:
            if not is_disk_trouble(error):
                raise
            if not late:
                log.warning("the supervisor cannot write down what it does: free some disk", reason=str(error))
            return
        self._unwritten.clear()
        if late:
            log.info("the supervisor has written down what it could not before")

    def _write_all(self) -> None:
        with self._transaction():
            (newest,) = self._file.execute("SELECT generation FROM lease").fetchone()
            if newest != self._lease:
                raise Fenced(f"this supervisor has lease {self._lease}, but {newest} was taken")
            self._file.executemany(_WRITE, [_to_row(node) for node in self._unwritten.values()])

    def _transaction(self) -> _Transaction:
        return _Transaction(self._file)


class _Transaction:
    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file

    def __enter__(self) -> None:
        self._file.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if not kind:
                self._file.execute("COMMIT")
        finally:
            # Disk trouble may have ended the transaction by itself.
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")


def is_disk_trouble(error: sqlite3.OperationalError) -> bool:
    """Whether the disk is full or fails; SQLite's extended codes bear the plain one in their last byte."""
    return error.sqlite_errorcode & 0xFF in _DISK_TROUBLE


def _since_epoch() -> float:
    """What to add to a monotonic time for the wall-clock time, now."""
    return time.time() - time.monotonic()


def _to_row(node: Node) -> tuple[object, ...]:
    process = node.process
    return (
        node.id,
        node.phase,
        node.generation,
        node.due,
        node.doomed,
        node.attempts,
        process and process.pid,
        process and process.started_at,
        process and process.node_id,
        _exit_to_text(node.last_exit),
        _exit_to_text(node.leaving),
        json.dumps([at + _since_epoch() for at in node.restarts]),
    )


def _from_row(row: tuple[object, ...]) -> Node:
    name, phase, generation, due, doomed, attempts, pid, started_at, node_id, last_exit, leaving, restarts = row
    return Node(
        id=str(name),
        phase=Phase(str(phase)),
        generation=int(str(generation)),
        due=bool(due),
        doomed=bool(doomed),
        attempts=int(str(attempts)),
        process=ProcessIdentity(int(str(pid)), float(str(started_at)), str(node_id)) if pid is not None else None,
        last_exit=_exit_from_text(last_exit),
        leaving=_exit_from_text(leaving),
        restarts=tuple(at - _since_epoch() for at in json.loads(str(restarts))),
    )


def _exit_to_text(reason: Exit | None) -> str | None:
    return reason and json.dumps([reason.kind, reason.detail])


def _exit_from_text(text: object) -> Exit | None:
    if text is None:
        return None
    kind, detail = json.loads(str(text))
    return Exit(ExitKind(kind), detail)
