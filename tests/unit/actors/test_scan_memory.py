"""What scans remember goes when its repository or its org goes, and stays otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from rsolv_ray.actors.bank import Bank
from rsolv_ray.model.finding import Repository
from rsolv_ray.scanning.places import Places
from tests.unit.actors.test_scanning import ORG, scanner
from tests.unit.store.samples import repository as registered


@pytest.fixture
def remembered(tmp_path: Path) -> Callable[[], list[str]]:
    """Something is remembered of two repositories; the call tells of which there still is something."""
    for name in ("shop", "till"):
        folder = Places(tmp_path).index(ORG, registered(name, f"/srv/{name}").id)
        folder.mkdir(parents=True)
        (folder / "x").write_text(name)
    return lambda: sorted(one.read_text() for one in (tmp_path / "index").rglob("x"))


async def test_a_repository_that_is_removed_is_forgotten(tmp_path: Path, remembered: Callable[[], list[str]]) -> None:
    bank = Bank(shard=0, data_dir=str(tmp_path), attached=4, checkpoint_every=100)
    await bank.start(1)
    shop = registered("shop", "/srv/shop")
    await bank.tell(ORG, "add_repository", shop)
    assert remembered() == ["shop", "till"]
    await bank.tell(ORG, "remove_repository", shop.id)
    assert remembered() == ["till"]
    await bank.stop()


async def test_an_org_that_is_deleted_is_forgotten(tmp_path: Path, remembered: Callable[[], list[str]]) -> None:
    bank = Bank(shard=0, data_dir=str(tmp_path), attached=4, checkpoint_every=100)
    await bank.start(1)
    await bank.forget(ORG)
    assert remembered() == []
    await bank.stop()


def test_what_cannot_be_removed_of_a_deleted_org_is_told_in_the_log(
    tmp_path: Path, remembered: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, **_: object) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("os.unlink", refuse)
    with capture_logs() as told:
        Places(tmp_path).forget(ORG)
    monkeypatch.undo()
    assert remembered() == ["shop", "till"]
    assert [(one["log_level"], "Permission denied" in one["reason"]) for one in told] == [("warning", True)]


def test_forgetting_a_second_time_tells_nothing(tmp_path: Path) -> None:
    with capture_logs() as told:
        Places(tmp_path).forget(ORG)
    assert told == []


async def test_what_is_of_no_registered_repository_is_forgotten(
    tmp_path: Path, remembered: Callable[[], list[str]]
) -> None:
    async def registered_now() -> list[Repository]:
        return [registered("till", "/srv/till")]

    (tmp_path / "index" / ORG / "stray").write_text("no repository's")
    await scanner(tmp_path, data_dir=str(tmp_path)).clear_away(ORG, registered_now)
    assert remembered() == ["till"]


async def test_what_is_registered_while_scans_clear_away_keeps_its_index(
    tmp_path: Path, remembered: Callable[[], list[str]]
) -> None:
    async def registered_now() -> list[Repository]:
        folder = Places(tmp_path).index(ORG, registered("new", "/srv/new").id)
        folder.mkdir(parents=True)
        (folder / "x").write_text("new")
        return [registered("till", "/srv/till")]

    await scanner(tmp_path, data_dir=str(tmp_path)).clear_away(ORG, registered_now)
    assert remembered() == ["new", "till"]
