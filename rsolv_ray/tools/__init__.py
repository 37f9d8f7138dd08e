"""Outside programs, run within limits."""

from rsolv_ray.tools.limited import CANNOT_START, Ended, Stopped, run_limited

__all__ = ["CANNOT_START", "Ended", "Stopped", "run_limited"]
