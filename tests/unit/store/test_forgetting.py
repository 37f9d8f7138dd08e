"""Is an org that was deleted gone for good, whenever the process that deletes it ends?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import NotFound, Unavailable
from rsolv_ray.store.bank import Vault
from tests.unit.store.samples import NOW, ORG, OTHER, WRITER, lesson


def file_of(root: Path) -> Path:
    return root / "orgs" / ORG / "intelligence.duckdb"


def write(vault: Vault) -> None:
    vault.org(ORG).commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)


def test_a_forgotten_org_leaves_no_file_and_stays_forgotten(open_vault: Callable[..., Vault], tmp_path: Path) -> None:
    vault = open_vault()
    write(vault)
    vault.forget(ORG)
    vault.close()
    with pytest.raises(NotFound):
        open_vault().org(ORG)
    assert not file_of(tmp_path).parent.exists()


def test_an_org_without_a_file_is_forgotten_as_well(vault: Vault) -> None:
    for _ in range(2):
        vault.forget(OTHER)
    with pytest.raises(NotFound):
        vault.org(OTHER)


def test_an_org_is_forgotten_before_its_folder_goes(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(vault)

    def breaks_off(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        vault.forget(ORG)
    assert (vault.standing(), vault.half_forgotten()) == ((), (ORG,))
    monkeypatch.undo()
    vault.forget(ORG)
    assert vault.half_forgotten() == ()
    assert not file_of(tmp_path).parent.exists()


def test_a_folder_that_cannot_be_written_to_is_said_to_be_so(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "orgs").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be written to"):
        vault.org(ORG)
    with pytest.raises(Unavailable, match="cannot be written to"):
        vault.forget(ORG)
