"""Files of the test's own, in its own folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rsolv_ray.model.batch import Writer
from rsolv_ray.store.bank import Vault
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import BANK, ORG


@pytest.fixture
def open_vault(tmp_path: Path) -> Iterator[Callable[..., Vault]]:
    """Opens vaults on the test's folder; they are closed at its end."""
    opened: list[Vault] = []

    def opens(*, writer: Writer = BANK, attached: int = 4, checkpoint_every: int = 256) -> Vault:
        opened.append(Vault(tmp_path, writer=writer, attached=attached, checkpoint_every=checkpoint_every))
        return opened[-1]

    yield opens
    for vault in opened:
        vault.close()


@pytest.fixture
def vault(open_vault: Callable[..., Vault]) -> Vault:
    return open_vault()


@pytest.fixture
def store(vault: Vault) -> OrgStore:
    return vault.org(ORG)
