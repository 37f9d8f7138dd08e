"""What happened in an org, and in which order?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.cycle import Step
from rsolv_ray.model.errors import Fenced
from rsolv_ray.model.events import CommandAbandoned, CommandAttempted, RuleStateChanged
from rsolv_ray.model.finding import ScanStatus
from rsolv_ray.model.ids import CycleId
from rsolv_ray.model.rule import RuleState
from rsolv_ray.store.bank import Vault
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import BANK, NOW, ORG, OTHER, RULE, WRITER, after, fix, lesson, rule, scan


def test_events_are_numbered_from_one_without_gaps(store: OrgStore) -> None:
    store.commit(Batch(events=(lesson("a"), lesson("b"))), now=NOW, writer=WRITER)
    recorded = store.commit(Batch(events=(lesson("c"),), cause=2), now=after(1), writer=WRITER)
    assert [one.sequence for one in store.events_after(0)] == [1, 2, 3]
    assert store.events_after(2) == recorded
    assert recorded[0].cause == 2
    assert recorded[0].at == after(1)
    assert store.last_sequence() == 3


def test_events_can_be_asked_for_by_type_and_number(store: OrgStore) -> None:
    attempted = CommandAttempted(work=CycleId.of(1), step=Step.SCAN, attempt=1)
    store.commit(Batch(events=(lesson(), attempted, lesson(), attempted)), now=NOW, writer=WRITER)
    assert [one.sequence for one in store.events_after(0, types=frozenset({"CommandAttempted"}))] == [2, 4]
    assert [one.sequence for one in store.events_after(0, limit=3)] == [1, 2, 3]
    assert store.events_after(0, types=frozenset()) == ()


def test_the_newest_events_of_a_type_are_found_behind_many_of_another(store: OrgStore) -> None:
    attempted = CommandAttempted(work=CycleId.of(1), step=Step.SCAN, attempt=1)
    store.commit(Batch(events=(attempted,) * 3 + (lesson(),) * 600), now=NOW, writer=WRITER)
    assert [one.sequence for one in store.newest_events(frozenset({"CommandAttempted"}), 2)] == [2, 3]
    assert store.newest_events(frozenset(), 2) == ()


def test_the_history_of_a_work_is_its_own_events_alone(store: OrgStore) -> None:
    one, other = (store.receive_fix(fix(number), now=NOW, writer=WRITER) for number in range(2))
    store.commit(
        Batch(events=(CommandAttempted(work=one.cycle, step=Step.SYNTHESIS, attempt=1),)), now=NOW, writer=WRITER
    )
    assert [recorded.sequence for recorded in store.history(one.cycle)] == [1, 3]
    assert [recorded.sequence for recorded in store.history(other.cycle)] == [2]
    assert [told.name for told in store.history(one.cycle, types=frozenset({"FixReceived"}))] == ["FixReceived"]
    assert store.history(CycleId.of("unknown")) == ()


def test_events_are_read_back_as_they_were_after_reopening(open_vault: Callable[..., Vault]) -> None:
    first = open_vault()
    told = first.org(ORG).commit(Batch(events=(lesson("naïve \x00 ☃ %s '"),)), now=after(0.123456), writer=WRITER)
    first.close()
    again = open_vault().org(ORG)
    assert again.events_after(0) == told
    assert again.last_sequence() == 1


def test_a_batch_sent_twice_is_applied_once(store: OrgStore) -> None:
    batch = Batch(once="judge", events=(lesson(),), rules=(rule(),))
    assert len(store.commit(batch, now=NOW, writer=WRITER)) == 1
    assert store.commit(batch, now=NOW, writer=WRITER) == ()
    assert store.last_sequence() == 1


def test_a_batch_that_fails_in_the_middle_leaves_nothing(store: OrgStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError("stumbled")

    monkeypatch.setattr(store, "_add_proposals", stumble)
    with pytest.raises(RuntimeError, match="stumbled"):
        store.commit(
            Batch(once="x", events=(lesson(),), rules=(rule(),), opens=(CycleId.of(1),)), now=NOW, writer=WRITER
        )
    monkeypatch.undo()
    assert store.events_after(0) == ()
    assert store.rules().items == ()
    assert store.open_work() == ()
    assert len(store.commit(Batch(once="x", events=(lesson(),)), now=NOW, writer=WRITER)) == 1


def test_an_event_that_tells_of_another_change_is_refused_in_a_batch(store: OrgStore) -> None:
    untrue = RuleStateChanged(rule=RULE, before=RuleState.MONITOR, after=RuleState.ACTIVE, reason="because")
    with pytest.raises(ValueError, match="RuleStateChanged"):
        store.commit(Batch(events=(untrue,)), now=NOW, writer=WRITER)
    assert store.last_sequence() == 0


def test_work_is_open_until_it_is_closed_and_may_be_opened_again(store: OrgStore) -> None:
    works = [CycleId.of(number) for number in range(3)]
    store.commit(Batch(opens=tuple(works)), now=NOW, writer=WRITER)
    store.commit(Batch(closes=(works[1],)), now=NOW, writer=WRITER)
    assert set(store.open_work()) == {works[0], works[2]}
    store.commit(Batch(opens=(works[1],)), now=NOW, writer=WRITER)
    assert set(store.open_work()) == set(works)


def test_work_that_a_batch_opens_and_closes_is_closed(store: OrgStore) -> None:
    store.commit(Batch(opens=(CycleId.of(1),), closes=(CycleId.of(1),)), now=NOW, writer=WRITER)
    assert store.open_work() == ()


def test_a_scan_that_was_abandoned_has_failed(store: OrgStore) -> None:
    store.start_scan(scan(), now=NOW, writer=WRITER)
    gave_up = CommandAbandoned(work=scan().id, step=Step.SCAN, reason="three attempts")
    store.commit(Batch(events=(gave_up,), closes=(scan().id,)), now=after(9), writer=WRITER)
    record = store.scan(scan().id)
    assert record.status is ScanStatus.FAILED
    assert record.finished_at == after(9)


def test_an_older_generation_of_a_writer_is_refused_and_changes_nothing(store: OrgStore) -> None:
    store.commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)
    with pytest.raises(Fenced, match="orchestrator/0 of generation 4"):
        store.commit(Batch(events=(lesson(),)), now=NOW, writer=Writer(kind=WRITER.kind, generation=4))
    assert store.last_sequence() == 1


def test_a_newer_generation_shuts_out_the_one_before_it(store: OrgStore) -> None:
    store.commit(Batch(events=(lesson(),)), now=NOW, writer=Writer(kind=WRITER.kind, generation=6))
    with pytest.raises(Fenced):
        store.receive_fix(fix(), now=NOW, writer=WRITER)
    assert store.open_work() == ()


def test_generations_are_of_one_kind_of_writer(store: OrgStore) -> None:
    store.commit(Batch(events=(lesson(),)), now=NOW, writer=Writer(kind="scheduler", generation=9))
    assert len(store.commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)) == 1


def test_an_owner_that_is_out_of_date_cannot_write(open_vault: Callable[..., Vault]) -> None:
    newer = open_vault(writer=Writer(kind=BANK.kind, generation=BANK.generation + 1))
    newer.org(ORG).commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)
    newer.close()
    with pytest.raises(Fenced, match="bank/0"):
        open_vault().org(ORG).commit(Batch(events=(lesson(),)), now=NOW, writer=WRITER)


def test_orgs_do_not_see_each_other(vault: Vault) -> None:
    vault.org(ORG).commit(Batch(events=(lesson(),), rules=(rule(),)), now=NOW, writer=WRITER)
    assert vault.org(OTHER).events_after(0) == ()
    assert vault.org(OTHER).rules().items == ()
    assert vault.org(ORG).events_after(0)[0].org == ORG
