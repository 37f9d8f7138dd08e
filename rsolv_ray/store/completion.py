"""How is a scan's result taken in? In one transaction: what changed, told finding by finding, then the scan's end.

What has changed is decided by `reconcile`; here it is written down. A scan of 20,000 findings is a handful of
statements: columns are bound as lists and unnested, since row by row DuckDB takes 2,400 rows a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rsolv_ray.model.batch import ScanResult, Writer
from rsolv_ray.model.events import Event, FindingFixed, FindingOpened, FindingReopened, Recorded, ScanCompleted
from rsolv_ray.model.finding import Finding, FindingState, Scan, ScanReport, ScanStatus
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FindingId, RepositoryId, RuleId
from rsolv_ray.store.connection import Row, as_stored
from rsolv_ray.store.file import Change
from rsolv_ray.store.findings import Findings, span_of
from rsolv_ray.store.queries import load
from rsolv_ray.store.reconcile import RENAMED, Known, Reconciled, reconcile
from rsolv_ray.store.scans import Scans

_SQL = load("findings")


@dataclass(frozen=True, slots=True)
class _Turn:
    """A finding came into a state, with the triage that it keeps."""

    finding: FindingId
    state: str
    keeps: Known | None = None
    renamed_to: FindingId | None = None


class Completion(Findings, Scans):
    """What scans bring."""

    def complete_scan(self, result: ScanResult, *, now: datetime, writer: Writer) -> tuple[Recorded, ...]:
        """Take in what a scan found; a second time changes nothing.

        Raises:
            NotFound: the scan was never started.
        """
        scan = self.scan(result.scan).scan
        if self._db.row(_SQL["is_completed"], scan=scan.id) is not None:
            return ()
        changes = reconcile(self._known_before(result), result.findings, result.covered, result.unread)
        with self._change(now=now, writer=writer) as change:
            report = result.report.model_copy(
                update={
                    "opened": len(changes.opened),
                    "fixed": len(changes.fixed),
                    "reopened": len(changes.reopened),
                }
            )
            told = change.append([*_finding_events(scan, changes), _completed(scan, report)])
            self._write_findings(change, changes, first=told[0].sequence)
            self._write_turns(change, scan, list(_turns(changes)))
            self._write_places(change, [*changes.opened, *(new for _, new in changes.renamed), *changes.moved])
            if changes.seen:
                self._db.run(_SQL["add_sightings"], findings=[one.id for one in changes.seen], scan=scan.id)
            self._end_scan(change, scan.id, ScanStatus.DONE, report)
        return told

    def _known_before(self, result: ScanResult) -> dict[FindingId, Known]:
        rules = {rule for rule, _ in result.covered} | {one.rule for one in result.findings}
        repositories = {repository for _, repository in result.covered} | {one.repository for one in result.findings}
        rows = self._db.rows(_SQL["known"], rules=sorted(rules), repositories=sorted(repositories))
        return {known.id: known for known in map(_known, rows)}

    def _write_findings(self, change: Change, changes: Reconciled, *, first: int) -> None:
        """Identity rows. A new finding's place in the order is its event's; a renamed one keeps the place it had."""
        placed = [
            *((finding, number) for number, finding in enumerate(changes.opened, first)),
            *((finding, old.sequence) for old, finding in changes.renamed),
        ]
        stored = {name for (name,) in self._db.rows(_SQL["stored"], ids=[one.id for one, _ in placed])}
        fresh = [(finding, number) for finding, number in placed if finding.id not in stored]
        if fresh:
            self._db.run(
                _SQL["add"],
                ids=[one.id for one, _ in fresh],
                fingerprints=[one.fingerprint for one, _ in fresh],
                rules=[one.rule for one, _ in fresh],
                repositories=[one.repository for one, _ in fresh],
                paths=[one.path for one, _ in fresh],
                severities=[one.severity for one, _ in fresh],
                sequences=[number for _, number in fresh],
                first_seen=as_stored(change.now),
                bodies=[one.model_dump_json() for one, _ in fresh],
            )

    def _write_turns(self, change: Change, scan: Scan, turns: Sequence[_Turn]) -> None:
        if turns:
            self._db.run(
                _SQL["add_states"],
                findings=[one.finding for one in turns],
                states=[one.state for one in turns],
                labels=[one.keeps.label if one.keeps else None for one in turns],
                reasons=[one.keeps.reason if one.keeps else None for one in turns],
                said_by=[one.keeps.said_by if one.keeps else None for one in turns],
                renamed_to=[one.renamed_to for one in turns],
                scan=scan.id,
                changed_at=as_stored(change.now),
                revision=change.revision,
            )

    def _write_places(self, change: Change, findings: Sequence[Finding]) -> None:
        if findings:
            self._db.run(
                _SQL["add_places"],
                findings=[one.id for one in findings],
                start_lines=[one.span.start_line for one in findings],
                start_columns=[one.span.start_column for one in findings],
                end_lines=[one.span.end_line for one in findings],
                end_columns=[one.span.end_column for one in findings],
                revision=change.revision,
            )


def _known(row: Row) -> Known:
    name, fingerprint, rule, repository, path, severity, sequence, state, label, reason, said_by, *span = row
    return Known(
        id=FindingId(name),
        fingerprint=fingerprint,
        rule=RuleId(rule),
        repository=RepositoryId(repository),
        path=path,
        severity=Severity(severity),
        state=state,
        label=label,
        reason=reason,
        said_by=said_by,
        sequence=sequence,
        span=span_of(span),
    )


def _turns(changes: Reconciled) -> Iterator[_Turn]:
    for finding in changes.opened:
        yield _Turn(finding.id, FindingState.OPEN)
    for known, finding in changes.reopened:
        yield _Turn(finding.id, FindingState.REOPENED, known)
    for known, finding in changes.renamed:
        yield _Turn(known.id, RENAMED, known, renamed_to=finding.id)
        yield _Turn(finding.id, known.state, known)
    for known in changes.fixed:
        yield _Turn(known.id, FindingState.FIXED, known)


def _finding_events(scan: Scan, changes: Reconciled) -> Iterator[Event]:
    for finding in changes.opened:
        yield FindingOpened(**_seen(finding), scan=scan.id, cycle=scan.cycle)
    for _, finding in changes.reopened:
        yield FindingReopened(**_seen(finding), scan=scan.id, cycle=scan.cycle)
    for known in changes.fixed:
        yield FindingFixed(
            finding=known.id,
            rule=known.rule,
            repository=known.repository,
            path=known.path,
            line=known.span.start_line,
            severity=known.severity,
            scan=scan.id,
            cycle=scan.cycle,
        )


def _seen(finding: Finding) -> dict[str, Any]:
    return {
        "finding": finding.id,
        "rule": finding.rule,
        "repository": finding.repository,
        "path": finding.path,
        "line": finding.span.start_line,
        "severity": finding.severity,
    }


def _completed(scan: Scan, report: ScanReport) -> ScanCompleted:
    return ScanCompleted(cycle=scan.cycle, scan=scan.id, report=report)
