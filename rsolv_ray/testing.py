"""How is what runs tested without a cluster? The same plain classes, called in this process.

`InProcess` is the twin of `actors.directory.Directory`: it calls the real bank, control and validator by their ids, on
real files. What it lacks is processes: nothing here can die.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from rsolv_ray.actors.bank import Bank
from rsolv_ray.actors.client import House
from rsolv_ray.actors.control import Control
from rsolv_ray.actors.names import BANK, CONTROL, VALIDATOR
from rsolv_ray.actors.validator import Validator
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.scanning.clean import CLEAN
from rsolv_ray.settings import Settings


class InProcess:
    """Calls plain objects by the ids that their processes would have."""

    def __init__(self, children: Mapping[str, Any]) -> None:
        self._children = children

    async def call(
        self,
        id: str,  # noqa: A002 - the id of a child, as everywhere in supervision
        method: str,
        *args: Any,
        timeout_s: float,
        retry: bool = False,  # noqa: ARG002 - nothing dies here, so nothing is sent again
        **named: Any,
    ) -> Any:
        """Call a method of a child.

        Raises:
            Unavailable: there is no such child, or it took longer than `timeout_s` seconds.
        """
        if id not in self._children:
            raise Unavailable(f"{id} does not run")
        if method == "ping":
            return 0
        try:
            async with asyncio.timeout(timeout_s):
                return await getattr(self._children[id], method)(*args, **named)
        except TimeoutError as error:
            raise Unavailable(f"{id} did not answer within {timeout_s:g} s") from error


@asynccontextmanager
async def in_process(settings: Settings) -> AsyncIterator[House]:
    """A house with control, one bank and one validator, on the files of `settings.data_dir`. No cycle is driven."""
    children: dict[str, Any] = {
        CONTROL: Control(data_dir=str(settings.data_dir)),
        f"{BANK}/0": Bank(
            shard=0,
            data_dir=str(settings.data_dir),
            attached=settings.bank_attached_orgs,
            checkpoint_every=settings.checkpoint_every_commits,
        ),
        f"{VALIDATOR}/0": Validator(
            engine=settings.engine,
            rule_timeout_s=settings.rule_timeout_s,
            memory_mb=settings.engine_memory_mb,
            patience_s=settings.step_timeout_s,
            clean_index=str(settings.data_dir / CLEAN),
            clean_corpora=settings.clean_corpora,
        ),
    }
    for child in children.values():
        await child.start(1)
    try:
        yield House(InProcess(children), settings)
    finally:
        for child in children.values():
            await child.stop()
