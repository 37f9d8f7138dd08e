"""A validator that a certain fix kills, as a fix might that makes a parser overflow its stack."""

from __future__ import annotations

import os
import signal

from rsolv_ray.actors.validator import Validator
from rsolv_ray.model.fix import Fix
from rsolv_ray.proposers import Asked
from rsolv_ray.synthesis import Proposals

POISON = "poison"


class FragileValidator(Validator):
    """Dies of a fix with the title `POISON`, every time."""

    async def synthesise(self, fix: Fix, tokens: int = 0) -> tuple[Proposals, Asked]:
        if fix.title == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().synthesise(fix, tokens)
