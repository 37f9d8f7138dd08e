"""Supervision: OTP's rules as pure functions over a clock that is passed in. `actors/supervisor.py` observes and obeys."""

from rsolv_ray.supervision.step import step

__all__ = ["step"]
