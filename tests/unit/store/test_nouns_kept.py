"""Are fixes, rules, proposals, patterns and repositories kept as they were given?"""

from __future__ import annotations

import pytest

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import Conflict, NotFound, Rejected
from rsolv_ray.model.events import FixReceived, ProposalApplied, ProposalOutcome, RuleAccepted, RuleStateChanged
from rsolv_ray.model.finding import ProposalState
from rsolv_ray.model.ids import FixId, RepositoryId, RuleId
from rsolv_ray.model.rule import Rule, RuleState
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import NOW, RULE, WRITER, after, finding, fix, lesson, pattern, proposal, repository, rule


def keep(store: OrgStore, **nouns: object) -> None:
    store.commit(Batch.model_validate({"events": (lesson(),), **nouns}), now=NOW, writer=WRITER)


def test_a_fix_is_kept_whole_and_opens_its_cycle(store: OrgStore) -> None:
    receipt = store.receive_fix(fix(), now=NOW, writer=WRITER)
    assert not receipt.known
    assert store.fix(fix().id) == fix()
    assert store.open_work() == (fix().cycle,)
    (told,) = store.history(receipt.cycle)
    assert isinstance(told.event, FixReceived)
    assert told.event.paths == ("app/db.py",)


def test_a_fix_received_twice_is_one_fix(store: OrgStore) -> None:
    first = store.receive_fix(fix(), now=NOW, writer=WRITER)
    second = store.receive_fix(fix(), now=after(5), writer=WRITER)
    assert second == first.model_copy(update={"known": True})
    assert store.last_sequence() == 1


def test_a_fix_that_never_came_is_not_found(store: OrgStore) -> None:
    with pytest.raises(NotFound):
        store.fix(FixId.of("unknown"))


def test_cycles_are_paged_newest_first_while_new_ones_come(store: OrgStore) -> None:
    cycles = [store.receive_fix(fix(number), now=NOW, writer=WRITER).cycle for number in range(5)]
    first = store.cycles(limit=2)
    store.receive_fix(fix(99), now=NOW, writer=WRITER)
    second = store.cycles(limit=2, cursor=first.next_cursor)
    last = store.cycles(limit=2, cursor=second.next_cursor)
    assert [*first.items, *second.items, *last.items] == cycles[::-1]
    assert last.next_cursor is None


def test_cycles_that_run_are_told_apart_from_those_that_ended(store: OrgStore) -> None:
    ended, running = (store.receive_fix(fix(number), now=NOW, writer=WRITER).cycle for number in range(2))
    store.commit(Batch(closes=(ended,)), now=after(1), writer=WRITER)
    told = [store.cycles(running=one).items for one in (True, False, None)]
    assert told == [(running,), (ended,), (running, ended)]


def test_a_page_that_ends_where_the_list_ends_has_none_after_it(store: OrgStore) -> None:
    for number in range(2):
        store.receive_fix(fix(number), now=NOW, writer=WRITER)
    assert store.cycles(limit=2).next_cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "bm8=", "W10=", "WzEsMl0=", "WyJhIiwiYiJd", "ü", "WzFlOTksICIiXQ=="])
def test_a_cursor_that_is_none_of_ours_is_rejected(store: OrgStore, cursor: str) -> None:
    with pytest.raises(Rejected, match="cursor"):
        store.cycles(cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_of_no_size_or_of_too_great_a_one_is_rejected(store: OrgStore, limit: int) -> None:
    with pytest.raises(Rejected, match="limit"):
        store.findings(limit=limit)


def test_a_rule_is_kept_with_its_proof(store: OrgStore) -> None:
    keep(store, rules=(rule(),))
    assert store.rule(RULE) == rule()
    assert store.rules().items == (rule().summary(),)
    assert store.scanning_rules() == (rule(),)


def test_a_rule_of_the_same_version_is_kept_as_it_was_first(store: OrgStore) -> None:
    keep(store, rules=(rule(),))
    keep(store, rules=(rule().model_copy(update={"message": "other"}),))
    assert store.rule(RULE).message == "built SQL"
    assert len(store.rules().items) == 1


def other_definition(version: int = 1, pattern: str = "run($A)") -> Rule:
    """A rule of the same name and version as `rule`, which says another thing."""
    return rule(version=version).model_copy(update={"definition": {"id": RULE, "pattern": pattern}})


def learn(store: OrgStore, *rules: Rule, once: str | None = None) -> list[int]:
    """The versions that are told of."""
    accepted = tuple(RuleAccepted(cycle=fix().cycle, rule=one.summary()) for one in rules)
    told = store.commit(Batch(once=once, events=(lesson(), *accepted), rules=rules), now=NOW, writer=WRITER)
    assert told == store.events_after(told[0].sequence - 1)
    return [one.event.rule.version for one in told if isinstance(one.event, RuleAccepted)]


def test_another_definition_of_a_version_that_is_taken_becomes_the_next_version(store: OrgStore) -> None:
    assert learn(store, rule()) == [1]
    assert learn(store, other_definition()) == [2]
    assert store.rule(RULE, 1) == rule()
    assert store.rule(RULE) == other_definition().model_copy(update={"version": 2})
    assert store.rules().items == (store.rule(RULE).summary(),)


def test_a_definition_that_was_stored_as_a_later_version_is_told_as_that_one_again(store: OrgStore) -> None:
    learn(store, rule(), rule(version=2))
    assert [learn(store, other_definition()) for _ in range(2)] == [[3], [3]]
    assert learn(store, rule()) == [1]
    assert store.rule(RULE).version == 3


def test_two_definitions_of_one_version_in_a_batch_are_both_kept(store: OrgStore) -> None:
    assert learn(store, rule(), other_definition(), other_definition(pattern="walk($A)")) == [1, 2, 3]
    assert [store.rule(RULE, version).definition["pattern"] for version in (2, 3)] == ["run($A)", "walk($A)"]


def test_a_new_version_stands_for_the_rule_and_the_old_one_can_be_asked_for(store: OrgStore) -> None:
    keep(store, rules=(rule(),))
    keep(store, rules=(rule(version=2),))
    assert store.rule(RULE).version == 2
    assert store.rule(RULE, 1).definition == rule().definition
    assert [one.version for one in store.scanning_rules()] == [2]
    assert [one.version for one in store.rules().items] == [2]
    with pytest.raises(NotFound, match="version 3"):
        store.rule(RULE, 3)


def test_a_change_of_state_is_told_and_shows_everywhere(store: OrgStore) -> None:
    keep(store, rules=(rule(),))
    (told,) = store.change_rule_state(RULE, RuleState.RETIRED, reason="noisy", by="ann", now=NOW, writer=WRITER)
    assert told.event == RuleStateChanged(
        rule=RULE, before=RuleState.MONITOR, after=RuleState.RETIRED, reason="noisy", by="ann"
    )
    assert store.rule(RULE).state is RuleState.RETIRED
    assert store.rules(frozenset({RuleState.RETIRED})).items[0].state is RuleState.RETIRED
    assert store.rules(frozenset({RuleState.MONITOR})).items == ()
    assert store.scanning_rules() == ()


def test_a_change_of_state_sent_twice_is_one(store: OrgStore) -> None:
    keep(store, rules=(rule(),))
    store.change_rule_state(RULE, RuleState.ACTIVE, reason="good", by="ann", now=NOW, writer=WRITER)
    assert store.change_rule_state(RULE, RuleState.ACTIVE, reason="good", by="ann", now=NOW, writer=WRITER) == ()
    assert store.last_sequence() == 2


def test_a_change_of_state_that_has_no_way_is_a_conflict(store: OrgStore) -> None:
    keep(store, rules=(rule(state=RuleState.RETIRED),))
    with pytest.raises(Conflict, match="it may become monitor"):
        store.change_rule_state(RULE, RuleState.ACTIVE, reason="x", by="ann", now=NOW, writer=WRITER)
    with pytest.raises(NotFound):
        store.change_rule_state(RuleId("no-rule"), RuleState.ACTIVE, reason="x", by="ann", now=NOW, writer=WRITER)


def test_rules_of_one_batch_are_paged_without_loss(store: OrgStore) -> None:
    names = [RuleId(f"rule-{number}") for number in range(5)]
    keep(store, rules=tuple(rule(name) for name in names))
    seen: list[str] = []
    cursor = None
    while True:
        page = store.rules(limit=2, cursor=cursor)
        seen += [one.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == names


def test_a_proposal_offered_twice_is_one(store: OrgStore) -> None:
    offered = proposal(finding())
    keep(store, proposals=(offered,))
    keep(store, proposals=(offered.model_copy(update={"diff": "other"}), offered))
    assert [one.proposal for one in store.proposals().items] == [offered]
    assert store.proposal(offered.id).state is ProposalState.OFFERED


def test_offers_for_findings_are_those_that_are_still_offered(store: OrgStore) -> None:
    first, second, other = (finding(number) for number in range(3))
    kept, gone, elsewhere = proposal(first), proposal(second), proposal(other)
    keep(store, proposals=(kept, gone, elsewhere))
    store.set_proposal_state(gone.id, ProposalState.REJECTED, now=NOW, writer=WRITER)
    assert store.offers_for([first.id, second.id]) == (kept,)
    assert store.offers_for([]) == ()


def test_a_proposal_is_applied_and_then_merged(store: OrgStore) -> None:
    offered = proposal(finding())
    keep(store, proposals=(offered,))
    (applied,) = store.set_proposal_state(offered.id, ProposalState.APPLIED, branch="b", now=NOW, writer=WRITER)
    (merged,) = store.set_proposal_state(offered.id, ProposalState.MERGED, reason="ok", now=after(1), writer=WRITER)
    assert isinstance(applied.event, ProposalApplied)
    assert applied.event.branch == "b"
    assert isinstance(merged.event, ProposalOutcome)
    assert store.proposal(offered.id).state is ProposalState.MERGED
    assert store.proposals(states=frozenset({ProposalState.OFFERED})).items == ()
    assert store.proposals(finding=offered.finding).items[0].changed_at == after(1)
    with pytest.raises(Conflict):
        store.set_proposal_state(offered.id, ProposalState.APPLIED, now=NOW, writer=WRITER)


def test_patterns_are_kept_to_the_bit_and_by_encoder(store: OrgStore) -> None:
    keep(store, patterns=(pattern(1), pattern(3, encoder="other")))
    keep(store, patterns=(pattern(2), pattern(1)))
    assert store.patterns("hashed-1") == (pattern(1), pattern(2))
    assert store.patterns("none") == ()


def test_a_repository_added_twice_is_one(store: OrgStore) -> None:
    store.add_repository(repository(), now=NOW, writer=WRITER)
    again = repository(name="renamed")
    assert store.add_repository(again, now=NOW, writer=WRITER) == repository()
    assert store.repositories() == (repository(),)


def test_a_repository_is_found_by_id_and_by_name(store: OrgStore) -> None:
    store.add_repository(repository(), now=NOW, writer=WRITER)
    assert store.repository("shop") == store.repository(repository().id) == repository()
    with pytest.raises(NotFound):
        store.repository("none")


def test_two_repositories_cannot_have_one_name(store: OrgStore) -> None:
    store.add_repository(repository(), now=NOW, writer=WRITER)
    with pytest.raises(Conflict, match="/srv/shop"):
        store.add_repository(repository(location="/srv/other"), now=NOW, writer=WRITER)
    assert store.repositories() == (repository(),)


def test_a_removed_repository_is_gone_until_it_is_added_again(store: OrgStore) -> None:
    store.add_repository(repository(), now=NOW, writer=WRITER)
    store.remove_repository(repository().id, now=NOW, writer=WRITER)
    assert store.repositories() == ()
    with pytest.raises(NotFound):
        store.remove_repository(RepositoryId(repository().id), now=NOW, writer=WRITER)
    back = repository(name="back")
    assert store.add_repository(back, now=NOW, writer=WRITER) == back
    assert store.repositories() == (back,)
