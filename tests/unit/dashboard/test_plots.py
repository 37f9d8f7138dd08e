from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from rsolv_ray.dashboard import plots
from rsolv_ray.model.intelligence import Point, Series, Share

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _series(*values: float, title: str = "Rules") -> Series:
    points = tuple(Point(at=DAY + timedelta(days=number), value=value) for number, value in enumerate(values))
    return Series(name="s", title=title, points=points)


def test_a_ring_shows_its_value_as_a_part_of_the_circle() -> None:
    drawn = plots.ring(25)
    length = float(re.findall(r'stroke-dasharray="([\d.]+) ', drawn)[0])
    assert length == pytest.approx(2 * 3.14159 * 42 / 4, abs=0.1)


def test_a_ring_of_nothing_has_no_arc() -> None:
    assert "arc" not in plots.ring(0)


def test_weeks_are_sums_of_seven_days_that_end_with_the_last_day() -> None:
    drawn = plots.weekly(_series(*[1] * 10), "rules")
    assert 'aria-label="rules per week, the last 2: 3, 7"' in drawn
    assert "<title>7 rules in the week from 04 Jan</title>" in drawn


def test_the_highest_column_ends_below_the_top_of_the_scale() -> None:
    drawn = plots.weekly(_series(4), "rules")
    assert "<span>5</span><span>0</span>" in drawn
    assert 'class="week" x="276.5" y="16.0" width="22.0" height="64.0"' in drawn


def test_no_more_weeks_are_shown_than_there_are_places() -> None:
    assert plots.weekly(_series(*[1] * 90), "rules").count('class="week"') == plots.WEEKS


def test_a_line_goes_from_the_first_day_to_the_last_and_begins_its_scale_at_nothing() -> None:
    drawn = plots.growth((_series(5, 10),))
    assert '<polyline class="line-0" points="0.0,40.0 300.0,0.0"/>' in drawn
    assert "<span>10</span><span>0</span>" in drawn


def test_of_one_day_the_values_are_told_and_no_line_is_drawn() -> None:
    drawn = plots.growth((_series(7),))
    assert "One day so far" in drawn
    assert "<b>7</b>" in drawn
    assert "polyline" not in drawn


def test_hovering_tells_the_values_from_each_change_to_the_next() -> None:
    drawn = plots.growth((_series(1, 1, 3, title="<Rules>"),))
    assert re.findall(r"<title>(.*?)</title>", drawn) == ["01 Jan: &lt;Rules&gt;: 1", "03 Jan: &lt;Rules&gt;: 3"]


def test_nothing_at_all_is_drawn_as_an_empty_frame() -> None:
    assert "polyline" not in plots.growth(())
    assert "NaN" not in plots.weekly(_series(), "rules")


def test_shares_after_the_first_few_are_summed_up() -> None:
    drawn = plots.shares([Share(name=f"<w{number}>", count=1) for number in range(plots.MOST_SHARES + 2)])
    assert "<span>2 others</span>" in drawn
    assert "&lt;w0&gt;" in drawn
    assert drawn.count("<li>") == plots.MOST_SHARES + 1


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (3, 5), (7, 10), (10, 10), (11, 20), (230, 500)])
def test_a_scale_ends_at_a_round_number(value: float, top: float) -> None:
    assert f"<span>{top}</span>" in plots.growth((_series(0, value),))
