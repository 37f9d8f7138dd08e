"""When does a period begin? Days, weeks (from Monday, ISO 8601) and months, in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

from rsolv_ray.model.events import Period


def start_of(period: Period, moment: datetime) -> datetime:
    """The first moment of the period that `moment` lies in."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case Period.DAILY:
            return day
        case Period.WEEKLY:
            return day - timedelta(days=day.weekday())
        case Period.MONTHLY:
            return day.replace(day=1)
