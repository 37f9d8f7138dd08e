"""Does the home page tell what the house knows, and what to do where it knows nothing?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import feed_views, overview, overview_views, score_views
from rsolv_ray.dashboard.pages.overview import Overview, draw, look
from rsolv_ray.model.batch import Batch, Writer
from rsolv_ray.model.cycle import Cycle, Outcome, Step, StepState, StepStatus
from rsolv_ray.model.events import CommandAttempted, CycleCompleted, FixReceived, Recorded
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import CycleId, FixId, KeyId, OrgId
from rsolv_ray.model.intelligence import Card, Intelligence, Point, Score, ScorePart, Series, Share, Velocity
from rsolv_ray.model.org import Org, Principal, Scope
from tests.unit.dashboard.conftest import Home

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORG = Org(id=OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D"), name="acme", title="Acme <b>", created_at=NOW)
CYCLE = CycleId.of("one")
READER = Visitor(
    Principal(key=KeyId("01JD3Z6Q4T8V5W2X9Y7A1B0C3E"), org=ORG.id, scopes=frozenset({Scope.READ})), ORG, (ORG,)
)
SCORE = Score(
    value=42,
    parts=(
        ScorePart(name="reach", title="Places <found>", value=0.5, weight=0.3, told="3 places & more", n=3),
        ScorePart(name="proof", title="Proof", value=0.0, weight=0.7, told="no rule in use", n=0),
    ),
)
KNOWN = Intelligence(
    at=NOW,
    score=SCORE,
    cards=(),
    velocity=Velocity(per_week=1.5, before=0.5, window_days=28, rules=6, rules_before=2),
    learning=(
        Series(name="rules_per_day", title="Rules accepted", points=(Point(at=NOW, value=2),)),
        Series(name="rules_total", title="Rules in all", points=(Point(at=NOW, value=7),)),
    ),
    distribution=(Share(name="CWE-89 SQL <injection>", count=3),),
)


def _recorded(sequence: int, event: Any) -> Recorded:
    return Recorded(org=ORG.id, sequence=sequence, at=NOW, event=event)


def _cycle(outcome: Outcome | None, **more: Any) -> Cycle:
    failed = StepState(status=StepStatus.FAILED, description='quote " and <tag>', elapsed_ms=7)
    steps = {Step.SYNTHESIS: StepState(status=StepStatus.DONE), Step.SCAN: failed}
    return Cycle(
        id=CYCLE, fix=FixId.of("f"), org=ORG.id, outcome=outcome, title="Bind <it>", reason="no <rule>", received_at=NOW,
        steps=steps, **more,
    )  # fmt: skip


def _card(**changed: Any) -> Card:
    told = {"name": "rules", "title": "Rules", "value": 1234, "unit": "count", "delta": 2, "window": "this month"}
    return Card.model_validate({**told, "better": "more", **changed})


def _fix(number: int) -> Fix:
    change = FileChange(path="db.py", language="python", before=f"run(a % b{number})\n", after="run(a, (b,))\n")
    return Fix(changes=(change,), title=f"Bind {number}")


# Looking


async def test_running_cycles_are_told_apart_from_those_that_ended(home: Home) -> None:
    ended, runs = [(await home.house.receive_fix(home.acme.id, _fix(number))).cycle for number in range(2)]
    done = CycleCompleted(cycle=ended, outcome=Outcome.NO_RULE, reason="because")
    await home.house._tell(
        home.acme.id, "commit", Batch(events=(done,), closes=(ended,)), writer=Writer(kind="test", generation=1)
    )
    seen = await look(home.house, home.acme, {})
    assert ([one.id for one in seen.running], [one.id for one in seen.learned]) == ([runs], [ended])
    assert (seen.learned[0].title, seen.is_new) == ("Bind 0", False)


async def test_an_org_without_a_fix_is_new_and_shows_its_repositories(home: Home) -> None:
    seen = await look(home.house, home.acme, {})
    assert (seen.is_new, seen.repositories, seen.intelligence.score.value) == (True, (), 0)


async def test_the_feed_leaves_out_attempts_and_keeps_the_newest(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "EVENTS", 2)
    received = [await home.house.receive_fix(home.acme.id, _fix(number)) for number in range(3)]
    tried = CommandAttempted(work=received[2].cycle, step=Step.SCAN, attempt=1)
    await home.house._tell(
        home.acme.id, "commit", Batch(events=(tried,) * 300), writer=Writer(kind="test", generation=1)
    )
    seen = await look(home.house, home.acme, {})
    assert [one.event.cycle for one in seen.events] == [received[1].cycle, received[2].cycle]


# Drawing


def test_each_output_is_drawn_whatever_there_is_to_see() -> None:
    full = Overview(ORG, KNOWN, learned=(_cycle(Outcome.LEARNED),))
    views = (View(READER, 1, full), View(READER, 1, Overview(ORG, KNOWN)), View(READER))
    assert {len(draw(view, "http://h")) for view in views} == {7}


def test_where_there_is_no_org_the_page_says_how_to_make_one() -> None:
    assert "http://h/api/v1/orgs --json" in draw(View(READER), "http://h")[0]


def test_where_nothing_was_learned_the_page_says_both_ways_to_begin() -> None:
    told = overview_views.begin(ORG, READER, (), "http://127.0.0.1:8080")
    assert "http://127.0.0.1:8080/api/v1/orgs/acme/fixes?wait=60" in told
    assert 'href="/dashboard/learn"' in told
    assert "rsolv repos add" in told


def test_a_running_cycle_shows_each_step_with_its_status() -> None:
    told = overview_views.running((_cycle(None),), READER)
    assert '<span class="chip done" title="done">synthesis</span>' in told
    assert 'class="chip failed" title="failed, 7 ms: quote &quot; and &lt;tag&gt;">scan<' in told


def test_where_no_cycle_runs_the_panel_says_so() -> None:
    assert "No cycle runs." in overview_views.running((), READER)


def test_a_cycle_that_ended_says_how_and_leads_to_its_page() -> None:
    told = overview_views.learned((_cycle(Outcome.NO_RULE),), READER)
    assert f'<a href="/dashboard/learn?cycle={CYCLE}">Bind &lt;it&gt;</a>' in told
    assert '<span class="badge no-rule">no rule</span>' in told
    assert "no &lt;rule&gt;" in told
    assert "failed: scan" in told


def test_lists_that_are_empty_say_so() -> None:
    told = overview_views.lists((), (), READER)
    assert "No rule has been accepted yet." in told
    assert "No scan has run yet" in told


def test_the_last_event_comes_first_and_leads_to_its_cycle() -> None:
    told = feed_views.feed(
        (
            _recorded(
                1, FixReceived(cycle=CYCLE, fix=FixId.of("f"), title="<img>", languages=("python",), paths=("a",))
            ),
            _recorded(3, CycleCompleted(cycle=CYCLE, outcome=Outcome.LEARNED)),
        ),
        READER,
    )
    assert told.index("Cycle completed") < told.index("Fix received")
    assert f"/dashboard/learn?cycle={CYCLE}" in told
    assert "<img" not in told


# What is known


def test_a_score_tells_the_points_and_the_words_of_each_part() -> None:
    told = score_views.score(SCORE)
    assert 'aria-label="42 of 100"' in told
    assert '<span class="points">15 <small>of 30</small></span>' in told
    assert "3 places &amp; more" in told
    assert "Places &lt;found&gt;" in told


def test_a_part_without_anything_to_judge_by_is_marked_so() -> None:
    assert score_views.score(SCORE).count("<li class=none>") == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, '<b>1,234</b><small><span class="good">+2</span> this month</small>'),
        ({"delta": -2}, '<span class="bad">&minus;2</span>'),
        ({"delta": 0}, "<span>0</span> this month"),
        ({"unit": "rate", "value": 0.125, "n": 8, "delta": -0.05, "better": "less"}, '<span class="good">&minus;5 points'),
        ({"unit": "rate", "value": 0.125, "n": 8, "delta": 0.05, "better": "less"}, '<span class="bad">+5 points'),
        ({"unit": "rate", "value": 0.125, "n": 8, "delta": None}, "12&nbsp;%<i>of 8 judged</i>"),
        ({"unit": "rate", "value": 0.0, "n": 0, "delta": None}, "<b>&ndash;</b><small>no finding judged yet"),
    ],
)  # fmt: skip
def test_a_card_tells_its_number_with_what_has_changed(changed: dict[str, Any], said: str) -> None:
    assert said in score_views.cards((_card(**changed),), READER)


def test_trends_tell_velocity_growth_and_shares() -> None:
    told = score_views.trends(KNOWN)
    assert "<b>1.5</b> rules a week" in told
    assert '<span class="good">+1.0</span> against the 28 days before (2)' in told
    assert "Rules in all <b>7</b>" in told
    assert "CWE-89 SQL &lt;injection&gt;" in told


def test_an_org_of_today_has_no_trend_yet_and_is_drawn_all_the_same() -> None:
    bare = KNOWN.model_copy(
        update={"learning": (), "distribution": (), "velocity": Velocity(per_week=0, before=0, window_days=7)}
    )
    assert "0 rules in the last 7 days" in score_views.trends(bare)
