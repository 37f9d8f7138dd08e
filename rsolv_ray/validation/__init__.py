"""From candidates and what the engine found to verdicts."""

from rsolv_ray.validation.cases import cases_for
from rsolv_ray.validation.judge import Hit, judge

__all__ = ["Hit", "cases_for", "judge"]
