"""How is a scan's result taken in? Part by part while it goes on, then its end: each in one transaction.

What has changed is decided by `reconcile`; here it is written down. While a scan goes on only what is new or back is
taken in: that something is fixed, or that its file was renamed, shows at the end alone. However a scan was cut into parts,
and whatever parts an earlier attempt at it left, its end leads to what the end alone would have led to.
A scan of 20,000 findings is a handful of statements: columns are bound as lists and unnested, since row by row DuckDB
takes 2,400 rows a second.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rsolv_ray.model.batch import ScanPart, ScanResult, Writer
from rsolv_ray.model.events import (
    Event,
    FindingFixed,
    FindingOpened,
    FindingReopened,
    Recorded,
    ScanCompleted,
    ScanProgressed,
)
from rsolv_ray.model.finding import Finding, FindingState, Scan, ScanReport, ScanStatus
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FindingId, RepositoryId, RuleId, ScanId
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

    def continue_scan(self, part: ScanPart, *, now: datetime, writer: Writer) -> tuple[Recorded, ...]:
        """Take in what a scan has found since its last part; a second time, or after its end, changes nothing.

        What may turn out to be a renamed file's waits for the end.

        Raises:
            NotFound: the scan was never started.
        """
        record = self.scan(part.scan)
        if record.status is not ScanStatus.RUNNING or self._is_applied(part.once):
            return ()
        scan, known = record.scan, self._known_like(part.findings)
        sighted = self._sighted(scan.id, {*known, *(one.id for one in part.findings)})
        found = [one for one in part.findings if not _may_be_renamed(one, known, sighted)]
        changes = reconcile(known, found, covered=())
        with self._change(now=now, writer=writer, once=part.once) as change:
            told = change.append([*_finding_events(scan, changes), _progressed(scan, part)])
            self._write(change, scan, changes, first=told[0].sequence, sighted=sighted)
        return told

    def complete_scan(self, result: ScanResult, *, now: datetime, writer: Writer) -> tuple[Recorded, ...]:
        """Take in all that a scan found; a second time changes nothing.

        Raises:
            NotFound: the scan was never started.
        """
        scan = self.scan(result.scan).scan
        if self._db.row(_SQL["is_completed"], scan=scan.id) is not None:
            return ()
        opened, reopened = self._told_already(scan)
        known, found = self._known_before(result), {one.id for one in result.findings}
        # What this very scan has opened is as new now as it was then: it may yet be a renamed file's.
        before = {name: one for name, one in known.items() if name not in opened or name not in found}
        changes = reconcile(before, result.findings, result.covered, result.unread)
        news = replace(changes, opened=tuple(one for one in changes.opened if one.id not in opened))
        report = result.report.model_copy(
            update={
                "opened": len(changes.opened),
                "fixed": len(changes.fixed),
                "reopened": len(changes.reopened) + len(reopened & found),
            }
        )
        with self._change(now=now, writer=writer) as change:
            told = change.append([*_finding_events(scan, news), _completed(scan, report)])
            self._write(change, scan, news, first=told[0].sequence, sighted=self._sighted(scan.id, found))
            self._end_scan(change, scan.id, ScanStatus.DONE, report)
        return told

    def _write(
        self, change: Change, scan: Scan, changes: Reconciled, *, first: int, sighted: Collection[FindingId]
    ) -> None:
        """Write changes down; `first` is the number of the first event that tells of them."""
        self._write_findings(change, changes, first=first)
        self._write_turns(change, scan, list(_turns(changes)))
        self._write_places(change, [*changes.opened, *(new for _, new in changes.renamed), *changes.moved])
        seen = [one.id for one in changes.seen if one.id not in sighted]
        if seen:
            self._db.run(_SQL["add_sightings"], findings=seen, scan=scan.id)

    def _told_already(self, scan: Scan) -> tuple[set[FindingId], set[FindingId]]:
        """What this scan has opened and reopened so far."""
        rows = self._db.rows(_SQL["told_of_scan"], work=scan.cycle or scan.id, scan=scan.id)
        opened = {FindingId(name) for name, kind in rows if kind == "FindingOpened"}
        return opened, {FindingId(name) for name, _ in rows} - opened

    def _sighted(self, scan: ScanId, some: Collection[FindingId]) -> set[FindingId]:
        """Those of some findings that a scan has seen so far: all that it saw would be read again for each of its parts."""
        return {FindingId(name) for (name,) in self._db.rows(_SQL["sighted"], scan=scan, ids=list(some))}

    def _known_like(self, findings: Sequence[Finding]) -> dict[FindingId, Known]:
        """What is known of these findings, and of others with their fingerprints."""
        prints = sorted({one.fingerprint for one in findings})
        repositories = sorted({one.repository for one in findings})
        ids = [name for (name,) in self._db.rows(_SQL["alike"], fingerprints=prints, repositories=repositories)]
        return {known.id: known for known in map(_known, self._db.rows(_SQL["known_of"], ids=ids) if ids else ())}

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


def _may_be_renamed(finding: Finding, known: Mapping[FindingId, Known], sighted: Collection[FindingId]) -> bool:
    """Is another live finding like this one that the scan has not come to?"""
    own = known.get(finding.id)
    if own is not None and own.state != RENAMED:
        return False
    return any(
        (one.repository, one.fingerprint) == (finding.repository, finding.fingerprint)
        for one in known.values()
        if one.is_live and one.id not in sighted
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


def _progressed(scan: Scan, part: ScanPart) -> ScanProgressed:
    return ScanProgressed(cycle=scan.cycle, scan=scan.id, done=part.done, total=part.total, findings=part.so_far)


def _completed(scan: Scan, report: ScanReport) -> ScanCompleted:
    return ScanCompleted(cycle=scan.cycle, scan=scan.id, report=report)
