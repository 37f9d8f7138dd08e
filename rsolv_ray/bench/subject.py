"""What is measured? A running service, with orgs of the benchmark's own that are deleted afterwards."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rsolv_ray.model.errors import Unavailable
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.noun import JsonObject

POLL_S = 0.2
CYCLE_TIMEOUT_S = 180.0
REPOSITORY = "example"


class Client(Protocol):
    """Whoever speaks to a service for us; addresses are relative to `/api/v1`."""

    def get(self, path: str, **query: Any) -> Any: ...
    def text(self, path: str, *, accept: str, **query: Any) -> str: ...
    def post(self, path: str, body: Any = None, *, wait_s: float = 0.0, **query: Any) -> Any: ...
    def delete(self, path: str) -> None: ...


@dataclass(frozen=True)
class Sent:
    """A fix that was accepted, and how long that took."""

    org: str
    cycle: str
    accepted_s: float
    sent_at: float


class Subject:
    """A service, spoken to with an admin key; `repository` is the example, `fix` the one in its history."""

    def __init__(self, client: Client, fix: Fix, repository: Path) -> None:
        self.client = client
        self.repository = repository
        self._fix = fix
        self._orgs: list[str] = []
        self._number = 0

    @contextmanager
    def orgs_deleted_at_the_end(self) -> Iterator[None]:
        try:
            yield
        finally:
            for org in self._orgs:
                self.client.delete(f"orgs/{org}")

    def new_org(self, *, with_repository: bool = False) -> str:
        """The name of a fresh org; the example is registered in it if wanted."""
        org = f"bench-{secrets.token_hex(6)}"
        self.client.post("orgs", {"name": org})
        self._orgs.append(org)
        if with_repository:
            self.client.post(f"orgs/{org}/repositories", {"location": str(self.repository), "name": REPOSITORY})
        return org

    def new_key(self, org: str) -> str:
        """The secret of a key of the org that may read."""
        return str(self.client.post(f"orgs/{org}/keys", {"name": "bench", "scopes": ["read"]})["secret"])

    def another_fix(self, *, scan: bool) -> JsonObject:
        """The example's fix with another number at the end of its first file: another fix of the same weakness."""
        self._number += 1
        first, *others = self._fix.changes
        mark = f"\n\nNUMBER = {self._number}\n"
        changed = first.model_copy(update={"before": first.before + mark, "after": first.after + mark})
        fix = self._fix.model_copy(update={"changes": (changed, *others), "scan": scan})
        return fix.model_dump(mode="json", exclude_none=True)

    def send(self, org: str, fix: JsonObject) -> Sent:
        began = time.perf_counter()
        cycle = self.client.post(f"orgs/{org}/fixes", fix)
        return Sent(org, str(cycle["id"]), time.perf_counter() - began, began)

    def finished(self, sent: Sent) -> JsonObject:
        """The cycle when it has ended.

        Raises:
            Unavailable: it has not ended within three minutes.
        """
        while time.perf_counter() < sent.sent_at + CYCLE_TIMEOUT_S:
            cycle: JsonObject = self.client.get(f"orgs/{sent.org}/cycles/{sent.cycle}")
            if cycle["outcome"] is not None:
                return cycle
            time.sleep(POLL_S)
        raise Unavailable(f"cycle {sent.cycle} has not ended after {CYCLE_TIMEOUT_S:.0f} s")
