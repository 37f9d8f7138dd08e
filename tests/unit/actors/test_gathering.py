"""What comes together of the counts of many processes, when some of them are away?"""

from __future__ import annotations

import asyncio
import time

import pytest

from rsolv_ray.actors import gathering
from rsolv_ray.actors.gathering import gather
from rsolv_ray.actors.names import ROOT, Address
from rsolv_ray.telemetry import Sample
from rsolv_ray.testing import InProcess

BANK, VALIDATORS = "bank/0", ["validator/0", "validator/1", "validator/2"]


class Told:
    """A process that tells its count, after a while."""

    def __init__(self, value: float, *, after_s: float = 0.0) -> None:
        self._value, self._after_s = value, after_s

    async def samples(self) -> tuple[Sample, ...]:
        await asyncio.sleep(self._after_s)
        return (Sample("rsolv_scan_files", "rsolv_scan_files_total", (), self._value),)


class Root(Told):
    """The root of a tree in which children of these ids run."""

    def __init__(self, *ids: str) -> None:
        super().__init__(0.0)
        self._ids = ids

    async def addresses(self) -> tuple[Address, ...]:
        return tuple(Address(one, 1) for one in self._ids)


async def test_every_process_tells_under_its_own_id() -> None:
    told = await gather(InProcess({ROOT: Root(BANK, VALIDATORS[0]), BANK: Told(1), VALIDATORS[0]: Told(2)}))
    assert {one: samples[0].value for one, samples in told.items()} == {ROOT: 0, BANK: 1, VALIDATORS[0]: 2}


async def test_a_process_that_is_away_is_left_out_and_spoils_no_other() -> None:
    told = await gather(InProcess({ROOT: Root(BANK, VALIDATORS[0]), BANK: Told(1)}))
    assert told.keys() == {ROOT, BANK}


async def test_those_that_hang_are_waited_for_once_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "TELL_S", 0.1)
    hanging = {one: Told(1, after_s=60) for one in VALIDATORS}
    began = time.monotonic()
    told = await gather(InProcess({ROOT: Root(BANK, *VALIDATORS), BANK: Told(1), **hanging}))
    assert told.keys() == {ROOT, BANK}
    assert time.monotonic() - began < 0.25


async def test_without_a_root_nobody_is_asked() -> None:
    assert await gather(InProcess({BANK: Told(1)})) == {}


def test_an_answer_is_never_waited_for_longer_than_a_second() -> None:
    assert gathering.WHERE_S + gathering.TELL_S < 1
