"""Do the laws of a scan hold whatever was known and whatever was found?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.finding import Finding, FindingState, TriageLabel
from rsolv_ray.model.ids import FindingId
from rsolv_ray.store.reconcile import RENAMED, Known, Reconciled, reconcile
from tests.unit.store.samples import REPOSITORY, RULE, finding

COVERED = ((RULE, REPOSITORY),)
PLACES = st.builds(
    lambda number, path, line: finding(number, path=path, line=line),
    st.integers(0, 3),
    st.sampled_from(["a.py", "b.py", "c.py"]),
    st.integers(1, 3),
)
STATES = st.sampled_from([*((state.value, None) for state in FindingState if state != "triaged"), (RENAMED, None)]) | (
    st.sampled_from(TriageLabel).map(lambda label: ("triaged", label.value))
)


def known_as(found: Finding, state: str, label: str | None) -> Known:
    return Known(
        id=found.id,
        fingerprint=found.fingerprint,
        rule=found.rule,
        repository=found.repository,
        path=found.path,
        severity=found.severity,
        state=state,
        label=label,
        reason=None,
        said_by=None,
        sequence=1,
        span=found.span,
    )


KNOWN = st.lists(st.tuples(PLACES, STATES), max_size=8).map(
    lambda entries: {found.id: known_as(found, *state) for found, state in entries}
)
FOUND = st.lists(PLACES, max_size=8)


def counted(changes: Reconciled) -> dict[str, set[FindingId]]:
    return {
        "opened": {one.id for one in changes.opened},
        "reopened": {one.id for one, _ in changes.reopened},
        "fixed": {one.id for one in changes.fixed},
        "gone": {old.id for old, _ in changes.renamed},
        "come": {new.id for _, new in changes.renamed},
    }


def live_after(known: dict[FindingId, Known], changes: Reconciled) -> set[FindingId]:
    """What is live when the changes are written down."""
    sets = counted(changes)
    before = {one.id for one in known.values() if one.is_live}
    return (before - sets["fixed"] - sets["gone"]) | sets["opened"] | sets["reopened"] | sets["come"]


@given(KNOWN, FOUND)
def test_everything_that_was_seen_is_live_afterwards(known: dict[FindingId, Known], found: list[Finding]) -> None:
    changes = reconcile(known, found, COVERED)
    assert {one.id for one in found} <= live_after(known, changes)


@given(KNOWN, FOUND)
def test_nothing_that_was_not_seen_is_live_afterwards_but_what_was_dismissed(
    known: dict[FindingId, Known], found: list[Finding]
) -> None:
    changes = reconcile(known, found, COVERED)
    dismissed = {one.id for one in known.values() if one.is_dismissed}
    assert live_after(known, changes) - {one.id for one in found} <= dismissed


@given(KNOWN, FOUND)
def test_a_finding_changes_in_one_way_at_most(known: dict[FindingId, Known], found: list[Finding]) -> None:
    sets = counted(reconcile(known, found, COVERED))
    assert sum(map(len, sets.values())) == len(set().union(*sets.values()))


@given(KNOWN, FOUND)
def test_without_coverage_nothing_is_fixed_or_renamed(known: dict[FindingId, Known], found: list[Finding]) -> None:
    changes = reconcile(known, found, ())
    assert changes.fixed == ()
    assert changes.renamed == ()


@given(KNOWN, FOUND)
def test_a_rename_keeps_repository_and_fingerprint(known: dict[FindingId, Known], found: list[Finding]) -> None:
    for old, new in reconcile(known, found, COVERED).renamed:
        assert (old.repository, old.fingerprint) == (new.repository, new.fingerprint)
        assert old.path != new.path


@given(FOUND)
def test_the_same_scan_again_changes_nothing(found: list[Finding]) -> None:
    seen = {one.id: one for one in found}
    known = {one.id: known_as(one, "open", None) for one in seen.values()}
    changes = reconcile(known, list(seen.values()), COVERED)
    assert changes == Reconciled(seen=tuple(seen.values()), opened=(), reopened=(), renamed=(), moved=(), fixed=())
