"""What does a scan lead to that is told in parts? To what its end alone would have led to, only sooner."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsolv_ray.model.batch import Batch, ScanPart
from rsolv_ray.model.cycle import Step
from rsolv_ray.model.errors import NotFound
from rsolv_ray.model.events import CommandAbandoned, Recorded, ScanCompleted, ScanProgressed
from rsolv_ray.model.finding import Finding, ScanReport, ScanStatus, Triage, TriageLabel
from rsolv_ray.model.ids import OrgId, ScanId
from rsolv_ray.store.bank import Vault
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import WRITER, after, finding, result, scan

FALSE_POSITIVE = Triage(label=TriageLabel.FALSE_POSITIVE, reason="a constant", by="ann")
NUMBERS = count()


def begin(store: OrgStore, number: int) -> None:
    store.start_scan(scan(number), now=after(number), writer=WRITER)


def part(number: int, *found: Finding, once: str | None = None) -> ScanPart:
    name = once or f"{number}:{next(NUMBERS)}"
    return ScanPart(once=name, scan=ScanId.of(number), findings=found, done=1, total=3, so_far=len(found))


def tell(store: OrgStore, number: int, *found: Finding, once: str | None = None) -> tuple[Recorded, ...]:
    return store.continue_scan(part(number, *found, once=once), now=after(number), writer=WRITER)


def end(store: OrgStore, number: int, *found: Finding) -> ScanReport:
    told = store.complete_scan(result(number, *found), now=after(number), writer=WRITER)
    assert isinstance(told[-1].event, ScanCompleted)
    return told[-1].event.report


def whole(store: OrgStore, number: int, *found: Finding) -> ScanReport:
    begin(store, number)
    return end(store, number, *found)


def names(recorded: Sequence[Recorded]) -> list[str]:
    return [one.name for one in recorded]


def states(store: OrgStore) -> dict[str, tuple[str, object, int]]:
    found = store.findings(limit=1000).items
    return {one.finding.id: (one.state.value, one.triage, one.finding.span.start_line) for one in found}


def test_a_new_place_is_open_before_the_scan_ends(store: OrgStore) -> None:
    begin(store, 1)
    told = tell(store, 1, finding(1))
    assert names(told) == ["FindingOpened", "ScanProgressed"]
    assert told[-1].event == ScanProgressed(scan=ScanId.of(1), done=1, total=3, findings=1)
    assert states(store) == {finding(1).id: ("open", None, 1)}
    assert [one.finding.id for one in store.scan_findings(ScanId.of(1))] == [finding(1).id]


def test_the_end_tells_nothing_twice_and_counts_all(store: OrgStore) -> None:
    begin(store, 1)
    tell(store, 1, finding(1))
    told = store.complete_scan(result(1, finding(1), finding(2)), now=after(2), writer=WRITER)
    assert names(told) == ["FindingOpened", "ScanCompleted"]
    assert isinstance(told[-1].event, ScanCompleted)
    assert told[-1].event.report.opened == 2
    assert [one.finding.id for one in store.scan_findings(ScanId.of(1))] == [finding(1).id, finding(2).id]


def test_a_part_that_is_sent_again_is_taken_in_once(store: OrgStore) -> None:
    begin(store, 1)
    tell(store, 1, finding(1), once="first")
    assert tell(store, 1, finding(1), once="first") == ()


def test_what_another_attempt_has_found_already_is_not_opened_again(store: OrgStore) -> None:
    begin(store, 1)
    tell(store, 1, finding(1))
    assert names(tell(store, 1, finding(1))) == ["ScanProgressed"]


def test_a_part_that_comes_after_the_end_changes_nothing(store: OrgStore) -> None:
    whole(store, 1)
    assert tell(store, 1, finding(1)) == ()
    assert states(store) == {}


def test_a_part_of_a_scan_that_never_began_is_refused(store: OrgStore) -> None:
    with pytest.raises(NotFound):
        tell(store, 1, finding(1))


def test_nothing_is_fixed_before_the_end(store: OrgStore) -> None:
    whole(store, 1, finding(1), finding(2))
    begin(store, 2)
    tell(store, 2, finding(2))
    assert states(store)[finding(1).id][0] == "open"
    assert end(store, 2, finding(2)).fixed == 1
    assert states(store)[finding(1).id][0] == "fixed"


def test_a_place_that_is_back_is_told_at_its_new_lines_and_counted_at_the_end(store: OrgStore) -> None:
    whole(store, 1, finding(1, line=3))
    whole(store, 2)
    begin(store, 3)
    assert names(tell(store, 3, finding(1, line=30))) == ["FindingReopened", "ScanProgressed"]
    assert states(store) == {finding(1).id: ("reopened", None, 30)}
    assert end(store, 3, finding(1, line=30)).reopened == 1


def test_a_scan_notes_once_that_it_saw_a_place(store: OrgStore) -> None:
    begin(store, 1)
    tell(store, 1, finding(1))
    tell(store, 1, finding(1))
    end(store, 1, finding(1))
    assert store._db.row("SELECT count(*) FROM sightings") == (1,)


def test_of_what_the_scan_saw_a_part_reads_no_more_than_it_names(
    store: OrgStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(store, 1)
    tell(store, 1, *(finding(number) for number in range(50)))
    read: list[int] = []
    rows = store._db.rows

    def counted(sql: str, **values: object) -> list[tuple[object, ...]]:
        gave = rows(sql, **values)
        read.append(len(gave))
        return gave

    monkeypatch.setattr(store._db, "rows", counted)
    assert names(tell(store, 1, finding(3), finding(60))) == ["FindingOpened", "ScanProgressed"]
    assert max(read) <= 2


def test_what_may_be_a_renamed_file_waits_for_the_end(store: OrgStore) -> None:
    old, new = finding(1, path="old.py"), finding(1, path="new.py")
    whole(store, 1, old)
    store.triage(old.id, FALSE_POSITIVE, now=after(1), writer=WRITER)
    begin(store, 2)
    assert names(tell(store, 2, new)) == ["ScanProgressed"]
    report = end(store, 2, new)
    assert (report.opened, report.fixed) == (0, 0)
    assert states(store) == {new.id: ("triaged", FALSE_POSITIVE, 1)}


def test_a_copy_of_what_was_seen_again_does_not_wait(store: OrgStore) -> None:
    whole(store, 1, finding(1, path="a.py"))
    begin(store, 2)
    tell(store, 2, finding(1, path="a.py"))
    assert names(tell(store, 2, finding(1, path="b.py"))) == ["FindingOpened", "ScanProgressed"]


def test_a_file_renamed_between_two_attempts_keeps_its_triage(store: OrgStore) -> None:
    old, new = finding(1, path="old.py"), finding(1, path="new.py")
    whole(store, 1, old)
    store.triage(old.id, FALSE_POSITIVE, now=after(1), writer=WRITER)
    begin(store, 2)
    tell(store, 2, old)
    tell(store, 2, new)
    end(store, 2, new)
    assert states(store) == {new.id: ("triaged", FALSE_POSITIVE, 1)}


def test_what_a_person_said_while_the_scan_went_on_stays(store: OrgStore) -> None:
    begin(store, 1)
    tell(store, 1, finding(1))
    store.triage(finding(1).id, FALSE_POSITIVE, now=after(1), writer=WRITER)
    end(store, 1, finding(1))
    assert states(store) == {finding(1).id: ("triaged", FALSE_POSITIVE, 1)}


def test_a_scan_that_was_given_up_says_why_and_what_it_found_until_then(store: OrgStore) -> None:
    begin(store, 1)
    tell(store, 1, finding(1))
    given_up = CommandAbandoned(work=ScanId.of(1), step=Step.SCAN, reason="the disk is full")
    store.commit(Batch(events=(given_up,)), now=after(9), writer=WRITER)
    record = store.scan(ScanId.of(1))
    assert record.status is ScanStatus.FAILED
    assert record.report == ScanReport(findings=1, opened=1, duration_ms=9000, errors=("the disk is full",))
    assert states(store) == {finding(1).id: ("open", None, 1)}


PLACES = st.builds(
    lambda number, path, line: finding(number, path=path, line=line),
    st.integers(0, 2),
    st.sampled_from(["a.py", "b.py", "c.py"]),
    st.integers(1, 2),
)
FOUND = st.lists(PLACES, max_size=6, unique_by=lambda one: one.id)
PARTS = st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=4)
SCANS = st.lists(st.tuples(FOUND, PARTS, st.sets(st.integers(0, 5), max_size=2)), max_size=5)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCANS)
def test_parts_and_an_end_lead_to_what_the_end_alone_does(
    vault: Vault, scans: list[tuple[list[Finding], list[list[int]], set[int]]]
) -> None:
    """Of each scan: what it finds, the parts that are told of it (overlapping, in any order), and what is dismissed after it."""
    at_once, in_parts = (vault.org(_new_org()) for _ in range(2))
    for number, (found, parts, dismissed) in enumerate(scans, start=1):
        begin(in_parts, number)
        for one in parts:
            tell(in_parts, number, *(found[which] for which in one if which < len(found)))
        assert end(in_parts, number, *found) == whole(at_once, number, *found)
        for store in (at_once, in_parts):
            for which in dismissed & set(range(len(found))):
                store.triage(found[which].id, FALSE_POSITIVE, now=after(number), writer=WRITER)
        assert states(in_parts) == states(at_once)


def _new_org() -> OrgId:
    return OrgId(f"01JD3Z6Q4T8V5W2X9Y7A{next(NUMBERS):06d}")
