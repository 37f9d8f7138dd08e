"""Do scans run as Ray tasks, and does nothing of them stay when they are ended before their time?"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rsolv_ray.actors.scanning import Scanner
from rsolv_ray.actors.seen import News
from rsolv_ray.actors.tasks import Tasks
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.finding import Repository, RepositoryKind, Scan, ScanTrigger
from rsolv_ray.model.ids import OrgId, ScanId
from rsolv_ray.tools import run_limited
from rsolv_ray.tools.scratch import PREFIX, clear_away, scratch
from tests.processes import ends_soon
from tests.unit.store.samples import rule as sample

pytestmark = pytest.mark.usefixtures("ray_cluster")
ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")


def wait_for_a_tool(note: str) -> None:
    """Runs a tool that goes on for a minute, as the engine is run; writes down its process and this one's folder."""
    with scratch() as folder, tempfile.TemporaryDirectory() as inner:
        script = f"echo $$ {os.getpid()} {folder} > {note}.part; mv {note}.part {note}; exec sleep 60"
        run_limited(
            ["/bin/sh", "-c", script],
            output=Path(inner) / "out",
            cwd=Path(inner),
            env={"PATH": os.defpath},
            wall_s=60.0,
            cpu_s=None,
            address_space_mb=1024,
        )


async def under_way(note: Path) -> tuple[int, int, Path]:
    """The tool's process, the task's, and its folder."""
    async with asyncio.timeout(60):
        while not (said := _said(note)):
            await asyncio.sleep(0.05)
    tool, task, folder = said
    return int(tool), int(task), Path(folder)


def cleared_away(folder: Path, within_s: float = 10.0) -> bool:
    """A killed process may be a zombie while its other threads still hold the folder."""
    until = time.monotonic() + within_s
    while folder.exists() and time.monotonic() < until:
        clear_away()
        time.sleep(0.05)
    return not folder.exists()


def _said(note: Path) -> list[str]:
    return note.read_text().split() if note.exists() else []


async def test_a_task_that_is_cancelled_ends_its_tool_and_leaves_nothing(tmp_path: Path) -> None:
    doing = asyncio.create_task(Tasks(1).run(wait_for_a_tool, "scan", str(tmp_path / "note")))
    tool, _, folder = await under_way(tmp_path / "note")
    began = time.monotonic()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing
    assert time.monotonic() - began < 5
    assert await asyncio.to_thread(ends_soon, tool)
    assert not folder.exists()


async def test_a_task_whose_process_is_killed_again_and_again_is_told_as_lost(tmp_path: Path) -> None:
    doing = asyncio.create_task(Tasks(1).run(wait_for_a_tool, "scan", str(tmp_path / "note")))
    for _ in range(2):
        tool, task, folder = await under_way(tmp_path / "note")
        (tmp_path / "note").unlink()
        os.kill(task, signal.SIGKILL)
        assert await asyncio.to_thread(ends_soon, tool)
        os.utime(folder, (0, 0))
        assert folder.name.startswith(PREFIX)
        assert await asyncio.to_thread(cleared_away, folder)
    with pytest.raises(Unavailable, match="'scan' was lost"):
        await doing


async def test_a_scan_finds_by_ray_tasks_what_is_there_and_knows_it_the_next_time(tmp_path: Path) -> None:
    place = tmp_path / "shop"
    place.mkdir()
    for number in range(3):
        (place / f"m{number}.py").write_text("danger(1)\n" if number else "safe(1)\n")
    shop = Repository(
        id=Repository.id_of(str(place), None),
        name="shop",
        kind=RepositoryKind.PATH,
        location=str(place),
        added_at=datetime.now(UTC),
    )
    definition = {"languages": ["python"], "severity": "ERROR", "message": "m", "pattern": "danger(...)"}
    rule = sample().model_copy(update={"definition": {"id": str(sample().id), **definition}})
    scan = Scan(id=ScanId.of("s"), trigger=ScanTrigger.MANUAL, rules=(), repositories=(), started_at=datetime.now(UTC))
    scanner = Scanner(
        data_dir=str(tmp_path / "data"),
        engine="auto",
        at_most=2,
        rule_timeout_s=5.0,
        scan_timeout_s=120.0,
        memory_mb=2048,
        cache_mb=16,
        index_memory_mb=32,
        allowed_roots=[str(tmp_path)],
        allowed_git_hosts=[],
    )

    async def hear(_: News | None) -> None: ...

    first, again = [await scanner.scan(scan, (rule,), (shop,), hear, org=ORG, name="acme") for _ in range(2)]
    assert [one.path for one in first.findings] == ["m1.py", "m2.py"]
    assert again.findings == first.findings
    assert [(one.report.skipped, one.report.known) for one in (first, again)] == [(1, 0), (1, 2)]
