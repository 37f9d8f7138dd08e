"""Which scans were run, and what came of each?"""

from __future__ import annotations

from datetime import datetime

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.cycle import WorkId
from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.events import Recorded, ScanStarted
from rsolv_ray.model.finding import Scan, ScanRecord, ScanReport, ScanStatus
from rsolv_ray.model.ids import ScanId
from rsolv_ray.model.page import Page
from rsolv_ray.store.connection import Row, as_moment, as_stored
from rsolv_ray.store.cursor import checked, page_of, place_of
from rsolv_ray.store.file import Change, OrgFile
from rsolv_ray.store.queries import load

_SQL = load("scans")


class Scans(OrgFile):
    """Scans of an org's repositories."""

    def start_scan(self, scan: Scan, *, now: datetime, writer: Writer) -> tuple[Recorded, ...]:
        """Tell that a scan begins; a free-standing one is opened as a work. One that has begun changes nothing."""
        if self._db.row(_SQL["exists"], id=scan.id) is not None:
            return ()
        with self._change(now=now, writer=writer) as change:
            recorded = change.append([ScanStarted(cycle=scan.cycle, scan=scan)])
            self._db.run(
                _SQL["add"],
                id=scan.id,
                trigger=scan.trigger,
                cycle=scan.cycle,
                sequence=recorded[0].sequence,
                started_at=as_stored(scan.started_at),
                body=scan.model_dump_json(),
            )
            if scan.cycle is None:
                change.mark_works([scan.id], is_open=True)
        return recorded

    def scan(self, scan: ScanId) -> ScanRecord:
        """A scan as it is now.

        Raises:
            NotFound: there is no such scan.
        """
        row = self._db.row(_SQL["record"], id=scan)
        if row is None:
            raise NotFound(f"there is no scan {scan}")
        return _record(row)

    def scans(self, limit: int = 50, cursor: str | None = None) -> Page[ScanRecord]:
        """Scans, newest first."""
        number, name = place_of(cursor)
        rows = self._db.rows(_SQL["page"], number=number, name=name, limit=checked(limit) + 1)
        return page_of(rows, limit, _record, place=lambda row: (row[5], row[6]))

    def _end_scan(self, change: Change, scan: ScanId, status: ScanStatus, report: ScanReport) -> None:
        self._db.run(
            _SQL["end"],
            scan=scan,
            status=status,
            report=report.model_dump_json(),
            ended_at=as_stored(change.now),
            revision=change.revision,
        )

    def _fail_scans(self, change: Change, work: WorkId, reason: str) -> None:
        """The scans of a work that were given up have failed; what they opened until then stays, and is counted."""
        for scan, started_at in self._db.rows(_SQL["running_of"], work=work):
            counts = dict(self._db.rows(_SQL["counts_of_scan"], work=work, scan=scan))
            opened, reopened = counts.get("FindingOpened", 0), counts.get("FindingReopened", 0)
            report = ScanReport(
                findings=opened + reopened,
                opened=opened,
                reopened=reopened,
                duration_ms=max(0, round((change.now - as_moment(started_at)).total_seconds() * 1000)),
                errors=(reason,),
            )
            self._end_scan(change, ScanId(scan), ScanStatus.FAILED, report)


def _record(row: Row) -> ScanRecord:
    body, status, report, ended_at, offered = row[:5]
    return ScanRecord(
        scan=Scan.model_validate_json(body),
        status=ScanStatus(status) if status else ScanStatus.RUNNING,
        report=ScanReport.model_validate_json(report) if report else None,
        finished_at=as_moment(ended_at) if ended_at else None,
        proposals=offered,
    )
