"""What has every process counted? Asked of all at once; who does not answer in time is left out, and nobody is waited for."""

from __future__ import annotations

import asyncio

from rsolv_ray.actors.caller import Caller
from rsolv_ray.actors.names import ROOT, Address
from rsolv_ray.model.errors import Unavailable
from rsolv_ray.telemetry import Sample

WHERE_S = 0.3
TELL_S = 0.4
"""Together under a second, so that a scrape never fails because a process does."""


async def gather(caller: Caller) -> dict[str, tuple[Sample, ...]]:
    """The samples of the root and of every child that runs, by id. Empty where there is no root to ask."""
    try:
        running: tuple[Address, ...] = await caller.call(ROOT, "addresses", timeout_s=WHERE_S, retry=True)
    except Unavailable:
        return {}
    ids = [ROOT, *(address.id for address in running)]
    told = await asyncio.gather(*(_samples(caller, one) for one in ids))
    return {one: samples for one, samples in zip(ids, told, strict=True) if samples}


async def _samples(caller: Caller, id: str) -> tuple[Sample, ...]:  # noqa: A002 - the id of a child
    try:
        return await caller.call(id, "samples", timeout_s=TELL_S)
    except Unavailable:
        return ()
