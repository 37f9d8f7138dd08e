"""What can be asked and told of one org? Everything that its file keeps, one subject a module."""

from __future__ import annotations

from datetime import datetime

from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.cycle import Step
from rsolv_ray.model.events import CommandAbandoned, Recorded
from rsolv_ray.store.completion import Completion
from rsolv_ray.store.events import EventLog
from rsolv_ray.store.fixes import Fixes
from rsolv_ray.store.learning import Learning
from rsolv_ray.store.metrics import LearningMetrics
from rsolv_ray.store.patterns import Patterns
from rsolv_ray.store.proposals import Proposals
from rsolv_ray.store.repositories import Repositories
from rsolv_ray.store.rules import Rules, telling

TOLD_BY_THEIR_CHANGE = frozenset({
    "FixReceived", "RuleStateChanged", "ScanStarted", "ScanCompleted", "FindingOpened", "FindingFixed", "FindingReopened",
    "FindingTriaged", "ProposalApplied", "ProposalOutcome",
})  # fmt: skip
"""Events that the store itself appends with the change they tell of: without it they would not be true."""


class OrgStore(EventLog, Fixes, Rules, Completion, Proposals, Patterns, Repositories, LearningMetrics, Learning):
    """One org's file. Every change is one transaction; each may be sent again without a second effect."""

    def commit(self, batch: Batch, *, now: datetime, writer: Writer) -> tuple[Recorded, ...]:
        """Write a batch: all of it or nothing. One whose `once` is known changes nothing.

        A rule whose version is taken by another definition is stored as a later version, and the batch's events tell
        of that one.

        Raises:
            ValueError: it tells an event that belongs to another change (`TOLD_BY_THEIR_CHANGE`).
            Fenced: a newer generation of the writer has written here.
            StorageFull: the disk is full; nothing was stored.
        """
        untrue = sorted({event.type for event in batch.events} & TOLD_BY_THEIR_CHANGE)
        if untrue:
            raise ValueError(f"{', '.join(untrue)}: told by the change itself, never in a batch")
        if self._is_applied(batch.once):
            return ()
        with self._change(now=now, writer=writer, once=batch.once) as change:
            rules = self._numbered(batch.rules)
            recorded = change.append(telling(batch.events, batch.rules, rules), cause=batch.cause)
            self._add_rules(change, rules)
            self._add_patterns(change, batch.patterns)
            self._add_proposals(change, batch.proposals)
            change.mark_works([work for work in batch.opens if work not in batch.closes], is_open=True)
            change.mark_works(batch.closes, is_open=False)
            for event in batch.events:
                if isinstance(event, CommandAbandoned) and event.step is Step.SCAN:
                    self._fail_scans(change, event.work, event.reason)
        return recorded
