"""Who owns the control database: orgs, keys, audit? The one `Control` process, on one thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rsolv_ray.actors.names import CONTROL
from rsolv_ray.actors.sharing import answering
from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import Rejected, Unavailable
from rsolv_ray.model.org import Scope
from rsolv_ray.store.control import ControlStore
from rsolv_ray.store.durably import rename_durably, write_durably

ADMIN_KEY_FILE = "admin.key"
READS = frozenset({"all_org_ids", "audit", "deleted_org_ids", "has_admin", "keys", "org", "orgs", "verify_audit"})
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
        with answering(question):
            return await self._on_thread(lambda: getattr(self._store, question)(*args, **named))

    async def first_admin(self) -> None:
        """Make the first admin key, and keep it in a 0600 file of the data directory; nothing where there is one.

        The secret is in a file before the key can work, so that an admin key that nobody knows is never the only one.

        Raises:
            StorageFull: there is no room for the file; no key was made.
            Unavailable: the file cannot be written; no key works that is not in it.
        """
        await self._on_thread(self._first_admin)

    def _first_admin(self) -> None:
        path = self._data_dir / ADMIN_KEY_FILE
        draft = path.with_name(f"{ADMIN_KEY_FILE}.draft")
        if self._store.has_admin():
            self._settle(draft, path)
            return
        issued = self._store.issue_key(
            None,
            "first admin",
            frozenset({Scope.ADMIN}),
            expires_at=None,
            by=CONTROL,
            now=datetime.now(UTC),
            keep=lambda secret: write_durably(draft, secret + "\n"),
        )
        try:
            rename_durably(draft, path)
        except Unavailable:
            self._store.revoke_key(issued.key.id, org=None, by=CONTROL, now=datetime.now(UTC))
            raise

    def _settle(self, draft: Path, path: Path) -> None:
        """A draft that was left by a process that ended: its key works, or was never made."""
        if not draft.is_file():
            return
        if self._store.authenticate(draft.read_text("ascii", errors="replace").strip(), datetime.now(UTC)):
            rename_durably(draft, path)
        else:
            draft.unlink()

    async def _on_thread(self, act: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)
