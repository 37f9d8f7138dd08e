"""Do the counts and RFC-014's tables tell what has happened?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.cycle import Outcome
from rsolv_ray.model.events import CycleCompleted, FixClassified, FixesProposed, MetricsRolledUp, Period, RuleAccepted
from rsolv_ray.model.finding import ProposalState, Triage, TriageLabel
from rsolv_ray.model.ids import CycleId
from rsolv_ray.model.prediction import Prediction
from rsolv_ray.model.rule import RuleState
from rsolv_ray.store.bank import Vault
from rsolv_ray.store.org import OrgStore
from tests.unit.store.samples import NOW, ORG, RULE, WRITER, after, finding, fix, pattern, proposal, result, rule, scan


@pytest.fixture
def learned(store: OrgStore) -> OrgStore:
    """A cycle that ended, with a rule, two findings, and a patch that was applied."""
    cycle = store.receive_fix(fix(), now=NOW, writer=WRITER).cycle
    accepted = RuleAccepted(cycle=cycle, rule=rule().summary())
    store.commit(Batch(events=(accepted,), rules=(rule(),), patterns=(pattern(),)), now=after(1), writer=WRITER)
    said = Prediction(label="CWE-89", confidence=0.75, top=(("CWE-89", 0.75),), model_version="1")
    store.commit(Batch(events=(FixClassified(cycle=cycle, prediction=said),)), now=after(2), writer=WRITER)
    store.start_scan(scan(1, cycle=cycle), now=after(3), writer=WRITER)
    store.complete_scan(result(1, finding(1), finding(2)), now=after(4), writer=WRITER)
    offered = proposal(finding(1))
    told = FixesProposed(cycle=cycle, scan=scan(1).id, proposals=(offered.id,))
    store.commit(Batch(events=(told,), proposals=(offered,)), now=after(5), writer=WRITER)
    store.set_proposal_state(offered.id, ProposalState.APPLIED, now=after(6), writer=WRITER)
    store.triage(finding(2).id, Triage(label=TriageLabel.FALSE_POSITIVE), now=after(7), writer=WRITER)
    ended = CycleCompleted(cycle=cycle, outcome=Outcome.LEARNED, elapsed_ms=4200)
    store.commit(Batch(events=(ended,), closes=(cycle,)), now=after(8), writer=WRITER)
    return store


def view(vault: Vault, root: Path, name: str) -> list[dict[str, Any]]:
    """A view's rows, read by another program when the file is closed."""
    vault.close()
    with duckdb.connect(str(root / "orgs" / ORG / "intelligence.duckdb"), read_only=True) as db:
        asked = db.execute(f"SELECT * FROM {name} ORDER BY id")
        columns = [column for column, *_ in asked.description]
        return [dict(zip(columns, row, strict=True)) for row in asked.fetchall()]


def test_what_happened_is_counted(learned: OrgStore) -> None:
    counts = learned.learning_metrics(None)
    expected = {
        "fixes_received": 1, "rules_generated": 1, "rules_monitor": 1, "cycles_completed": 1, "cycles_learned": 1,
        "learned_rate": 1, "cycle_median_ms": 4200, "scans_completed": 1, "findings_opened": 2, "findings_open": 1,
        "proposals_offered": 1, "fixes_applied": 1, "false_positive_rate": 1,
    }  # fmt: skip
    assert {name: counts[name] for name in expected} == expected


def test_what_happened_before_a_moment_is_not_counted_since_it(learned: OrgStore) -> None:
    counts = learned.learning_metrics(after(6.5))
    assert counts["fixes_received"] == counts["findings_opened"] == counts["fixes_applied"] == 0
    assert counts["findings_triaged"] == counts["cycles_learned"] == 1


def test_an_org_that_did_nothing_has_no_rates(store: OrgStore) -> None:
    counts = store.learning_metrics(None)
    assert set(counts.values()) == {0.0}
    assert not any(name.endswith(("_rate", "_ms")) for name in counts)


def test_a_scan_counts_the_patches_that_were_offered_after_it(learned: OrgStore) -> None:
    assert learned.scan(scan(1).id).proposals == 1


def test_scanning_results_are_answered_from_the_scans(learned: OrgStore, vault: Vault, tmp_path: Path) -> None:
    (row,) = view(vault, tmp_path, "organizational_scanning_results")
    assert row == {
        "id": scan(1).id, "org_id": ORG, "scan_trigger": "manual", "repositories_scanned": 1, "vulnerabilities_found": 2,
        "auto_fixes_applied": 1, "scan_duration_ms": 1200, "rule_ids": [RULE], "created_at": NOW.replace(tzinfo=None),
    }  # fmt: skip


def test_intelligence_is_answered_from_rules_patterns_and_classifications(
    learned: OrgStore, vault: Vault, tmp_path: Path
) -> None:
    rows = {row["intelligence_type"]: row for row in view(vault, tmp_path, "organizational_intelligence")}
    assert rows.keys() == {"rule", "pattern", "classification"}
    assert {row["org_id"] for row in rows.values()} == {ORG}
    assert rows["rule"]["effectiveness_score"] == 0.75
    assert rows["rule"]["is_active"] is True
    assert json.loads(rows["rule"]["content"])["definition"] == rule().definition
    assert rows["classification"]["effectiveness_score"] == 0.75
    assert "vector" not in json.loads(rows["pattern"]["content"])


def test_a_retired_rule_and_an_old_version_are_not_active(store: OrgStore, vault: Vault, tmp_path: Path) -> None:
    for version in (1, 2):
        store.commit(Batch(rules=(rule(version=version),)), now=NOW, writer=WRITER)
    before = {row["id"]: row["is_active"] for row in view(vault, tmp_path, "organizational_intelligence")}
    assert before == {f"{RULE}@1": False, f"{RULE}@2": True}


def test_a_rule_that_was_retired_is_told_with_the_moment_of_it(store: OrgStore, vault: Vault, tmp_path: Path) -> None:
    store.commit(Batch(rules=(rule(),)), now=NOW, writer=WRITER)
    store.change_rule_state(RULE, RuleState.RETIRED, reason="noisy", by="ann", now=after(9), writer=WRITER)
    (row,) = view(vault, tmp_path, "organizational_intelligence")
    assert row["is_active"] is False
    assert row["last_updated"] == after(9).replace(tzinfo=None)


def test_a_later_roll_up_of_a_period_replaces_the_one_before_it(store: OrgStore, vault: Vault, tmp_path: Path) -> None:
    def told(period: Period, value: float) -> MetricsRolledUp:
        return MetricsRolledUp(period=period, start=NOW, values={"rules_generated": value, "fixes_applied": 1})

    for moment, event in enumerate((told(Period.DAILY, 2), told(Period.WEEKLY, 5), told(Period.DAILY, 3))):
        store.commit(Batch(events=(event,)), now=after(moment), writer=WRITER)
    rows = view(vault, tmp_path, "learning_metrics")
    values = {(row["time_period"], row["metric_type"]): row["metric_value"] for row in rows}
    assert values == {
        ("daily", "rules_generated"): 3, ("daily", "fixes_applied"): 1,
        ("weekly", "rules_generated"): 5, ("weekly", "fixes_applied"): 1,
    }  # fmt: skip
    assert len({row["id"] for row in rows}) == 4
    assert {row["org_id"] for row in rows} == {ORG}


def test_the_history_of_an_unknown_cycle_is_empty(learned: OrgStore) -> None:
    assert learned.history(CycleId.of("unknown")) == ()
