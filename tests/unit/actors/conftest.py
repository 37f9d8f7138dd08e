"""Control and a bank on the test's own folder, called in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.control import Control
from rsolv_ray.actors.names import BANK, CONTROL
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.testing import InProcess


class Beside(InProcess):
    """Real processes' classes, of which one may be away."""

    def __init__(self, children: dict[str, Any]) -> None:
        super().__init__(children)
        self.away: set[str] = set()
        self.calls: list[str] = []

    async def call(self, id: str, method: str, *args: Any, **named: Any) -> Any:  # noqa: A002
        if id in self.away:
            raise Unavailable(f"{id} is away")
        self.calls.append(f"{id}.{method}")
        return await super().call(id, method, *args, **named)


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Beside]:
    children: dict[str, Any] = {
        CONTROL: Control(data_dir=str(tmp_path)),
        f"{BANK}/0": Bank(shard=0, data_dir=str(tmp_path), attached=4, checkpoint_every=100),
    }
    for child in children.values():
        await child.start(1)
    yield Beside(children)
    for child in children.values():
        await child.stop()
