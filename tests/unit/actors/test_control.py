"""Is the first admin key never lost, whatever the disk does?"""

from __future__ import annotations

from pathlib import Path

import pytest

from rsolv_ray.actors.names import CONTROL
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.org import Scope
from tests.unit.actors.conftest import Beside


async def test_the_first_admin_key_is_in_its_file_and_works(caller: Beside, tmp_path: Path) -> None:
    await caller.call(CONTROL, "first_admin", timeout_s=5)
    secret = (tmp_path / "admin.key").read_text().strip()
    principal = await caller.call(CONTROL, "ask", "authenticate", secret, timeout_s=5)
    assert principal.scopes == {Scope.ADMIN}
    assert (tmp_path / "admin.key").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "admin.key.draft").exists()


@pytest.mark.parametrize("in_the_way", ["admin.key.draft", "admin.key"])
async def test_no_admin_key_works_that_could_not_be_written_down(
    caller: Beside, tmp_path: Path, in_the_way: str
) -> None:
    (tmp_path / in_the_way / "full").mkdir(parents=True)
    with pytest.raises(Unavailable, match="cannot be written to"):
        await caller.call(CONTROL, "first_admin", timeout_s=5)
    assert not await caller.call(CONTROL, "ask", "has_admin", timeout_s=5)
    (tmp_path / in_the_way).rename(tmp_path / "moved")
    await caller.call(CONTROL, "first_admin", timeout_s=5)
    secret = (tmp_path / "admin.key").read_text().strip()
    assert await caller.call(CONTROL, "ask", "authenticate", secret, timeout_s=5)


async def test_a_first_admin_key_whose_file_was_not_named_yet_is_found_again(caller: Beside, tmp_path: Path) -> None:
    await caller.call(CONTROL, "first_admin", timeout_s=5)
    (tmp_path / "admin.key").rename(tmp_path / "admin.key.draft")
    await caller.call(CONTROL, "first_admin", timeout_s=5)
    secret = (tmp_path / "admin.key").read_text().strip()
    assert await caller.call(CONTROL, "ask", "authenticate", secret, timeout_s=5)


async def test_a_draft_of_a_key_that_was_never_made_is_removed(caller: Beside, tmp_path: Path) -> None:
    await caller.call(CONTROL, "first_admin", timeout_s=5)
    kept = (tmp_path / "admin.key").read_text()
    (tmp_path / "admin.key.draft").write_text("rsk_never_made\n")
    await caller.call(CONTROL, "first_admin", timeout_s=5)
    assert not (tmp_path / "admin.key.draft").exists()
    assert (tmp_path / "admin.key").read_text() == kept
