"""A validator that hangs says so, so that it is replaced."""

from __future__ import annotations

import asyncio
import threading

from rsolv_ray.actors.validator import Validator


async def test_a_request_beyond_all_patience_makes_it_unhealthy_until_it_ends() -> None:
    validator = Validator(engine="auto", rule_timeout_s=5, memory_mb=500, patience_s=0.05)
    go_on = threading.Event()
    hanging = asyncio.create_task(validator._alone(go_on.wait))
    await asyncio.sleep(0.2)
    assert not await validator.healthy()
    go_on.set()
    await hanging
    assert await validator.healthy()
