"""None similar is novel, one to three are emerging, more are recurring."""

from __future__ import annotations

import pytest

from rsolv_ray.model.ids import PatternId
from rsolv_ray.model.pattern import Insight, Neighbour
from rsolv_ray.patterns.insights import SHOWN_AT_MOST, THRESHOLD, insight

NEW = PatternId.of("new")


def known(*similarities: float) -> list[Neighbour]:
    return [
        Neighbour(pattern=PatternId.of(number), similarity=similarity) for number, similarity in enumerate(similarities)
    ]


@pytest.mark.parametrize(
    ("count", "kind", "message"),
    [
        (0, Insight.NOVEL, "This is a new vulnerability pattern for your organization"),
        (1, Insight.EMERGING, "Similar vulnerabilities found once before"),
        (3, Insight.EMERGING, "Similar vulnerabilities found 3 times before"),
        (4, Insight.RECURRING, "This is a recurring pattern (4 similar cases)"),
    ],
)
def test_the_number_of_similar_patterns_decides(count: int, kind: Insight, message: str):
    told = insight(NEW, known(*[0.9] * count, 0.2))
    assert (told.id, told.insight, told.count, told.message) == (NEW, kind, count, message)


def test_a_similarity_at_the_threshold_does_not_count():
    assert insight(NEW, known(THRESHOLD)).insight is Insight.NOVEL
    assert insight(NEW, known(THRESHOLD + 0.001)).insight is Insight.EMERGING


def test_the_nearest_are_shown_first_and_all_are_counted():
    told = insight(NEW, known(*[0.71 + number / 100 for number in range(25)]))
    assert told.count == 25
    assert len(told.similar) == SHOWN_AT_MOST
    assert told.similar[0].similarity == pytest.approx(0.95)
