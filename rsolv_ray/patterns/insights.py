"""Has an org fixed something like this before? Novel, emerging or recurring, by how many similar ones are known.

The rule is RFC-016's: similar means a cosine above 0.7; none is novel, one to three emerging, more recurring.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.model.ids import PatternId
from rsolv_ray.model.pattern import Insight, Neighbour, PatternInsight

THRESHOLD = 0.7
EMERGING_AT_MOST = 3
SHOWN_AT_MOST = 10


def insight(pattern: PatternId, known: Sequence[Neighbour]) -> PatternInsight:
    """How a pattern stands among those known before it.

    `known` may hold any of the earlier patterns; those at or under the threshold do not count. `similar` shows the
    nearest ten, `count` counts them all.
    """
    similar = sorted((one for one in known if one.similarity > THRESHOLD), key=lambda one: one.similarity, reverse=True)
    kind, message = _judged(len(similar))
    return PatternInsight(
        id=pattern, insight=kind, count=len(similar), similar=tuple(similar[:SHOWN_AT_MOST]), message=message
    )


def _judged(count: int) -> tuple[Insight, str]:
    if count == 0:
        return Insight.NOVEL, "This is a new vulnerability pattern for your organization"
    if count <= EMERGING_AT_MOST:
        times = "once" if count == 1 else f"{count} times"
        return Insight.EMERGING, f"Similar vulnerabilities found {times} before"
    return Insight.RECURRING, f"This is a recurring pattern ({count} similar cases)"
