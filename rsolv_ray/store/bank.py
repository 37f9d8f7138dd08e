"""Where are the orgs' files, and which of them are open?

One DuckDB instance for all of them, in memory itself, with one file attached for each org that is in use: 100 separate
instances cost 442 MiB and 800 threads more than that. The least recently used is detached when there are too many.
Nothing can open a file beside this process; a second one is refused by DuckDB's lock.
An org's file is made at its first use. One that was forgotten stays so: `<ulid>.deleted` beside the folders says that an
org is gone, is there before its folder goes, and outlives everything that still asks for it.
"""

from __future__ import annotations

import re
import shutil
from collections import OrderedDict
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import NotFound, StorageFull, ToolFailed, Unavailable
from rsolv_ray.model.ids import OrgId
from rsolv_ray.store.connection import Connection, says_full
from rsolv_ray.store.durably import write_durably, writing_to
from rsolv_ray.store.org import OrgStore
from rsolv_ray.store.schema import bring_up_to_date

# A bank answers one question at a time: more threads help only the few that read much, and each has its own buffers.
_THREADS = 4
_PID = re.compile(r"PID (\d+)")
_FILE = "intelligence.duckdb"
_DELETED = ".deleted"


class Vault:
    """The files of the orgs under `<data_dir>/orgs`. Used from one thread.

    Args:
        writer: who owns the files; its generation is checked at every write.
        attached: how many files are open at most.
        checkpoint_every: after so many commits a file's log is folded into it; 100 events count as one more.
        shard: which slice of the orgs this is; each has a folder of its own for what does not fit into memory, which
            DuckDB empties when it begins.
    """

    def __init__(self, data_dir: Path, *, writer: Writer, attached: int, checkpoint_every: int, shard: int = 0) -> None:
        self._orgs, self._writer = data_dir / "orgs", writer
        self._attached, self._checkpoint_every = attached, checkpoint_every
        self._open: OrderedDict[OrgId, OrgStore] = OrderedDict()
        spill = data_dir / "spill" / str(shard)
        spill.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._instance = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "threads": _THREADS,
                "temp_directory": str(spill),
                # DuckDB's own checkpoint is part of a commit: where it fails, a commit that is durable looks failed.
                "wal_autocheckpoint": "1TB",
            },
        )

    @property
    def attached(self) -> int:
        """How many files are open now."""
        return len(self._open)

    def org(self, org: OrgId) -> OrgStore:
        """The store of an org, made at first use. Use it at once: another org's use may close it.

        Raises:
            NotFound: the org was forgotten.
            Unavailable: another process holds the file.
            ToolFailed: the file cannot be read, is not ours, or was made by a newer version.
            StorageFull: there is no room for it.
        """
        store = self._open.get(org)
        if store is not None and store.broken:
            self._close(org)
            store = None
        if store is None:
            while len(self._open) >= self._attached:
                self._close(next(iter(self._open)))
            store = self._open[org] = self._attach(org)
        elif store.uncheckpointed >= self._checkpoint_every:
            self._checkpoint(org, store)
            return self.org(org)
        self._open.move_to_end(org)
        return store

    def checkpoint_idle(self) -> None:
        """Fold the logs of all open files into them, so that opening them again is quick."""
        for org, store in list(self._open.items()):
            if store.uncheckpointed:
                self._checkpoint(org, store)

    def standing(self) -> tuple[OrgId, ...]:
        """The orgs that have a file and were not forgotten. Folders that are named after no org are nobody's."""
        found = (path.parent.name for path in sorted(self._orgs.glob(f"*/{_FILE}")))
        named = (OrgId(name) for name in found if OrgId.pattern.fullmatch(name))
        return tuple(org for org in named if not self._mark(org).exists())

    def half_forgotten(self) -> tuple[OrgId, ...]:
        """The orgs that were being forgotten when the process ended: `forget` them again."""
        found = (path.name.removesuffix(_DELETED) for path in sorted(self._orgs.glob(f"*{_DELETED}")))
        return tuple(OrgId(name) for name in found if OrgId.pattern.fullmatch(name) and (self._orgs / name).exists())

    def forget(self, org: OrgId) -> None:
        """Close an org's file and remove its folder for good. A second time, or for an org without a file, as well.

        Raises:
            StorageFull: there is no room to say so durably; nothing was removed.
            Unavailable: the folder may not be written to; once that is mended it can be done again.
        """
        if org in self._open:
            self._close(org)
        with writing_to(self._orgs):
            self._orgs.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(self._mark(org), "")
            folder = self._orgs / org
            if folder.exists():
                shutil.rmtree(folder)

    def close(self) -> None:
        for org in list(self._open):
            self._close(org)
        self._instance.close()

    def _mark(self, org: OrgId) -> Path:
        """The file that says that an org was forgotten."""
        return self._orgs / f"{org}{_DELETED}"

    def _attach(self, org: OrgId) -> OrgStore:
        if self._mark(org).exists():
            raise NotFound(f"org {org} was deleted")
        folder = self._orgs / org
        with writing_to(self._orgs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, alias = folder / _FILE, _alias(org)
        try:
            self._instance.execute(f"ATTACH '{_quoted(path)}' AS {alias}")
        except duckdb.Error as error:
            raise _why_not(org, path, error) from error
        try:
            return self._opened(org, alias)
        except (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException) as error:
            self._detach(alias)
            raise _why_not(org, path, error) from error
        except BaseException:
            self._detach(alias)
            raise

    def _opened(self, org: OrgId, alias: str) -> OrgStore:
        db = Connection(self._instance, alias)
        try:
            bring_up_to_date(db, org, now=datetime.now(UTC))
            return OrgStore(org, db, self._writer)
        except BaseException:
            db.close()
            raise

    def _checkpoint(self, org: OrgId, store: OrgStore) -> None:
        """Fold a file's log into it; where that fails the file is closed: its log has everything that was committed."""
        try:
            self._instance.execute(f"CHECKPOINT {_alias(org)}")
            store.uncheckpointed = 0
        except (duckdb.IOException, duckdb.FatalException) as error:
            self._close(org)
            if isinstance(error, duckdb.FatalException) and not says_full(error):
                raise

    def _close(self, org: OrgId) -> None:
        self._open.pop(org).close()
        self._detach(_alias(org))

    def _detach(self, alias: str) -> None:
        # Detaching makes a checkpoint. Where there is no room for one the file is detached all the same, and its log,
        # which has everything that was committed, is read at the next opening.
        with suppress(duckdb.IOException, duckdb.FatalException):
            self._instance.execute(f"DETACH {alias}")


def _alias(org: OrgId) -> str:
    """The name of an org's file in SQL: letters and digits alone, since an `OrgId` was checked when it was made."""
    return f"org_{OrgId(org).lower()}"


def _quoted(path: Path) -> str:
    """A path inside an SQL string: ATTACH takes no bound values."""
    return str(path).replace("'", "''")


def _why_not(org: OrgId, path: Path, error: duckdb.Error) -> Exception:
    said = str(error)
    if says_full(error):
        return StorageFull()
    if "Could not set lock" in said or "Conflicting lock" in said:
        holder = _PID.search(said)
        who = f"process {holder[1]}" if holder else "another process"
        return Unavailable(f"the file of org {org} is held by {who}: try again when that has ended")
    if isinstance(error, duckdb.IOException) and "Permission denied" in said:
        return Unavailable(f"the file of org {org} may not be opened: give this user access to {path}")
    return ToolFailed(
        f"the file of org {org} cannot be read ({said.splitlines()[0][:300]}): restore a backup of {path.name} into its"
        " folder, or move the folder away to begin anew"
    )
