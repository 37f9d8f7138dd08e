"""Who owns the control database: orgs, keys, audit? The one `Control` process, on one thread."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rsolv_ray.actors.names import CONTROL
from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.org import Scope
from rsolv_ray.store.control import ControlStore

ADMIN_KEY_FILE = "admin.key"
READS = frozenset({"all_org_ids", "audit", "has_admin", "keys", "org", "orgs", "verify_audit"})
TIMED = frozenset({"authenticate", "create_org", "delete_org", "issue_key", "revoke_key"})


class Control:
    """Orgs, keys and audit. Reads may be sent again after a failure; `issue_key` may not."""

    def __init__(self, *, data_dir: str) -> None:
        self._data_dir = Path(data_dir)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")

    async def start(self, generation: int) -> None:
        writer = Writer(kind=CONTROL, generation=generation)
        self._store = await self._on_thread(lambda: ControlStore(self._data_dir / "control.sqlite", writer=writer))

    async def stop(self) -> None:
        await self._on_thread(self._store.close)
        self._thread.shutdown()

    async def ask(self, question: str, *args: Any, **named: Any) -> Any:
        """Answer or do one of `READS` and `TIMED`; the latter are stamped with the time."""
        if question in TIMED:
            named["now"] = datetime.now(UTC)
        elif question not in READS:
            raise Rejected(f"control does not know {question!r}")
        return await self._on_thread(lambda: getattr(self._store, question)(*args, **named))

    async def first_admin(self) -> None:
        """Make the first admin key, and keep it in a 0600 file of the data directory; nothing where there is one."""
        await self._on_thread(self._first_admin)

    def _first_admin(self) -> None:
        if self._store.has_admin():
            return
        scopes, now = frozenset({Scope.ADMIN}), datetime.now(UTC)
        issued = self._store.issue_key(None, "first admin", scopes, expires_at=None, by=CONTROL, now=now)
        opened = os.open(self._data_dir / ADMIN_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as out:
            out.write(issued.secret + "\n")

    async def _on_thread(self, act: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)
