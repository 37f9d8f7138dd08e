"""What happens with a fix that is sent in? It is durable when the answer goes out; the answer is its cycle."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from rsolv_ray.api.auth import Author
from rsolv_ray.api.expiring import Expiring
from rsolv_ray.api.paths import OF_ORG, address
from rsolv_ray.api.problems import Flaw, Flawed
from rsolv_ray.api.wire import FixIn
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.errors import Conflict
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import FixId, OrgId

LONGEST_WAIT_S = 600
KEYS_KEPT_S = 24 * 3600.0

router = APIRouter(prefix=OF_ORG + "/fixes", tags=["fixes"])


class Keys:
    """Which fix was sent under which `Idempotency-Key`? Kept by this process, for a day.

    Nothing rests on it: a fix is its content, so one that is sent twice is one fix with or without a key. The memory
    only tells a client of its mistake when it uses one key for two fixes.
    """

    def __init__(self) -> None:
        self._sent: Expiring[tuple[OrgId, str], FixId] = Expiring(KEYS_KEPT_S)

    def check(self, org: OrgId, key: str, fix: FixId) -> None:
        """Remember the key.

        Raises:
            Conflict: it came with another fix before.
        """
        known = self._sent.get((org, key))
        if known is not None and known != fix:
            raise Conflict("this Idempotency-Key came with another fix before: use a new key for a new fix")
        self._sent.put((org, key), fix)


@router.post("", status_code=202, responses={200: {"model": Cycle, "description": "The fix is known: its first cycle"}})
async def receive_fix(
    *,
    body: FixIn,
    visit: Author,
    request: Request,
    response: Response,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="Wait up to so many seconds for the scan")] = 0,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Cycle:
    """Learn from a security fix. With `wait` the answer comes when its repositories are scanned, or after that time."""
    fix = body.noun()
    _check_rule(fix)
    if idempotency_key is not None:
        request.app.state.idempotency_keys.check(visit.org.id, idempotency_key, fix.id)
    receipt = await visit.house.receive_fix(visit.org.id, fix)
    response.status_code = 200 if receipt.known else 202
    response.headers["Location"] = address(visit.org, "cycles", receipt.cycle)
    if wait:
        return await visit.house.wait_for_cycle(visit.org.id, receipt.cycle, wait)
    return await visit.house.cycle(visit.org.id, receipt.cycle)


def _check_rule(fix: Fix) -> None:
    flaws = problems(fix.rule) if fix.rule is not None else ()
    if flaws:
        raise Flawed(f"/rule: {flaws[0]}", flaws=tuple(Flaw(pointer="/rule", detail=flaw) for flaw in flaws))
