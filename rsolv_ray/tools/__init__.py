"""Outside programs, run within limits."""

from rsolv_ray.tools.conversation import BrokenOff, Conversation
from rsolv_ray.tools.limited import CANNOT_START, Ended, Running, Stopped, run_limited

__all__ = ["CANNOT_START", "BrokenOff", "Conversation", "Ended", "Running", "Stopped", "run_limited"]
