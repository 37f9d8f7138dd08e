"""How many restarts are too many, and how long is it waited between failed ones?

The rule is OTP's: more than `intensity` restarts within `period_s` seconds and the supervisor gives up, so that a
crash loop climbs the tree instead of spinning in place. A restart is counted before it is tried, and a failed one counts.
Source: erlang/otp, lib/stdlib/src/supervisor.erl, add_restart/3. The back-off is ours.
"""

from __future__ import annotations

from hashlib import blake2b

from rsolv_ray.supervision.spec import BackOff, SupervisorSpec


def counted(restarts: tuple[float, ...], *, now: float, period_s: float) -> tuple[float, ...]:
    """The restarts that still count once one more happens at `now`, newest first. Times are seconds of one clock."""
    return (now, *(at for at in restarts if at >= now - period_s))


def exhausted(restarts: tuple[float, ...], spec: SupervisorSpec) -> bool:
    return len(restarts) > spec.intensity


def restarts_left(restarts: tuple[float, ...], spec: SupervisorSpec, now: float) -> int:
    """How many restarts a supervisor can still make at `now` before it gives up."""
    recent = sum(at >= now - spec.period_s for at in restarts)
    return max(0, spec.intensity - recent)


def delay(back_off: BackOff | None, *, child: str, attempts: int) -> float:
    """Seconds to wait after so many failed attempts in a row (at least 1).

    The jitter comes from the child's name and the attempt, so that siblings spread without a source of randomness.
    """
    if back_off is None:
        return 0.0
    whole = min(back_off.most_s, back_off.first_s * 2.0 ** min(attempts - 1, 60))
    digest = blake2b(f"{child}:{attempts}".encode(), digest_size=4).digest()
    return whole * (1.0 - 0.5 * int.from_bytes(digest) / 2**32)
