"""Does the one who asks for everybody ask sparingly?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from rsolv_ray.actors.client import House
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import OrgName
from rsolv_ray.model.org import Org
from rsolv_ray.settings import Settings
from rsolv_ray.testing import in_process
from tests.unit.store.samples import lesson


def fix(number: int = 0) -> Fix:
    change = FileChange(path="db.py", language="python", before=f"run(a % {number})\n", after=f"run(a, {number})\n")
    return Fix(changes=(change,))


class Watched:
    """Calls on, counts the questions, and how many were open at once."""

    def __init__(self, caller: Any) -> None:
        self._caller = caller
        self.asked: Counter[str] = Counter()
        self.open = self.most_open = 0

    async def call(self, child: str, method: str, *args: Any, **named: Any) -> Any:
        self.asked[args[1] if method in ("ask", "tell") else method] += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await asyncio.sleep(0)
            return await self._caller.call(child, method, *args, **named)
        finally:
            self.open -= 1


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(data_dir=tmp_path, validators=1)
    async with in_process(settings) as made:
        made._caller = Watched(made._caller)
        yield made


@pytest.fixture
async def acme(house: House) -> Org:
    return await house.create_org(OrgName("acme"), "Acme", by="tests")


async def test_who_waits_for_a_cycle_is_not_woken_by_what_says_nothing_of_cycles(house: House, acme: Org) -> None:
    receipt = await house.receive_fix(acme.id, fix())
    waiting = asyncio.create_task(house.wait_for_cycle(acme.id, receipt.cycle, 1.0))
    began = monotonic()
    for number in range(5):
        await asyncio.sleep(0.05)
        await house._tell(acme.id, "commit", Batch(events=(lesson(str(number)),)))
    await waiting
    assert monotonic() - began > 0.9
    assert house._caller.asked["history"] <= 2


async def test_a_page_of_cycles_is_asked_for_in_parts_so_that_others_get_their_turn(house: House, acme: Org) -> None:
    sent = [(await house.receive_fix(acme.id, fix(number))).cycle for number in range(20)]
    house._caller.most_open = 0
    house._caller.asked.clear()
    page = await house.cycles(acme.id, 100, None)
    assert [cycle.id for cycle in page.items] == sent[::-1]
    assert house._caller.asked == {"cycles": 1, "histories": 2}
    assert house._caller.most_open == 1


async def test_cycles_bear_the_title_and_the_weakness_of_their_fix(house: House, acme: Org) -> None:
    await house.receive_fix(acme.id, fix().model_copy(update={"title": "Bind it", "cwe": ("CWE-89",)}))
    (told,) = (await house.cycles(acme.id, 1, None)).items
    assert (told.title, told.cwe) == ("Bind it", ("CWE-89",))


async def test_intelligence_is_one_question_to_the_bank(house: House, acme: Org) -> None:
    await house.receive_fix(acme.id, fix())
    house._caller.asked.clear()
    known = await house.intelligence(acme.id)
    assert house._caller.asked == {"learning_facts": 1}
    assert known.score.value == 0
    assert {len(series.points) for series in known.learning} == {1}
