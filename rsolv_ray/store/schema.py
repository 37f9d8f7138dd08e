"""Is this file ours, and in today's form? Migrations are numbered files, only ever added.

Each is one transaction with the row that says it was done, and is followed by a checkpoint: DuckDB's replays of its
log have failed after changes of the schema (duckdb/duckdb issues 22044, 25454), so none is ever left in it.
"""

from __future__ import annotations

from datetime import datetime

from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.ids import OrgId
from rsolv_ray.store.connection import Connection, as_stored
from rsolv_ray.store.queries import load, migrations

_SQL = load("schema")
_MIGRATIONS = migrations()


def bring_up_to_date(db: Connection, org: OrgId, *, now: datetime) -> None:
    """Make a new file an org's, or bring an older one to today's form.

    Raises:
        ToolFailed: it is another org's, another program's, or made by a newer version.
    """
    version = _version(db, org)
    for number, name, sql in _MIGRATIONS:
        if number > version:
            _migrate(db, org, sql, number=number, name=name, now=now)
    _check_owner(db, org)


def _migrate(db: Connection, org: OrgId, sql: str, *, number: int, name: str, now: datetime) -> None:
    with db.transaction():
        if number == 1:
            db.run(_SQL["create_versions"])
        db.run(sql)
        if number == 1:
            db.run(_SQL["name_org"], org=org, created_at=as_stored(now))
        db.run(_SQL["add_version"], version=number, name=name, applied_at=as_stored(now))
    db.run("CHECKPOINT")


def _version(db: Connection, org: OrgId) -> int:
    """The number of the last migration; 0 for an empty file."""
    tables = {name for (name,) in db.rows(_SQL["tables"])}
    if not tables:
        return 0
    if "schema_version" not in tables:
        raise ToolFailed(f"the file of org {org} is another program's: move it away, or restore a backup in its place")
    (version,) = db.row(_SQL["version"]) or (0,)
    if version > _MIGRATIONS[-1][0]:
        raise ToolFailed(
            f"the file of org {org} was made by a newer rsolv_ray (form {version}, known here: {_MIGRATIONS[-1][0]}):"
            " use that version, or restore an older backup"
        )
    return version


def _check_owner(db: Connection, org: OrgId) -> None:
    found = [name for (name,) in db.rows(_SQL["owner"])]
    if found != [org]:
        raise ToolFailed(f"the file in the folder of org {org} belongs to {', '.join(found) or 'nobody'}: move it back")
