from __future__ import annotations

from datetime import UTC, datetime

from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.pages import overview_views as views
from rsolv_ray.model.cycle import Cycle, Outcome, Step, StepState, StepStatus
from rsolv_ray.model.events import CommandAttempted, CycleCompleted, FixReceived, Recorded
from rsolv_ray.model.ids import CycleId, FixId, KeyId, OrgId
from rsolv_ray.model.org import Org, Principal, Scope
from rsolv_ray.model.report import OrgMetrics

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORG = Org(id=OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D"), name="acme", title="Acme <b>", created_at=NOW)
CYCLE = CycleId.of("one")


def _recorded(sequence: int, event: object) -> Recorded:
    return Recorded(org=ORG.id, sequence=sequence, at=NOW, event=event)


def _cycle(outcome: Outcome | None) -> Cycle:
    failed = StepState(status=StepStatus.FAILED, description='quote " and <tag>', elapsed_ms=7)
    steps = {Step.SYNTHESIS: StepState(status=StepStatus.DONE), Step.SCAN: failed}
    return Cycle(
        id=CYCLE, fix=FixId.of("f"), org=ORG.id, outcome=outcome, reason="no <rule>", received_at=NOW, steps=steps
    )


def test_where_nothing_was_learned_the_page_says_how_to_begin() -> None:
    told = views.cycles((), ORG, "http://127.0.0.1:8080")
    assert "http://127.0.0.1:8080/api/v1/orgs/acme/fixes?wait=60" in told


def test_a_cycle_shows_each_step_with_its_status_and_its_outcome() -> None:
    told = views.cycles((_cycle(Outcome.NO_RULE),), ORG, "")
    assert '<span class="chip done" title="done">synthesis</span>' in told
    assert 'class="chip failed" title="failed, 7 ms: quote &quot; and &lt;tag&gt;">scan<' in told
    assert "no rule</span>" in told
    assert "no &lt;rule&gt;" in told


def test_a_cycle_without_an_outcome_is_running() -> None:
    assert '<span class="badge running">running</span>' in views.cycles((_cycle(None),), ORG, "")


def test_the_last_event_comes_first_and_attempts_are_left_out() -> None:
    told = views.events(
        (
            _recorded(
                1, FixReceived(cycle=CYCLE, fix=FixId.of("f"), title="<img>", languages=("python",), paths=("a",))
            ),
            _recorded(2, CommandAttempted(work=CYCLE, step=Step.SCAN, attempt=1)),
            _recorded(3, CycleCompleted(cycle=CYCLE, outcome=Outcome.LEARNED)),
        )
    )
    assert told.index("CycleCompleted") < told.index("FixReceived")
    assert "CommandAttempted" not in told
    assert "&lt;img&gt;" in told


def test_rules_in_use_are_those_that_scan() -> None:
    now = {
        "rules_active": 2.0,
        "rules_monitor": 3.0,
        "findings_open": 4.0,
        "patterns_learned": 6.0,
        "fixes_received": 7.0,
    }
    week = {"rules_generated": 1.0, "findings_opened": 0.0, "patterns_learned": 0.0, "fixes_received": 0.0}
    told = views.counts(OrgMetrics(at=NOW, now=now, weekly=week))
    assert "<b>5</b><span>Rules in use</span><small>1 learned this week</small>" in told


def test_only_who_has_a_choice_of_orgs_is_given_one() -> None:
    other = ORG.model_copy(update={"name": "other", "title": ""})
    principal = Principal(key=KeyId("01JD3Z6Q4T8V5W2X9Y7A1B0C3E"), org=None, scopes=frozenset({Scope.ADMIN}))
    assert "<select" not in words.head(Visitor(principal, ORG, (ORG,)), "", {})
    both = words.head(Visitor(principal, ORG, (ORG, other)), "", {"API": "/docs"})
    assert "<option selected>acme</option><option>other</option>" in both
    assert "<h1>Acme &lt;b&gt;</h1>" in both


def test_cells_are_escaped_unless_they_are_markup() -> None:
    told = words.table("<t>", ("<h>",), (("<cell>", words.Html("<i>markup</i>")),))
    assert "&lt;t&gt;" in told
    assert "<td>&lt;cell&gt;</td><td><i>markup</i></td>" in told


def test_a_table_without_rows_says_so() -> None:
    assert "No rule has been accepted." in views.rules(())
