"""Which fixes were received, and which cycles did they set off?"""

from __future__ import annotations

from datetime import datetime

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.events import FixReceived
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CycleId, FixId
from rsolv_ray.model.page import Page
from rsolv_ray.model.report import Receipt
from rsolv_ray.store.connection import as_stored
from rsolv_ray.store.cursor import checked, page_of, place_of
from rsolv_ray.store.file import OrgFile
from rsolv_ray.store.queries import load

_SQL = load("fixes")


class Fixes(OrgFile):
    """Fixes of an org."""

    def receive_fix(self, fix: Fix, *, now: datetime, writer: Writer) -> Receipt:
        """Make a fix durable and open its cycle. A fix that is known changes nothing."""
        known = self._db.row(_SQL["receipt"], id=fix.id)
        if known is not None:
            return Receipt(cycle=fix.cycle, fix=fix.id, known=True, sequence=known[0])
        with self._change(now=now, writer=writer) as change:
            (recorded,) = change.append([_received(fix)])
            self._db.run(
                _SQL["add"],
                id=fix.id,
                cycle=fix.cycle,
                sequence=recorded.sequence,
                received_at=as_stored(now),
                body=fix.model_dump_json(),
            )
            change.mark_works([fix.cycle], is_open=True)
        return Receipt(cycle=fix.cycle, fix=fix.id, known=False, sequence=recorded.sequence)

    def fix(self, fix: FixId) -> Fix:
        """A fix, whole.

        Raises:
            NotFound: it was never received.
        """
        row = self._db.row(_SQL["body"], id=fix)
        if row is None:
            raise NotFound(f"there is no fix {fix}")
        return Fix.model_validate_json(row[0])

    def cycles(self, limit: int = 50, cursor: str | None = None, *, running: bool | None = None) -> Page[CycleId]:
        """The cycles that fixes set off, newest first; where `running` is given, those that run or have ended alone."""
        number, name = place_of(cursor)
        rows = self._db.rows(_SQL["cycles"], number=number, name=name, running=running, limit=checked(limit) + 1)
        return page_of(rows, limit, lambda row: CycleId(row[0]), place=lambda row: (row[1], row[0]))


def _received(fix: Fix) -> FixReceived:
    return FixReceived(
        cycle=fix.cycle,
        fix=fix.id,
        title=fix.title,
        cwe=fix.cwe,
        severity=fix.severity,
        languages=fix.languages,
        paths=tuple(change.path for change in fix.changes),
        origin=fix.origin,
        has_rule=fix.rule is not None,
        scan=fix.scan,
    )
