"""Does a scan tell what it finds as it goes on, end in time, and cost one repository no more than itself?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.actors import scanning
from rsolv_ray.actors import seen as seen_module
from rsolv_ray.actors.scan_tasks import plan_repository, run_planned
from rsolv_ray.actors.scanning import Scanner
from rsolv_ray.actors.seen import ERRORS_TOLD, News, Seen
from rsolv_ray.engine.scan import FileScan
from rsolv_ray.model.batch import ScanResult
from rsolv_ray.model.errors import NotFound, Unavailable
from rsolv_ray.model.finding import Repository, RepositoryKind, Scan, ScanTrigger
from rsolv_ray.model.ids import OrgId, ScanId
from tests.unit.store.samples import repository as registered
from tests.unit.store.samples import rule as sample

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")
SCAN = Scan(id=ScanId.of("s"), trigger=ScanTrigger.MANUAL, rules=(), repositories=(), started_at=NOW)
RULE = sample().model_copy(
    update={
        "definition": {
            "id": str(sample().id), "languages": ["python"], "severity": "ERROR", "message": "m", "pattern": "danger(...)",
        }
    }
)  # fmt: skip


class Here:
    """Tasks that are done in this process, one after the other."""

    def __init__(self, instead: dict[Callable[..., Any], Callable[..., Any]] | None = None) -> None:
        self._instead, self._turn = instead or {}, asyncio.Semaphore(1)
        self.cancelled: list[str] = []

    def share(self, value: object) -> object:
        return value

    async def run(self, function: Callable[..., Any], name: str, *args: Any) -> Any:
        async with self._turn:
            try:
                return await asyncio.to_thread(self._instead.get(function, function), *args)
            except asyncio.CancelledError:
                self.cancelled.append(name)
                raise


def scanner(folder: Path, tasks: Here | None = None, **changed: Any) -> Scanner:
    options = {
        "data_dir": str(folder / "data"), "engine": "auto", "at_most": 1, "rule_timeout_s": 5.0, "scan_timeout_s": 60.0,
        "memory_mb": 2048, "cache_mb": 16, "index_memory_mb": 32, "allowed_roots": [str(folder)], "allowed_git_hosts": [],
        "tasks": tasks or Here(),
    } | changed  # fmt: skip
    return Scanner(**options)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    return repository(tmp_path, "shop", {"a.py": "danger(1)\n", "b.py": "safe(1)\n"})


def repository(folder: Path, name: str, files: dict[str, str]) -> Repository:
    place = folder / name
    place.mkdir()
    for path, text in files.items():
        (place / path).write_text(text)
    return Repository(
        id=Repository.id_of(str(place), None), name=name, kind=RepositoryKind.PATH, location=str(place), added_at=NOW
    )


async def ignore(_: News | None) -> None: ...


async def run(one: Scanner, *repositories: Repository, hear: scanning.Hear = ignore) -> ScanResult:
    return await one.scan(SCAN, (RULE,), repositories, hear, org=ORG, name="acme")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "TOLD_EVERY_S", 0.02)


def slowly(*args: Any) -> Any:
    time.sleep(0.5)
    return run_planned(*args)


@pytest.mark.usefixtures("quick")
async def test_what_is_found_is_told_before_the_scan_ends(tmp_path: Path, shop: Repository) -> None:
    till = repository(tmp_path, "till", {"c.py": "danger(2)\n"})
    heard: list[News] = []

    async def hear(news: News | None) -> None:
        assert news is not None
        heard.append(news)

    result = await run(scanner(tmp_path, Here({run_planned: slowly})), shop, till, hear=hear)
    assert {one.path for one in result.findings} == {"a.py", "c.py"}
    assert [one.path for news in heard for one in news.findings][:1] == ["a.py"]
    assert all(news.done <= news.total and news.so_far <= 2 for news in heard)


@pytest.mark.usefixtures("quick")
async def test_nothing_is_told_twice(tmp_path: Path, shop: Repository) -> None:
    heard: list[str] = []

    async def hear(news: News | None) -> None:
        assert news is not None
        heard.extend(one.id for one in news.findings)

    till = repository(tmp_path, "till", {"c.py": "danger(2)\n"})
    await run(scanner(tmp_path, Here({run_planned: slowly})), shop, till, hear=hear)
    assert len(heard) == len(set(heard))


async def test_files_without_the_words_of_a_rule_are_skipped_and_counted(tmp_path: Path, shop: Repository) -> None:
    report = (await run(scanner(tmp_path), shop)).report
    assert (report.files, report.skipped, report.known, report.unread) == (2, 1, 0, 0)


async def test_what_an_earlier_scan_found_is_known_without_a_run(tmp_path: Path, shop: Repository) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the engine was run")

    first = await run(scanner(tmp_path), shop)
    second = await run(scanner(tmp_path, Here({run_planned: never})), shop)
    assert second.findings == first.findings
    assert (second.report.known, second.covered) == (1, first.covered)


async def test_files_are_run_side_by_side_where_they_are_worth_a_run_each(tmp_path: Path) -> None:
    many = repository(tmp_path, "many", {f"m{number}.py": f"danger({number})\n" for number in range(60)})
    sizes: list[int] = []

    def counted(*args: Any) -> Any:
        sizes.append(len(args[3].files))
        return run_planned(*args)

    result = await run(scanner(tmp_path, Here({run_planned: counted}), at_most=8), many)
    assert sorted(sizes) == [20, 20, 20]
    assert len(result.findings) == 60


async def test_a_scan_whose_time_is_up_ends_with_what_it_has(tmp_path: Path, shop: Repository) -> None:
    result = await run(scanner(tmp_path, scan_timeout_s=0.001), shop)
    assert result.unread == ((shop.id, "a.py"),)
    assert result.report.errors == ("shop: 1 files were not scanned within 0.001 s: scan again to go on",)


async def test_a_task_that_does_not_see_that_the_time_is_up_is_cancelled(
    tmp_path: Path, shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "LATE_S", 0.05)
    tasks = Here({run_planned: lambda *_: time.sleep(3)})
    result = await run(scanner(tmp_path, tasks, scan_timeout_s=1.0), shop)
    assert (result.unread, tasks.cancelled) == (((shop.id, "a.py"),), ["scan acme/shop 1 of 1"])


async def test_a_repository_that_is_not_read_in_time_is_a_gap(
    tmp_path: Path, shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "LATE_S", 0.05)
    result = await run(scanner(tmp_path, Here({plan_repository: lambda *_: time.sleep(3)}), scan_timeout_s=0.5), shop)
    assert (result.covered, result.report.repositories) == ((), 0)
    assert result.report.errors == ("shop: could not be read within 0.5 s",)


async def test_a_repository_that_cannot_be_read_costs_no_other(tmp_path: Path, shop: Repository) -> None:
    gone = registered("gone", str(tmp_path / "gone"))
    result = await run(scanner(tmp_path), gone, shop)
    assert [one.path for one in result.findings] == ["a.py"]
    assert result.covered == ((RULE.id, shop.id),)
    assert result.report.errors[0].startswith("gone: ")


async def test_a_part_whose_process_is_lost_is_unread(tmp_path: Path, shop: Repository) -> None:
    def lost(*_: object) -> None:
        raise Unavailable("the process was lost")

    result = await run(scanner(tmp_path, Here({run_planned: lost})), shop)
    assert result.unread == ((shop.id, "a.py"),)
    assert result.report.errors == ("shop: the process was lost",)


@pytest.mark.usefixtures("quick")
async def test_a_scan_that_nobody_takes_in_is_broken_off(tmp_path: Path, shop: Repository) -> None:
    async def hear(news: News | None) -> None:
        if news and news.done:
            raise NotFound("the org was deleted")

    tasks = Here({run_planned: lambda *_: time.sleep(1)})
    with pytest.raises(NotFound, match="deleted"):
        await run(scanner(tmp_path, tasks), shop, hear=hear)
    assert tasks.cancelled == ["scan acme/shop 1 of 1"]


@pytest.mark.usefixtures("quick")
async def test_a_scan_with_nothing_to_tell_hears_that_nobody_wants_it_any_more(
    tmp_path: Path, shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hear(news: News | None) -> None:
        if news is None:
            raise NotFound("the org was deleted")

    monkeypatch.setattr(scanning, "ASKED_EVERY_S", 0.1)
    tasks = Here({run_planned: lambda *_: time.sleep(1)})
    with pytest.raises(NotFound, match="deleted"):
        await run(scanner(tmp_path, tasks), shop, hear=hear)
    assert len(tasks.cancelled) == 1


async def test_a_scan_that_is_cancelled_takes_its_tasks_along(tmp_path: Path, shop: Repository) -> None:
    tasks = Here({plan_repository: lambda *_: time.sleep(1)})
    under_way = asyncio.create_task(run(scanner(tmp_path, tasks), shop))
    await asyncio.sleep(0.1)
    under_way.cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way
    assert tasks.cancelled == ["list acme/shop"]


async def test_a_rule_that_fires_too_often_is_left_out_of_what_is_still_to_be_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_module, "MOST_FINDINGS", 2)
    some = [repository(tmp_path, name, {f"{at}.py": "danger(1)\n" for at in range(3)}) for name in ("a", "b", "c")]
    run_on: list[str] = []

    def noted(*args: Any) -> Any:
        run_on.append(args[1].name)
        return run_planned(*args)

    result = await run(scanner(tmp_path, Here({run_planned: noted})), *some)
    assert run_on == ["a"]
    assert (len(result.findings), result.covered) == (2, ())
    assert result.report.errors == (f"a: {RULE.id}: Too many matches: set aside: it fires more than 2 times",)


def test_as_many_errors_are_told_as_people_read_and_how_many_there_are_more(shop: Repository) -> None:
    seen = Seen()
    seen.part(shop, FileScan((), tuple(f"error {number}" for number in range(60)), files=60), late=3)
    errors = seen.result(SCAN, (RULE,), (shop,), 1.0, 9.0).report.errors
    assert errors[0] == "shop: 3 files were not scanned within 9 s: scan again to go on"
    assert (len(errors), errors[-1]) == (ERRORS_TOLD + 1, "and 11 more")
