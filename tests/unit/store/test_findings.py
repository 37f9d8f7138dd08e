"""What does a scan change, and what does a person's word?"""

from __future__ import annotations

import time

import pytest

from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.events import FindingTriaged, Recorded, ScanCompleted
from rsolv_ray.model.finding import Finding, FindingState, ScanStatus, Span, Triage, TriageLabel
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FindingId, RepositoryId, RuleId, ScanId
from rsolv_ray.store.connection import Connection
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import NOW, REPOSITORY, RULE, WRITER, after, finding, fix, result, scan

FALSE_POSITIVE = Triage(label=TriageLabel.FALSE_POSITIVE, reason="a constant", by="ann")
TRUE_POSITIVE = Triage(label=TriageLabel.TRUE_POSITIVE, reason=None, by="ann")


class Scans:
    """Scans, one after another."""

    def __init__(self, store: OrgStore) -> None:
        self.store, self.number = store, 0

    def __call__(self, *found: Finding, **more: object) -> tuple[Recorded, ...]:
        self.number += 1
        at = after(self.number)
        self.store.start_scan(scan(self.number), now=at, writer=WRITER)
        return self.store.complete_scan(result(self.number, *found, **more), now=at, writer=WRITER)  # type: ignore[arg-type]


@pytest.fixture
def run(store: OrgStore) -> Scans:
    return Scans(store)


def names(recorded: tuple[Recorded, ...]) -> list[str]:
    return [one.name for one in recorded]


def states(store: OrgStore) -> dict[FindingId, str]:
    return {one.finding.id: one.state.value for one in store.findings(limit=1000).items}


def test_a_new_place_is_opened_and_counted(store: OrgStore, run: Scans) -> None:
    told = run(finding(1), finding(2))
    assert names(told) == ["FindingOpened", "FindingOpened", "ScanCompleted"]
    assert isinstance(told[-1].event, ScanCompleted)
    assert told[-1].event.report.opened == 2
    assert states(store) == {finding(1).id: "open", finding(2).id: "open"}
    record = store.finding(finding(1).id)
    assert record.finding == finding(1)
    assert record.first_seen == after(1)
    assert record.scan == ScanId.of(1)


def test_a_place_that_is_seen_again_is_not_told_again(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    assert names(run(finding(1))) == ["ScanCompleted"]
    assert store.finding(finding(1).id).changed_at == after(1)
    assert [one.finding.id for one in store.scan_findings(ScanId.of(2))] == [finding(1).id]


def test_so_many_of_a_scans_findings_are_told_as_are_asked_for(store: OrgStore, run: Scans) -> None:
    run(finding(1), finding(2), finding(3))
    assert len(store.scan_findings(ScanId.of(1), 2)) == 2
    assert len(store.scan_findings(ScanId.of(1))) == 3


def test_a_finding_told_twice_in_one_scan_is_one(store: OrgStore, run: Scans) -> None:
    assert names(run(finding(1), finding(1))) == ["FindingOpened", "ScanCompleted"]
    assert len(store.findings().items) == 1


def test_a_place_whose_lines_moved_is_told_at_its_new_lines(store: OrgStore, run: Scans) -> None:
    run(finding(1, line=3))
    run(finding(1, line=30))
    run(finding(1, line=30))
    span = store.finding(finding(1).id).finding.span
    assert span == Span(start_line=30, start_column=5, end_line=30, end_column=20)


def test_a_place_that_is_gone_is_fixed(store: OrgStore, run: Scans) -> None:
    run(finding(1), finding(2))
    told = run(finding(2))
    assert names(told) == ["FindingFixed", "ScanCompleted"]
    assert states(store) == {finding(1).id: "fixed", finding(2).id: "open"}
    assert store.scan_findings(ScanId.of(1)) == (store.finding(finding(2).id),)


@pytest.mark.parametrize(
    "missing",
    [
        {"covered": ()},
        {"covered": ((RuleId("other-rule"), REPOSITORY),)},
        {"covered": ((RULE, RepositoryId.of("other")),)},
        {"unread": ((REPOSITORY, "src/f1.py"),)},
    ],
)
def test_a_place_that_was_not_looked_at_is_not_fixed(store: OrgStore, run: Scans, missing: dict[str, object]) -> None:
    run(finding(1))
    assert names(run(**missing)) == ["ScanCompleted"]
    assert states(store) == {finding(1).id: "open"}


def test_a_place_that_was_fixed_and_is_back_is_reopened(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    run()
    assert names(run(finding(1))) == ["FindingReopened", "ScanCompleted"]
    assert states(store) == {finding(1).id: "reopened"}
    assert store.finding(finding(1).id).first_seen == after(1)


def test_a_triaged_finding_stays_triaged_when_it_is_seen_again(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    store.triage(finding(1).id, FALSE_POSITIVE, now=after(1), writer=WRITER)
    assert names(run(finding(1))) == ["ScanCompleted"]
    record = store.finding(finding(1).id)
    assert record.state is FindingState.TRIAGED
    assert record.triage == FALSE_POSITIVE


def test_what_was_dismissed_stays_dismissed_while_it_is_gone_and_when_it_is_back(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    store.triage(finding(1).id, FALSE_POSITIVE, now=after(1), writer=WRITER)
    assert names(run()) == ["ScanCompleted"]
    assert names(run(finding(1))) == ["ScanCompleted"]
    assert store.finding(finding(1).id).triage == FALSE_POSITIVE


def test_a_true_positive_that_is_gone_is_fixed_and_keeps_its_triage(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    store.triage(finding(1).id, TRUE_POSITIVE, now=after(1), writer=WRITER)
    assert names(run()) == ["FindingFixed", "ScanCompleted"]
    assert store.finding(finding(1).id).triage == TRUE_POSITIVE


def test_a_renamed_file_takes_its_triage_along(store: OrgStore, run: Scans) -> None:
    old, new = finding(1, path="old.py"), finding(1, path="new.py")
    run(old, finding(2))
    store.triage(old.id, FALSE_POSITIVE, now=after(1), writer=WRITER)
    assert names(run(new, finding(2))) == ["ScanCompleted"]
    record = store.finding(new.id)
    assert record.finding.path == "new.py"
    assert record.triage == FALSE_POSITIVE
    assert states(store) == {new.id: "triaged", finding(2).id: "open"}


def test_the_old_id_of_a_renamed_finding_leads_to_it(store: OrgStore, run: Scans) -> None:
    paths = ["a.py", "b.py", "c.py"]
    for path in paths:
        run(finding(1, path=path))
    for path in paths:
        assert store.finding(finding(1, path=path).id).finding.path == "c.py"


def test_a_file_renamed_there_and_back_is_the_same_finding(store: OrgStore, run: Scans) -> None:
    here, there = finding(1, path="here.py"), finding(1, path="there.py", line=7)
    run(here)
    run(there)
    store.triage(there.id, FALSE_POSITIVE, now=after(2), writer=WRITER)
    assert names(run(here)) == ["ScanCompleted"]
    assert states(store) == {here.id: "triaged"}
    assert store.finding(there.id).finding.path == "here.py"
    assert store.finding(here.id).finding.span.start_line == 1


def test_a_copied_file_is_a_finding_of_its_own(store: OrgStore, run: Scans) -> None:
    run(finding(1, path="a.py"))
    assert names(run(finding(1, path="a.py"), finding(1, path="b.py"))) == ["FindingOpened", "ScanCompleted"]


def test_a_file_moved_and_copied_is_one_rename_and_one_new_finding(store: OrgStore, run: Scans) -> None:
    run(finding(1, path="z.py"))
    told = run(finding(1, path="b.py"), finding(1, path="a.py"))
    assert names(told) == ["FindingOpened", "ScanCompleted"]
    assert store.finding(finding(1, path="z.py").id).finding.path == "a.py"


def test_two_leftovers_of_one_fingerprint_are_not_guessed_at(store: OrgStore, run: Scans) -> None:
    run(finding(1, path="a.py"), finding(1, path="b.py"))
    told = run(finding(1, path="c.py"))
    assert sorted(names(told)) == ["FindingFixed", "FindingFixed", "FindingOpened", "ScanCompleted"]


def test_a_scan_that_ends_twice_ends_once(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    assert store.complete_scan(result(1), now=after(9), writer=WRITER) == ()
    assert states(store) == {finding(1).id: "open"}


def test_a_scan_that_never_began_cannot_end(store: OrgStore) -> None:
    with pytest.raises(NotFound):
        store.complete_scan(result(1), now=NOW, writer=WRITER)


def test_a_scan_begins_once_and_is_open_work_if_it_stands_for_itself(store: OrgStore) -> None:
    assert len(store.start_scan(scan(1), now=NOW, writer=WRITER)) == 1
    assert store.start_scan(scan(1), now=NOW, writer=WRITER) == ()
    store.start_scan(scan(2, cycle=fix().cycle), now=NOW, writer=WRITER)
    assert store.open_work() == (scan(1).id,)


def test_a_scan_shows_how_it_ended(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    store.start_scan(scan(2), now=after(2), writer=WRITER)
    ended, running = store.scan(ScanId.of(1)), store.scan(ScanId.of(2))
    assert ended.status is ScanStatus.DONE
    assert ended.report is not None
    assert ended.report.opened == 1
    assert ended.finished_at == after(1)
    assert running.status is ScanStatus.RUNNING
    assert [one.scan.id for one in store.scans().items] == [running.scan.id, ended.scan.id]


def test_the_events_of_a_cycles_scan_belong_to_the_cycle(store: OrgStore) -> None:
    store.start_scan(scan(1, cycle=fix().cycle), now=NOW, writer=WRITER)
    store.complete_scan(result(1, finding(1)), now=NOW, writer=WRITER)
    assert names(store.history(fix().cycle)) == ["ScanStarted", "FindingOpened", "ScanCompleted"]


def test_triage_is_told_with_the_state_before(store: OrgStore, run: Scans) -> None:
    run(finding(1))
    (told,) = store.triage(finding(1).id, TRUE_POSITIVE, now=after(5), writer=WRITER)
    assert told.event == FindingTriaged(
        finding=finding(1).id, rule=RULE, before=FindingState.OPEN, triage=TRUE_POSITIVE
    )
    assert store.triage(finding(1).id, TRUE_POSITIVE, now=after(6), writer=WRITER) == ()
    with pytest.raises(NotFound):
        store.triage(finding(9).id, TRUE_POSITIVE, now=NOW, writer=WRITER)


def test_one_word_on_many_findings_is_told_of_each_and_tells_which_are_missing(store: OrgStore, run: Scans) -> None:
    run(finding(1), finding(2))
    run(finding(1), finding(2), finding(3))
    sequence = store.last_sequence()
    ids = [finding(number).id for number in (1, 3, 9)]
    assert store.triage_many(ids, FALSE_POSITIVE, now=after(5), writer=WRITER) == (finding(9).id,)
    assert states(store) == {finding(1).id: "triaged", finding(2).id: "open", finding(3).id: "triaged"}
    told = [one.event for one in store.events_after(sequence)]
    assert [one.finding for one in told if isinstance(one, FindingTriaged)] == ids[:2]
    assert [store.finding(name).scan for name in ids[:2]] == [ScanId.of(1), ScanId.of(2)]


def test_the_same_word_on_many_again_changes_nothing(store: OrgStore, run: Scans) -> None:
    run(finding(1), finding(2))
    ids = [finding(1).id, finding(2).id]
    store.triage_many(ids, FALSE_POSITIVE, now=after(5), writer=WRITER)
    sequence = store.last_sequence()
    assert store.triage_many(ids, FALSE_POSITIVE, now=after(6), writer=WRITER) == ()
    assert store.last_sequence() == sequence


def test_a_word_on_many_that_fails_midway_is_said_of_none(
    store: OrgStore, run: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(finding(1))
    run(finding(1), finding(2))
    sequence, run_sql, written = store.last_sequence(), Connection.run, []

    def fail_at_the_second(db: Connection, sql: str, **values: object) -> None:
        if "INSERT INTO finding_states" in sql:
            written.append(sql)
        if len(written) == 2:
            raise OSError("the disk is gone")
        run_sql(db, sql, **values)

    monkeypatch.setattr(Connection, "run", fail_at_the_second)
    with pytest.raises(OSError, match="the disk is gone"):
        store.triage_many([finding(1).id, finding(2).id], FALSE_POSITIVE, now=after(5), writer=WRITER)
    assert states(store) == {finding(1).id: "open", finding(2).id: "open"}
    assert store.last_sequence() == sequence


def test_a_finding_that_is_named_by_its_old_and_its_new_id_is_told_once(store: OrgStore, run: Scans) -> None:
    old, new = finding(1, path="old.py"), finding(1, path="new.py")
    run(old)
    run(new)
    sequence = store.last_sequence()
    assert store.triage_many([old.id, new.id], FALSE_POSITIVE, now=after(5), writer=WRITER) == ()
    assert names(store.events_after(sequence)) == ["FindingTriaged"]


def test_findings_are_asked_for_by_state_rule_repository_and_severity(store: OrgStore, run: Scans) -> None:
    other_rule, other_place = RuleId("other-rule"), RepositoryId.of("other")
    one, two = finding(1, severity=Severity.LOW), finding(2, rule=other_rule)
    three = finding(3, repository=other_place)
    run(one, two, three)
    store.triage(two.id, TRUE_POSITIVE, now=NOW, writer=WRITER)
    asked = {
        one.id: store.findings(severity=Severity.LOW),
        two.id: store.findings(rule=other_rule),
        three.id: store.findings(repository=other_place),
    }
    for expected, page in asked.items():
        assert [record.finding.id for record in page.items] == [expected]
    triaged = store.findings(states=frozenset({FindingState.TRIAGED})).items
    assert [record.finding.id for record in triaged] == [two.id]
    assert store.findings(states=frozenset()).items == ()


@pytest.fixture
def judged(store: OrgStore, run: Scans) -> dict[str, FindingId]:
    """A finding for each way in which one can stand, by its name."""
    ids = [finding(number).id for number in range(6)]
    run(*map(finding, range(6)))
    run(*map(finding, range(4)))
    run(*map(finding, range(5)))
    for at, label in ((1, TriageLabel.TRUE_POSITIVE), (2, TriageLabel.FALSE_POSITIVE), (3, TriageLabel.IGNORED)):
        store.triage(ids[at], Triage(label=label, reason=None, by="ann"), now=NOW, writer=WRITER)
    return dict(zip(("open", "true", "false", "ignored", "reopened", "fixed"), ids, strict=True))


def test_findings_are_asked_for_by_what_was_said_of_them(store: OrgStore, judged: dict[str, FindingId]) -> None:
    asked = store.findings(labels=frozenset({TriageLabel.TRUE_POSITIVE, TriageLabel.IGNORED})).items
    assert {one.finding.id for one in asked} == {judged["true"], judged["ignored"]}
    assert store.findings(labels=frozenset()).items == ()


def test_a_true_positive_has_still_to_be_mended_until_it_is_fixed(
    store: OrgStore, run: Scans, judged: dict[str, FindingId]
) -> None:
    unresolved = {one.finding.id for one in store.findings(unresolved=True).items}
    assert unresolved == {judged["open"], judged["reopened"], judged["true"]}
    run()
    assert store.findings(unresolved=True).items == ()
    assert store.findings(labels=frozenset({TriageLabel.TRUE_POSITIVE})).items == ()


def test_what_has_to_be_mended_is_paged_without_loss(store: OrgStore, run: Scans) -> None:
    run(*map(finding, range(9)))
    for number in range(0, 9, 2):
        said = TRUE_POSITIVE if number % 4 else FALSE_POSITIVE
        store.triage(finding(number).id, said, now=NOW, writer=WRITER)
    seen: list[FindingId] = []
    cursor = None
    while True:
        page = store.findings(unresolved=True, limit=2, cursor=cursor)
        assert len(page.items) == 2
        seen += [record.finding.id for record in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [finding(number).id for number in (7, 6, 5, 3, 2, 1)]


def test_findings_are_paged_newest_first_without_loss(store: OrgStore, run: Scans) -> None:
    found = [finding(number) for number in range(7)]
    run(*found)
    seen: list[FindingId] = []
    cursor = None
    while True:
        page = store.findings(limit=3, cursor=cursor)
        seen += [record.finding.id for record in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [one.id for one in found][::-1]


def test_twenty_thousand_findings_are_taken_in_within_seconds(store: OrgStore, run: Scans) -> None:
    found = [finding(number) for number in range(20_000)]
    began = time.process_time()
    told = run(*found)
    elapsed = time.process_time() - began
    assert len(told) == 20_001
    # Row by row this takes 25 s and more; processor time, since others may be using the machine.
    assert elapsed < 6.0
