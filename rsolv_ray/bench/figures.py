"""How are many measurements told in a few numbers?"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """Measurements of one kind, in their own unit: median, 95th percentile (nearest rank), largest, and how many."""

    p50: float
    p95: float
    most: float
    samples: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Raises ValueError if there is nothing to tell."""
        if not values:
            raise ValueError("nothing was measured")
        ordered = sorted(values)

        def rank(share: float) -> float:
            return ordered[math.ceil(share * len(ordered)) - 1]

        return cls(p50=rank(0.5), p95=rank(0.95), most=ordered[-1], samples=len(ordered))

    def rounded(self, digits: int = 3) -> dict[str, float]:
        return {
            "p50": round(self.p50, digits),
            "p95": round(self.p95, digits),
            "max": round(self.most, digits),
            "samples": self.samples,
        }


@dataclass(frozen=True, slots=True)
class Ratios:
    """How many times as long the others took, run by run: the median, and what nine runs in ten reach or exceed."""

    median: float
    p90: float
    least: float
    samples: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Raises ValueError if there is nothing to tell."""
        if not values:
            raise ValueError("nothing was measured")
        ordered = sorted(values)
        reached = len(ordered) - math.ceil(0.9 * len(ordered))
        return cls(statistics.median(ordered), ordered[reached], ordered[0], len(ordered))

    def rounded(self, digits: int = 2) -> dict[str, float]:
        told = {"median": self.median, "p90": self.p90, "least": self.least}
        return {**{name: round(value, digits) for name, value in told.items()}, "samples": self.samples}


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure has to be: less than `below`, or `at_least` so much.

    `figure` names it, as in `accepted_idle_ms.p95`.
    """

    figure: str
    below: float | None
    meaning: str
    at_least: float | None = None

    @property
    def bound(self) -> str:
        """In words, as in `below 30`."""
        return f"at least {self.at_least:g}" if self.below is None else f"below {self.below:g}"

    def met(self, value: float) -> bool:
        above = self.at_least is None or value >= self.at_least
        return above and (self.below is None or value < self.below)

    def value(self, figures: dict[str, object]) -> float | None:
        """The figure's value; None where it was not measured."""
        found: object = figures
        for part in self.figure.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return float(found) if isinstance(found, int | float) else None


TARGETS = (
    Target("cold_start_s", 30.0, "cold start to ready"),
    Target("accepted_idle_ms.p95", 50.0, "fix accepted, nothing else running, p95"),
    Target("accepted_busy_ms.p95", 250.0, "fix accepted, four cycles running, p95"),
    Target("judged_s.p95", 5.0, "fix to judged rule, p95"),
    Target("cycle_s.p50", 10.0, "whole cycle on the example, median"),
    Target("memory_mib.idle", 2560.0, "memory when idle (PSS)"),
    Target("streams.livez_ms.p95", 1000.0, "/livez with the event streams open, p95"),
)
PAGE_TARGETS = (
    Target("slower_by", 0.10, "fix accepted with the dashboards open, slower by (median)"),
    Target("shown_s.p50", 1.0, "fix sent to shown on the last of the open pages, median"),
)
SCAN_TARGETS = (
    Target(
        "new_rule.ratio_to_semgrep_scan.median", None, "one new rule: `semgrep scan` takes so many times as long", 10.0
    ),
    Target("new_rule.ratio_to_core.median", None, "one new rule: bare semgrep-core takes so many times as long", 5.0),
    Target("new_rule.ratio_to_core.p90", None, "the same, reached by nine rules in ten", 1.0),
    Target(
        "after_commit.ratio_to_semgrep_scan.median",
        None,
        "after a commit: `semgrep scan` takes so many times as long",
        20.0,
    ),
    Target("cold.ratio_to_semgrep_scan", None, "nothing known: `semgrep scan` takes so many times as long", 1.0),
    Target("index.lines_per_s", None, "lines indexed in a second", 200_000.0),
    Target("index.share_of_source", 0.15, "size of the index, as a share of the source"),
)
SYNTHESIS_TARGETS = (
    Target("holds", None, "a rule is accepted, and fires on three rewritings of five", 0.55),
    Target("wall_s_per_fix", 2.0, "seconds for a fix, all processes together"),
)
