"""The newest events of a log, for those who follow it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from rsolv_ray.actors.tail import KEPT, Tail, Tails
from rsolv_ray.model.events import LessonLearned, Recorded, RetentionApplied
from rsolv_ray.model.ids import OrgId

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")


def lesson(sequence: int) -> Recorded:
    return Recorded(org=ORG, sequence=sequence, at=NOW, event=LessonLearned(lesson=f"{sequence}"))


async def test_a_follower_at_the_end_gets_what_is_new() -> None:
    tail = Tail(4)
    tail.add([lesson(5), lesson(6)])
    assert tail.after(4, None, 10) == (lesson(5), lesson(6))
    assert tail.after(6, None, 10) == ()


async def test_a_follower_from_before_what_is_kept_is_sent_to_the_file() -> None:
    tail = Tail(4)
    assert tail.after(3, None, 10) is None
    tail.add([lesson(number) for number in range(5, 5 + KEPT + 10)])
    assert tail.after(4, None, 10) is None


async def test_events_are_filtered_by_type_and_limited() -> None:
    tail = Tail(0)
    other = Recorded(org=ORG, sequence=2, at=NOW, event=RetentionApplied(kind="code", removed=1, before=NOW))
    tail.add([lesson(1), other, lesson(3), lesson(4)])
    assert tail.after(0, frozenset({"LessonLearned"}), 2) == (lesson(1), lesson(3))


async def test_events_that_come_again_are_taken_once() -> None:
    tail = Tail(0)
    tail.add([lesson(1)])
    tail.add([lesson(1), lesson(2)])
    assert tail.after(0, None, 10) == (lesson(1), lesson(2))


async def test_who_waits_is_woken_by_an_event() -> None:
    tail = Tail(0)
    waiting = asyncio.create_task(tail.wait_beyond(0, 30.0))
    await asyncio.sleep(0)
    tail.add([lesson(1)])
    async with asyncio.timeout(5):
        await waiting


async def test_who_waits_in_vain_is_let_go() -> None:
    async with asyncio.timeout(5):
        await Tail(0).wait_beyond(0, 0.01)


async def test_waiting_for_what_is_there_already_returns_at_once() -> None:
    tail = Tail(0)
    tail.add([lesson(1)])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await tail.wait_beyond(1, 30.0)
    async with asyncio.timeout(5):
        await tail.wait_beyond(0, 30.0)


async def test_after_a_gap_who_follows_from_before_it_is_sent_to_the_file() -> None:
    tail = Tail(0)
    tail.add([lesson(1)])
    tail.add([lesson(3)])
    assert tail.after(0, None, 10) is None
    assert tail.after(1, None, 10) is None
    assert tail.after(2, None, 10) == (lesson(3),)


def orgs(count: int) -> list[OrgId]:
    return [OrgId(f"01JD3Z6Q4T8V5W2X9Y7A1B0C{number:02}") for number in range(count)]


async def test_the_tails_that_were_used_last_are_kept() -> None:
    tails = Tails(2)
    first, second, third = orgs(3)
    tails.begin(first, 0)
    tails.begin(second, 0)
    tails.get(first)
    tails.begin(third, 0)
    assert (tails.get(first) is None, tails.get(second) is None, tails.get(third) is None) == (False, True, False)


async def test_a_tail_that_is_followed_stays() -> None:
    tails = Tails(1)
    first, *others = orgs(4)
    tail = tails.begin(first, 0)
    with tail.followed():
        for org in others:
            tails.begin(org, 0)
        assert tails.get(first) is tail
    tails.begin(others[0], 0)
    assert tails.get(first) is None


async def test_so_many_events_are_kept_of_all_orgs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsolv_ray.actors.tail.KEPT_OF_ALL", 10)
    tails = Tails(100)
    made = orgs(4)
    for org in made:
        tails.begin(org, 0).add([lesson(number) for number in range(1, 5)])
        tails.make_room()
    assert [tails.get(org) is not None for org in made] == [False, False, True, True]
