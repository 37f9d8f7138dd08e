"""What does an org know, and how fast does it learn?

What is shown of an org's learning, as values: a score with the parts that it is made of, cards, velocity, series over
days, and shares. How each is computed: docs/metrics.md and `rsolv_ray/intelligence.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from rsolv_ray.model.noun import Count, Moment, Noun

Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class ScorePart(Noun):
    """One part of the score. `value` of 1 is full marks; it counts `weight` of the whole, and the weights sum up to 1.

    `told` says in words what the value is made of, with its numbers: "7 of 9 fixes taught a rule". `n` is how many
    things were looked at for it: 0 means that there was nothing to judge by, and then `value` is 0.
    """

    name: str
    title: str
    value: Fraction
    weight: Fraction
    told: str
    n: Count = 0


class Score(Noun):
    """From 0 (nothing is known) to 100, and what it is made of."""

    value: Annotated[int, Field(ge=0, le=100)]
    parts: tuple[ScorePart, ...]


class Card(Noun):
    """One number with what has changed in it.

    A `rate` lies in 0 to 1, and `n` is its denominator: where `n` is 0 nothing was measured, `value` is 0 and is not to
    be shown as a rate. `delta` is in the unit of the value and is None where there is nothing to compare with; `window`
    says what it is taken over. `better` says which way is good.
    """

    name: str
    title: str
    value: Number
    unit: Literal["count", "rate"]
    delta: Number | None
    window: str
    n: int | None = None
    better: Literal["more", "less"]


class Point(Noun):
    """A value of one day; `at` is the day's beginning in UTC."""

    at: Moment
    value: Number


class Series(Noun):
    """Values by day, oldest first, no day left out."""

    name: str
    title: str
    points: tuple[Point, ...]


class Share(Noun):
    """How many of a whole bear this name."""

    name: str
    count: Count


class Velocity(Noun):
    """Rules accepted per week in the last `window_days` days, and in as many days before them.

    `rules` and `rules_before` are the counts behind the two.
    """

    per_week: Number
    before: Number
    window_days: Annotated[int, Field(ge=1)]
    rules: Count = 0
    rules_before: Count = 0


class Intelligence(Noun):
    """What an org has learned, as it is at `at`.

    `cards`: `rules`, `patterns`, `found_by_learning`, `false_positive_rate`. `learning`: `rules_per_day`,
    `patterns_per_day`, and cumulative `rules_total` and `patterns_total`; `score` where it is known by day.
    `distribution`: patterns by weakness, the most frequent first.
    """

    at: Moment
    score: Score
    cards: tuple[Card, ...]
    velocity: Velocity
    learning: tuple[Series, ...]
    distribution: tuple[Share, ...]
