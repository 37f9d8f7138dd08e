"""Does a budget of writes come back as time goes by, and no faster?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.api.expiring import Expiring
from rsolv_ray.api.problems import TooMany
from rsolv_ray.api.rates import WriteBudget
from rsolv_ray.model.ids import KeyId

KEY = KeyId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_spent_budget_says_when_to_come_back_and_then_gives():
    clock = Clock()
    budget = WriteBudget(6, clock=clock)
    for _ in range(6):
        budget.spend(KEY)
    with pytest.raises(TooMany) as refused:
        budget.spend(KEY)
    clock.now += int(refused.value.headers["Retry-After"])
    budget.spend(KEY)


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 20))
def test_no_window_gives_more_than_the_budget_and_what_was_regained(pauses, per_minute):
    clock = Clock()
    budget = WriteBudget(per_minute, clock=clock)
    spent = 0
    for pause in pauses:
        clock.now += pause
        try:
            budget.spend(KEY)
        except TooMany:
            continue
        spent += 1
    assert spent <= per_minute + clock.now * per_minute / 60 + 1e-6


def test_an_answer_is_believed_for_its_time_alone():
    clock = Clock()
    memory: Expiring[str, int] = Expiring(5.0, clock=clock)
    memory.put("a", 1)
    clock.now = 4.9
    assert memory.get("a") == 1
    clock.now = 5.0
    assert memory.get("a") is None


def test_the_oldest_answer_makes_room():
    memory: Expiring[int, int] = Expiring(5.0, most=2, clock=Clock())
    for n in range(3):
        memory.put(n, n)
    assert [memory.get(n) for n in range(3)] == [None, 1, 2]
