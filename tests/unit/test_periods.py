"""Days, weeks and months begin at midnight, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.model.events import Period
from rsolv_ray.periods import start_of

SATURDAY = datetime(2026, 11, 21, 13, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "start"),
    [
        (Period.DAILY, datetime(2026, 11, 21, tzinfo=UTC)),
        (Period.WEEKLY, datetime(2026, 11, 16, tzinfo=UTC)),
        (Period.MONTHLY, datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_a_period_begins_at_its_first_midnight(period: Period, start: datetime) -> None:
    assert start_of(period, SATURDAY) == start
    assert start_of(period, start) == start
