"""Where do an org's rules fire, and what do people say to it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rsolv_ray.model.batch import Writer
from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.events import FindingTriaged, Recorded
from rsolv_ray.model.finding import (
    Finding,
    FindingCounts,
    FindingRecord,
    FindingState,
    FindingStep,
    Span,
    Triage,
    TriageLabel,
)
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FindingId, LessonId, RepositoryId, RuleId, ScanId
from rsolv_ray.model.page import Page
from rsolv_ray.store.connection import Row, as_moment, as_stored
from rsolv_ray.store.cursor import checked, page_of, place_of
from rsolv_ray.store.file import OrgFile
from rsolv_ray.store.queries import load
from rsolv_ray.store.reconcile import RENAMED

_SQL = load("findings")


class Findings(OrgFile):
    """Findings of an org, each at the lines where it was last seen."""

    def triage(self, finding: FindingId, triage: Triage, *, now: datetime, writer: Writer) -> tuple[Recorded, ...]:
        """Take a person's word on a finding. The same word again changes nothing.

        Raises:
            NotFound: there is no such finding.
        """
        return self._say([self.finding(finding)], triage, now=now, writer=writer)

    def triage_many(
        self, findings: Sequence[FindingId], triage: Triage, *, now: datetime, writer: Writer
    ) -> tuple[FindingId, ...]:
        """Take a person's word on several findings: on all that are there, or, where it fails, on none.

        Returns: those of them that are not there.
        """
        places = {name: self._place(name) for name in findings}
        there = dict.fromkeys(place for place in places.values() if place is not None)
        self._say(self._records(list(there)), triage, now=now, writer=writer)
        return tuple(name for name, place in places.items() if place is None)

    def _say(
        self, records: Sequence[FindingRecord], triage: Triage, *, now: datetime, writer: Writer
    ) -> tuple[Recorded, ...]:
        news = [one for one in records if one.state is not FindingState.TRIAGED or one.triage != triage]
        if not news:
            return ()
        with self._change(now=now, writer=writer) as change:
            for scan in sorted({one.scan for one in news}):
                findings = [one.finding.id for one in news if one.scan == scan]
                self._db.run(
                    _SQL["add_states"],
                    findings=findings,
                    states=[FindingState.TRIAGED] * len(findings),
                    labels=[triage.label] * len(findings),
                    reasons=[triage.reason] * len(findings),
                    said_by=[triage.by] * len(findings),
                    renamed_to=[None] * len(findings),
                    scan=scan,
                    changed_at=as_stored(now),
                    revision=change.revision,
                )
            lessons = _lessons(news, triage, change.sequence)
            change.mark_works(list(lessons.values()), is_open=True)
            return change.append([
                FindingTriaged(
                    finding=one.finding.id, rule=one.finding.rule, before=one.state, triage=triage,
                    lesson=lessons.get(one.finding.rule),
                )
                for one in news
            ])  # fmt: skip

    def finding(self, finding: FindingId) -> FindingRecord:
        """A finding as it is now; one whose file was renamed under its new id.

        Raises:
            NotFound: there is no such finding.
        """
        place = self._place(finding)
        if place is None:
            raise NotFound(f"there is no finding {finding}")
        return self._records([place])[0]

    def findings(
        self,
        *,
        states: frozenset[FindingState] | None = None,
        labels: frozenset[TriageLabel] | None = None,
        unresolved: bool = False,
        rule: RuleId | None = None,
        repository: RepositoryId | None = None,
        severity: Severity | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[FindingRecord]:
        """Findings, newest first: those in `states`, triaged with one of `labels`, of a rule, a repository, a severity
        alone where given. `unresolved`: those alone that are open, reopened, or triaged as true positives."""
        number, name = place_of(cursor)
        places = self._db.rows(
            _SQL["page"],
            number=number,
            name=name,
            states=None if states is None else sorted(states),
            labels=None if labels is None else sorted(labels),
            unresolved=unresolved,
            rule=rule,
            repository=repository,
            severity=severity,
            limit=checked(limit) + 1,
        )
        records = {record.finding.id: record for record in self._records(places[:limit])}
        return page_of(places, limit, lambda row: records[row[0]], place=lambda row: (row[1], row[0]))

    def scan_findings(self, scan: ScanId, limit: int | None = None) -> tuple[FindingRecord, ...]:
        """The findings that a scan saw and that are not fixed, in the order in which they were first seen, `limit` of
        them at most."""
        return self._records(self._db.rows(_SQL["of_scan"], scan=scan, limit=limit))

    def finding_history(self, finding: FindingId) -> tuple[FindingStep, ...]:
        """How a finding came into its state, oldest first, under whatever names its file had."""
        steps: list[FindingStep] = []
        for state, *said, at in self._db.rows(_SQL["history"], finding=self._lives_on_as(finding)):
            step = FindingStep(state=FindingState(state), triage=_triage(*said), at=as_moment(at))
            if not steps or (steps[-1].state, steps[-1].triage) != (step.state, step.triage):
                steps.append(step)
        return tuple(steps)

    def finding_counts(self, rules: Sequence[RuleId]) -> dict[RuleId, FindingCounts]:
        """How the findings of these rules stand; a rule that has none is counted too."""
        counted: dict[RuleId, dict[str, int]] = {rule: {} for rule in rules}
        for rule, state, label, count in self._db.rows(_SQL["counts"], rules=list(counted)) if counted else ():
            name = str(label) if state == FindingState.TRIAGED else "fixed" if state == FindingState.FIXED else "open"
            counted[RuleId(rule)][name] = counted[RuleId(rule)].get(name, 0) + count
        return {rule: FindingCounts.model_validate(one) for rule, one in counted.items()}

    def _lives_on_as(self, finding: FindingId) -> FindingId:
        """The id that a finding has now. Each renaming is later than the one before, so this ends."""
        while True:
            row = self._db.row(_SQL["state"], finding=finding)
            if row is None or row[0] != RENAMED:
                return finding
            finding = FindingId(row[4])

    def _place(self, finding: FindingId) -> Row | None:
        return self._db.row(_SQL["place_in_order"], id=self._lives_on_as(finding))

    def _records(self, places: list[Row]) -> tuple[FindingRecord, ...]:
        """The findings at these places in the order, whole, in the same order."""
        if not places:
            return ()
        sequences = [sequence for _, sequence in places]
        ids = [finding for finding, _ in places]
        rows = self._db.rows(_SQL["records"], first=min(sequences), last=max(sequences), ids=ids)
        by_id = {row[0]: _record(row) for row in rows}
        return tuple(by_id[finding] for finding in ids)


def _lessons(news: Sequence[FindingRecord], triage: Triage, sequence: int) -> dict[RuleId, LessonId]:
    """The works that people's words set off: one for each rule that is said to be wrong."""
    if triage.label is not TriageLabel.FALSE_POSITIVE:
        return {}
    return {rule: LessonId.of(rule, sequence) for rule in sorted({one.finding.rule for one in news})}


def _record(row: Row) -> FindingRecord:
    _, body, state, label, reason, said_by, scan, first_seen, changed_at, *span = row
    stored = Finding.model_validate_json(body)
    return FindingRecord(
        finding=stored.model_copy(update={"span": span_of(span)}),
        state=FindingState(state),
        triage=_triage(label, reason, said_by),
        first_seen=as_moment(first_seen),
        changed_at=as_moment(changed_at),
        scan=ScanId(scan),
    )


def _triage(label: str | None, reason: str | None, said_by: str | None) -> Triage | None:
    return Triage(label=TriageLabel(label), reason=reason, by=said_by or "") if label else None


def span_of(columns: list[int]) -> Span:
    """A span from its four columns."""
    start_line, start_column, end_line, end_column = columns
    return Span(start_line=start_line, start_column=start_column, end_line=end_line, end_column=end_column)
