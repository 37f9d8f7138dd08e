"""A validator that hangs says so, so that it is replaced; one that meets a bug over one request says so and goes on."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from rsolv_ray.actors import validator as module
from rsolv_ray.actors.validator import Validator
from rsolv_ray.engine.syntax import SyntaxChecker
from rsolv_ray.model.errors import Broken
from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from tests.unit.engine.samples import definition


async def test_a_request_beyond_all_patience_makes_it_unhealthy_until_it_ends() -> None:
    validator = Validator(engine="auto", rule_timeout_s=5, memory_mb=500, patience_s=0.05)
    go_on = threading.Event()
    hanging = asyncio.create_task(validator._alone("wait", go_on.wait))
    await asyncio.sleep(0.2)
    assert not await validator.healthy()
    go_on.set()
    await hanging
    assert await validator.healthy()


@pytest.mark.parametrize("bug", [RecursionError, MemoryError])
async def test_a_fix_beyond_stack_or_memory_costs_itself_alone(
    monkeypatch: pytest.MonkeyPatch, bug: type[Exception]
) -> None:
    """Anything but one of our errors would end the process, and with it what others wait for."""

    def propose_or_fail(fix: Fix) -> object:
        if fix.cwe:
            raise bug
        return propose(fix)

    monkeypatch.setattr(module, "propose", propose_or_fail)
    validator = Validator(engine="auto", rule_timeout_s=5, memory_mb=500, patience_s=5)
    change = {"path": "a.py", "before": "run(f'a {b}')\n", "after": "run('a', b)\n"}
    odd, plain = (Fix.model_validate({"changes": [change], "cwe": cwe}) for cwe in (["CWE-89"], []))
    with pytest.raises(Broken):
        await validator.synthesise(odd)
    proposed, _ = await validator.synthesise(plain)
    assert proposed.candidates
    assert await validator.healthy()


async def _started() -> Validator:
    validator = Validator(engine="core", rule_timeout_s=5, memory_mb=500, patience_s=5)
    await validator.start(1)
    return validator


async def test_rules_are_checked_by_one_process_that_ends_with_the_validator() -> None:
    validator = await _started()
    assert validator._syntax is not None
    first = await validator.validate(definition(), ())
    reader = validator._syntax.pid
    second = await validator.validate(definition(pattern="eval(("), ())
    assert (first.valid, second.valid) == (True, False)
    assert validator._syntax.pid == reader is not None
    await validator.stop()
    assert validator._syntax.pid is None


async def test_where_the_reader_fails_the_engine_is_asked(tmp_path: Path) -> None:
    validator = await _started()
    validator._syntax = SyntaxChecker(tmp_path / "nothing")
    assert (await validator.validate(definition(), ())).valid
    assert not (await validator.validate(definition(pattern="eval(("), ())).valid
    await validator.stop()
