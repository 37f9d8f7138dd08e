"""Are the files opened, kept few, guarded and let go as they should be?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.ids import OrgId
from rsolv_ray.store.bank import Vault
from rsolv_ray.store.queries import load, migrations
from tests.unit.store.samples import NOW, ORG, OTHER, WRITER, after, finding, lesson, result, scan


def file_of(root: Path, org: OrgId = ORG) -> Path:
    return root / "orgs" / org / "intelligence.duckdb"


def wal_of(root: Path) -> Path:
    return file_of(root).with_suffix(".duckdb.wal")


def told(vault: Vault, org: OrgId = ORG) -> int:
    return len(vault.org(org).events_after(0))


def write(vault: Vault, org: OrgId = ORG) -> None:
    vault.org(org).commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)


def test_more_orgs_than_may_be_open_are_all_served(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    vault = open_vault(attached=2)
    orgs = [OrgId(f"01JD3Z6Q4T8V5W2X9Y7A1B0C{number:02}") for number in range(5)]
    for _ in range(2):
        for org in orgs:
            write(vault, org)
    assert [told(vault, org) for org in orgs] == [2] * 5
    assert len(vault._open) == 2
    assert all(file_of(tmp_path, org).exists() for org in orgs)


def test_the_org_that_was_used_last_stays_open(open_vault: Callable[..., Vault]) -> None:
    vault = open_vault(attached=2)
    kept = vault.org(ORG)
    vault.org(OTHER)
    vault.org(ORG)
    vault.org(OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C99"))
    assert vault.org(ORG) is kept


def test_a_file_is_readable_by_its_owner_alone(vault: Vault, tmp_path: Path) -> None:
    vault.org(ORG)
    assert file_of(tmp_path).parent.stat().st_mode & 0o077 == 0


def test_a_new_file_has_nothing_left_in_its_log(vault: Vault, tmp_path: Path) -> None:
    vault.org(ORG)
    assert not wal_of(tmp_path).exists() or wal_of(tmp_path).stat().st_size == 0


def test_the_log_is_folded_in_after_so_many_commits(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    vault = open_vault(checkpoint_every=3)
    for _ in range(3):
        write(vault)
    grown = wal_of(tmp_path).stat().st_size
    vault.org(ORG)
    assert grown > 0
    assert not wal_of(tmp_path).exists() or wal_of(tmp_path).stat().st_size < grown
    assert told(vault) == 3


def test_a_commit_of_many_events_is_folded_in_sooner(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    vault = open_vault(checkpoint_every=3)
    vault.org(ORG).commit(Batch(events=(lesson(),) * 250), now=NOW, writer=WRITER)
    grown = wal_of(tmp_path).stat().st_size
    vault.org(ORG)
    assert not wal_of(tmp_path).exists() or wal_of(tmp_path).stat().st_size < grown


def test_an_idle_file_has_its_log_folded_in(vault: Vault, tmp_path: Path) -> None:
    write(vault)
    assert wal_of(tmp_path).stat().st_size > 0
    vault.checkpoint_idle()
    assert not wal_of(tmp_path).exists() or wal_of(tmp_path).stat().st_size == 0
    assert told(vault) == 1


def test_a_file_that_ends_too_soon_is_said_to_be_damaged(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    first = open_vault()
    write(first)
    first.close()
    whole = file_of(tmp_path).read_bytes()
    for left in (0.3, 0.6, 0.9):
        file_of(tmp_path).write_bytes(whole[: int(len(whole) * left)])
        with pytest.raises(ToolFailed):
            told(open_vault())


def test_a_second_process_is_told_who_holds_the_file(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    open_vault().org(ORG)
    code = f"""
from pathlib import Path
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.store.bank import Vault
from tests.unit.store.samples import BANK, ORG
vault = Vault(Path({str(tmp_path)!r}), writer=BANK, attached=4, checkpoint_every=256)
try:
    vault.org(ORG)
except Unavailable as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert f"held by process {os.getpid()}" in ran.stdout


@pytest.mark.parametrize("content", [b"not a database", b"\x00" * 9000, b"SQLite format 3\x00" + b"\x01" * 5000])
def test_a_file_that_is_no_database_is_refused_with_what_to_do(vault: Vault, tmp_path: Path, content: bytes) -> None:
    file_of(tmp_path).parent.mkdir(parents=True)
    file_of(tmp_path).write_bytes(content)
    with pytest.raises(ToolFailed, match="restore a backup"):
        vault.org(ORG)
    write(vault, OTHER)


def test_a_damaged_file_is_refused_and_the_others_are_served(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    first = open_vault()
    write(first)
    write(first, OTHER)
    first.close()
    whole = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(whole[:4096] + bytes(255 - one for one in whole[4096:]))
    vault = open_vault()
    with pytest.raises(ToolFailed, match="restore a backup"):
        vault.org(ORG)
    assert told(vault, OTHER) == 1


def test_another_programs_database_is_refused_untouched(vault: Vault, tmp_path: Path) -> None:
    file_of(tmp_path).parent.mkdir(parents=True)
    with duckdb.connect(str(file_of(tmp_path))) as foreign:
        foreign.execute("CREATE TABLE theirs (x INTEGER)")
    with pytest.raises(ToolFailed, match="another program's"):
        vault.org(ORG)
    with duckdb.connect(str(file_of(tmp_path))) as foreign:
        assert [name for (name,) in foreign.execute("SELECT table_name FROM duckdb_tables()").fetchall()] == ["theirs"]


def test_another_orgs_file_is_refused(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    first = open_vault()
    write(first)
    first.close()
    file_of(tmp_path, OTHER).parent.mkdir(parents=True)
    file_of(tmp_path).rename(file_of(tmp_path, OTHER))
    with pytest.raises(ToolFailed, match=f"belongs to {ORG}"):
        open_vault().org(OTHER)


def test_a_file_of_a_newer_version_is_refused(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    first = open_vault()
    write(first)
    first.close()
    with duckdb.connect(str(file_of(tmp_path))) as newer:
        newer.execute("INSERT INTO schema_version VALUES (9999, '9999_later', TIMESTAMP '2030-01-01')")
    with pytest.raises(ToolFailed, match="made by a newer rsolv_ray"):
        open_vault().org(ORG)


def test_a_file_whose_making_was_cut_short_is_made_whole(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    file_of(tmp_path).parent.mkdir(parents=True)
    duckdb.connect(str(file_of(tmp_path))).close()
    vault = open_vault()
    write(vault)
    assert told(vault) == 1


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    for folder in ("", "control"):
        assert [number for number, _, _ in migrations(folder)] == list(range(1, len(migrations(folder)) + 1))


@pytest.mark.parametrize("noun", ["events", "file", "findings", "fixes", "metrics", "proposals", "rules", "scans"])
def test_every_statement_has_a_line_that_says_what_it_is_for(noun: str) -> None:
    statements = load(noun)
    assert statements
    assert all(text.startswith("-- ") for text in statements.values())


_FILLS_THE_DISK = """
import resource, sys
import duckdb
from pathlib import Path
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import StorageFull
from rsolv_ray.store.bank import Vault
from tests.unit.store.samples import BANK, NOW, ORG, OTHER, WRITER, lesson

vault = Vault(Path(sys.argv[1]), writer=BANK, attached=4, checkpoint_every=int(sys.argv[2]))
vault.org(ORG), vault.org(OTHER)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
acknowledged = 0
try:
    while True:
        batch = Batch(events=tuple(lesson(f"{acknowledged}:{n}:" + "x" * 9000) for n in range(10)))
        vault.org(ORG).commit(batch, now=NOW, writer=WRITER)
        acknowledged += 1
except StorageFull:
    print("full")
assert len(vault.org(ORG).events_after(0, limit=10**6)) == 10 * acknowledged
store = vault.org(ORG)
for _ in range(2):
    try:  # a failed checkpoint makes DuckDB refuse the file until it is attached anew
        vault._instance.execute(f"CHECKPOINT org_{ORG.lower()}")
        raise SystemExit("there was room")
    except duckdb.Error:
        pass
try:
    store.commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)
    raise SystemExit("the file was not refused")
except (duckdb.Error, StorageFull):
    assert store.broken
vault.org(OTHER).commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
vault.org(ORG).commit(Batch(events=(lesson("after"),)), now=NOW, writer=WRITER)
print(acknowledged, flush=True)
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("checkpoint_every", [256, 5])
def test_on_a_full_disk_nothing_is_lost_and_work_goes_on_when_there_is_room(
    open_vault: Callable[..., Vault], tmp_path: Path, checkpoint_every: int
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _FILLS_THE_DISK, str(tmp_path), str(checkpoint_every)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    full, acknowledged = ran.stdout.split()
    assert full == "full"
    assert told_of(open_vault()) == 10 * int(acknowledged) + 1


def told_of(vault: Vault) -> int:
    return len(vault.org(ORG).events_after(0, limit=10**6))


def test_rfc_014s_tables_stand_column_for_column(vault: Vault, tmp_path: Path) -> None:
    vault.org(ORG)
    vault.close()
    with duckdb.connect(str(file_of(tmp_path)), read_only=True) as db:
        columns = {
            view: [name for name, *_ in db.execute(f"DESCRIBE {view}").fetchall()]
            for view in ("organizational_intelligence", "learning_metrics", "organizational_scanning_results")
        }
    assert columns == {
        "organizational_intelligence": [
            "id", "org_id", "intelligence_type", "content", "effectiveness_score", "created_at", "last_updated", "version",
            "is_active",
        ],
        "learning_metrics": ["id", "org_id", "metric_type", "metric_value", "time_period", "recorded_at"],
        "organizational_scanning_results": [
            "id", "org_id", "scan_trigger", "repositories_scanned", "vulnerabilities_found", "auto_fixes_applied",
            "scan_duration_ms", "rule_ids", "created_at",
        ],
    }  # fmt: skip


def test_a_vault_that_was_closed_can_be_opened_at_once(open_vault: Callable[..., Vault]) -> None:
    first = open_vault()
    store = first.org(ORG)
    store.start_scan(scan(1), now=after(1), writer=WRITER)
    store.complete_scan(result(1, finding(1)), now=after(2), writer=WRITER)
    first.close()
    again = open_vault().org(ORG)
    assert again.finding(finding(1).id).finding == finding(1)
