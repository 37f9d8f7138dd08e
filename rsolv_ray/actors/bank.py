"""Who owns an org's file?

A `Bank` owns the DuckDB files of its shard: it is the one process that reads and writes them, on one thread.
Everyone else asks it. Events are appended in the transaction of the change they tell of; readers ask "what came after
4312?" and may wait. A wake-up is a hint; the sequence number is the truth.
A file that cannot be opened is that org's trouble alone: the bank sets it aside, serves the others, and looks at it again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import structlog

from rsolv_ray.actors.counting import count_events
from rsolv_ray.actors.names import BANK
from rsolv_ray.actors.reach import shard_of
from rsolv_ray.actors.sharing import answering
from rsolv_ray.actors.tail import Tail, Tails
from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.cycle import WorkId
from rsolv_ray.model.errors import Rejected, ToolFailed, Unavailable
from rsolv_ray.model.events import FindingTriaged, Recorded
from rsolv_ray.model.finding import Scan
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import OrgId
from rsolv_ray.model.report import Receipt
from rsolv_ray.scanning.places import Places
from rsolv_ray.store.bank import Vault
from rsolv_ray.store.org import OrgStore
from rsolv_ray.telemetry import METRICS

READS = frozenset({
    "cycles", "events_after", "finding", "finding_counts", "finding_history", "findings", "fix", "history",
    "histories", "last_sequence", "learning_facts", "learning_metrics", "newest_events", "offers_for", "patterns",
    "proposal", "proposals", "repositories", "repository", "rule", "rule_history", "rule_versions", "rules", "scan",
    "scan_findings", "scanning_rules", "scans", "tokens_spent",
})  # fmt: skip
WRITES = frozenset({
    "add_repository", "change_rule_state", "commit", "complete_scan", "continue_scan", "remove_repository",
    "set_proposal_state", "start_scan", "triage", "triage_many",
})  # fmt: skip
LOCK_WAIT_S = 30.0
IDLE_S = 30.0
FATAL = (duckdb.FatalException, duckdb.InternalException)
"""After these DuckDB answers nothing any more: the process ends, and a new one opens the files."""

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


class Bank:
    """The files of the orgs of one shard of `shards`. Methods are idempotent, so callers may send them again after a
    failure."""

    def __init__(self, *, shard: int, data_dir: str, attached: int, checkpoint_every: int, shards: int = 1) -> None:
        self._shard, self._shards, self._data_dir = shard, shards, Path(data_dir)
        self._attached, self._checkpoint_every = attached, checkpoint_every
        self._places = Places(self._data_dir)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="duckdb")
        self._tails = Tails(attached)
        self._open: dict[tuple[OrgId, WorkId], None] = {}
        self._aside: set[OrgId] = set()
        self._opened = 0
        self._work_news = asyncio.Event()
        self._busy = False

    async def start(self, generation: int) -> None:
        self._writer = Writer(kind=f"{BANK}/{self._shard}", generation=generation)
        self._vault = await self._on_thread(self._new_vault)
        await self._find_open_work()

    async def run(self) -> None:
        """Look again, every `IDLE_S` seconds, at what was set aside; fold the files' logs in where nobody has written."""
        while True:
            await asyncio.sleep(IDLE_S)
            await self._look_again()
            if not self._busy:
                await self._on_thread(self._vault.checkpoint_idle)
            self._busy = False

    async def stop(self) -> None:
        await self._on_thread(self._vault.close)
        self._thread.shutdown()

    async def receive_fix(self, org: OrgId, fix: Fix) -> Receipt:
        """Make a fix durable and open its cycle. A fix that is known changes nothing."""
        with answering("receive_fix", fatal=FATAL):
            receipt = await self._write(org, lambda store: store.receive_fix(fix, now=_now(), writer=self._writer))
        METRICS["rsolv_fixes_received_total"].labels(known=str(receipt.known).lower()).inc()
        if not receipt.known:
            self._note_open(org, receipt.cycle)
        return receipt

    async def ask(self, org: OrgId, question: str, *args: Any, **named: Any) -> Any:
        """Answer one of `READS` from the org's file."""
        if question not in READS:
            raise Rejected(f"a bank does not answer {question!r}")
        with answering(question, fatal=FATAL):
            return await self._on_store(org, lambda store: getattr(store, question)(*args, **named))

    async def tell(self, org: OrgId, verb: str, *args: Any, writer: Writer | None = None, **named: Any) -> Any:
        """Do one of `WRITES` in one transaction, stamped with the time and the writer (the bank itself by default)."""
        if verb not in WRITES:
            raise Rejected(f"a bank does not do {verb!r}")
        with answering(verb, fatal=FATAL):
            done = await self._write(
                org, lambda store: getattr(store, verb)(*args, now=_now(), writer=writer or self._writer, **named)
            )
        self._note_work(org, args[0] if args else None)
        if verb == "remove_repository":
            await asyncio.to_thread(self._places.forget, org, args[0])
        return done

    async def events_after(
        self, org: OrgId, sequence: int, *, wait_s: float = 0.0, types: frozenset[str] | None = None, limit: int = 500
    ) -> tuple[Recorded, ...]:
        """What happened after `sequence`, oldest first, waiting up to `wait_s` seconds for the first of it."""
        tail = await self._tail(org)
        deadline = asyncio.get_running_loop().time() + wait_s
        with tail.followed():
            while True:
                last = tail.last
                events = tail.after(sequence, types, limit)
                if events is None:
                    events = await self.ask(org, "events_after", sequence, types=types, limit=limit)
                left = deadline - asyncio.get_running_loop().time()
                if events or left <= 0:
                    return events
                sequence = max(sequence, last)
                await tail.wait_beyond(last, left)

    async def open_work(self, seen: int, *, wait_s: float) -> tuple[int, tuple[tuple[OrgId, WorkId], ...]]:
        """All works that are to be driven, and a mark to hand back as `seen`: waits while nothing is new since that mark."""
        if self._opened == seen:
            self._work_news.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._work_news.wait()
            except TimeoutError:
                pass
        return self._opened, tuple(self._open)

    async def forget(self, org: OrgId) -> None:
        """Close and remove an org's file for good: from now on there is no such org, whoever still asks for it.

        Raises:
            Unavailable: the folder cannot be written to; it can be done again.
        """
        await self._on_thread(lambda: self._vault.forget(org))
        await asyncio.to_thread(self._places.forget, org)
        METRICS["rsolv_bank_attached_orgs"].set(self._vault.attached)
        self._tails.drop(org)
        self._aside.discard(org)
        for key in [key for key in self._open if key[0] == org]:
            del self._open[key]

    def _new_vault(self) -> Vault:
        return Vault(
            self._data_dir,
            writer=self._writer,
            attached=self._attached,
            checkpoint_every=self._checkpoint_every,
            shard=self._shard,
        )

    async def _find_open_work(self) -> None:
        """Read the open work of every org of this shard; a predecessor that is just dying may hold a lock for a moment."""
        for org in self._mine(await self._on_thread(self._vault.half_forgotten)):
            try:
                await self.forget(org)
            except Unavailable as error:
                log.warning("a deleted org's file cannot be removed now", org=org, reason=str(error))
        deadline = asyncio.get_running_loop().time() + LOCK_WAIT_S
        for org in self._mine(await self._on_thread(self._vault.standing)):
            try:
                await self._patiently(org, deadline)
            except (ToolFailed, Unavailable) as error:
                self._aside.add(org)
                log.warning("an org's file is set aside", org=org, reason=str(error))

    async def _look_again(self) -> None:
        """Take up the work of orgs that were set aside and whose file can be read by now."""
        for org in list(self._aside):
            try:
                await self._take_up(org)
            except (ToolFailed, Unavailable):
                continue
            self._aside.discard(org)
            log.info("an org's file can be read again", org=org)

    async def _patiently(self, org: OrgId, deadline: float) -> None:
        pause = 0.02
        while True:
            try:
                return await self._take_up(org)
            except Unavailable:
                if asyncio.get_running_loop().time() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)

    async def _take_up(self, org: OrgId) -> None:
        for work in await self._on_store(org, lambda store: store.open_work()):
            self._note_open(org, work)

    def _mine(self, orgs: Sequence[OrgId]) -> list[OrgId]:
        return [org for org in orgs if shard_of(org, self._shards) == self._shard]

    async def _write(self, org: OrgId, change: Callable[[OrgStore], Answer]) -> Answer:
        tail, loop = await self._tail(org), asyncio.get_running_loop()
        self._busy = True

        def changed() -> Answer:
            store = self._store(org)
            before, began = store.last_sequence(), time.monotonic()
            answer = change(store)
            METRICS["rsolv_bank_commit_seconds"].observe(time.monotonic() - began)
            added = store.last_sequence() - before
            if added:
                # From here, so that followers hear of it even where the caller has given up waiting.
                loop.call_soon_threadsafe(self._tell_followers, tail, store.events_after(before, limit=added))
            return answer

        return await self._on_thread(changed)

    def _tell_followers(self, tail: Tail, events: Sequence[Recorded]) -> None:
        tail.add(events)
        count_events(events)
        for one in events:
            if isinstance(one.event, FindingTriaged) and one.event.lesson is not None:
                self._note_open(one.org, one.event.lesson)
        self._tails.make_room()

    async def _tail(self, org: OrgId) -> Tail:
        known = self._tails.get(org)
        if known is not None:
            return known
        return self._tails.begin(org, await self._on_store(org, lambda store: store.last_sequence()))

    def _note_work(self, org: OrgId, said: object) -> None:
        match said:
            case Batch():
                for work in said.opens:
                    self._note_open(org, work)
                for work in said.closes:
                    self._open.pop((org, work), None)
            case Scan(cycle=None):
                self._note_open(org, said.id)
            case _:
                pass

    def _note_open(self, org: OrgId, work: WorkId) -> None:
        self._open[org, work] = None
        self._opened += 1
        self._work_news.set()

    async def _on_store(self, org: OrgId, act: Callable[[OrgStore], Answer]) -> Answer:
        return await self._on_thread(lambda: act(self._store(org)))

    def _store(self, org: OrgId) -> OrgStore:
        """The store of an org, on the thread that owns the files."""
        store = self._vault.org(org)
        METRICS["rsolv_bank_attached_orgs"].set(self._vault.attached)
        return store

    async def _on_thread(self, act: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)


def _now() -> datetime:
    return datetime.now(UTC)
