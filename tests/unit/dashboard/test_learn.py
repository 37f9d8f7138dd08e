from __future__ import annotations

from dataclasses import replace

import pytest

from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.pages import learn, learn_views
from rsolv_ray.dashboard.pages.learn import filled, fix_of, look, mode_of
from rsolv_ray.dashboard.pages.learn_examples import BY_PATH, EXAMPLES
from rsolv_ray.model.cycle import (
    Cycle,
    CycleScan,
    LearnedRule,
    Outcome,
    RejectedCandidate,
    Step,
    StepState,
    StepStatus,
)  # fmt: skip
from rsolv_ray.model.errors import NotAllowed, Rejected
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CycleId, PatternId, RuleId, ScanId
from rsolv_ray.model.org import Scope
from rsolv_ray.model.pattern import Insight, Neighbour, PatternInsight
from rsolv_ray.model.rule import Proposer
from tests.unit.dashboard.conftest import Home
from tests.unit.dashboard.samples import FIX as SAMPLE
from tests.unit.dashboard.samples import fill, learned

EXAMPLE = EXAMPLES["Python"]
FIX = fix_of(EXAMPLE)


async def _visitor(home: Home, secret: str) -> Visitor:
    principal = await home.house.authenticate(secret)
    assert principal is not None
    return Visitor(principal, home.acme, (home.acme,))


def _told(cycle: Cycle, fix: Fix, visitor: Visitor) -> str:
    return learn_views.watched(learn_views.Watched(cycle, fix), visitor)


def test_what_is_typed_becomes_a_fix_in_the_language_that_its_path_tells() -> None:
    assert (FIX.languages, FIX.cwe, FIX.title) == (("python",), ("CWE-89",), "Pass the word as a parameter")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_fix_in_its_language_and_shown_in_its_colours(name: str) -> None:
    assert fix_of(EXAMPLES[name]).languages == (name.lower(),)
    assert [one["language"] for one in filled(EXAMPLES[name])[4:]] == [name.lower()] * 2


@pytest.mark.parametrize(
    ("path", "chosen", "mode"),
    [
        ("a/b.ts", BY_PATH, "typescript"), (" a.js ", "", "javascript"), ("a.js", "python", "python"), ("a.sh", "", "shell"),
        ("A.java", "", None), ("notes", "", None), ("", "", None), ("a.py", "cobol", None),
    ],
)  # fmt: skip
def test_the_editors_colour_code_by_its_language_where_they_know_it(path: str, chosen: str, mode: str | None) -> None:
    assert mode_of(path, chosen) == mode


@pytest.mark.parametrize("cwe", ["89", "cwe-89", " CWE-89: SQL injection "])
def test_a_weakness_may_be_typed_in_several_ways(cwe: str) -> None:
    assert fix_of(EXAMPLE._replace(cwe=cwe)).cwe == ("CWE-89",)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"before": ""}, "no change has a 'before' side"),
        ({"after": EXAMPLE.before}, "nothing to learn"),
        ({"path": "../etc/passwd", "language": "python"}, "no path within a repository"),
        ({"path": "notes"}, "choose one"),
        ({"path": ""}, "choose one"),
        ({"language": "cobol"}, "unsupported language 'cobol'"),
        ({"cwe": "injection"}, "is no CWE"),
        ({"before": "x" * learn.LONGEST}, "paste the function alone"),
        ({"before": "a\x00b"}, r"Before holds U\+0000 in line 1"),
        ({"after": "a\n\ud800b"}, r"After holds U\+D800 in line 2"),
        ({"title": "a\ud800"}, r"The title holds U\+D800"),
        ({"title": "a\x1b[1m"}, r"The title holds U\+001B"),
        ({"path": "a\udfff.py"}, r"The path holds U\+DFFF"),
        ({"path": "a\x07.py"}, r"The path holds U\+0007"),
        ({"language": "python\ud800"}, r"The language holds U\+D800"),
        ({"cwe": "89\ud800"}, r"The weakness holds U\+D800"),
        ({"title": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_is_typed_wrong_is_told_in_words(typed: dict[str, str], told: str) -> None:
    with pytest.raises(Rejected, match=told):
        fix_of(EXAMPLE._replace(**typed))


def test_code_may_hold_a_form_feed() -> None:
    assert fix_of(EXAMPLE._replace(before=f"\f{EXAMPLE.before}")).changes[0].before.startswith("\f")


async def test_a_cycle_is_shown_to_its_org_with_the_fix_that_began_it(home: Home) -> None:
    receipt = await home.house.receive_fix(home.acme.id, FIX)
    seen = await look(home.house, home.acme, {"cycle": receipt.cycle})
    assert seen.watched is not None
    assert (seen.watched.cycle.id, seen.watched.fix) == (receipt.cycle, FIX)


async def test_without_a_cycle_in_the_address_the_newest_are_shown(home: Home) -> None:
    receipt = await home.house.receive_fix(home.acme.id, FIX)
    seen = await look(home.house, home.acme, {})
    assert (seen.watched, [one.id for one in seen.recent]) == (None, [receipt.cycle])


@pytest.mark.parametrize("asked", ["../..", "cyc_" + "0" * 24])
async def test_a_cycle_that_is_none_is_missing(home: Home, asked: str) -> None:
    assert (await look(home.house, home.acme, {"cycle": asked})).missing


async def test_the_cycle_of_another_org_is_missing(home: Home) -> None:
    other = await home.house.org("other")
    receipt = await home.house.receive_fix(other.id, FIX)
    assert (await look(home.house, home.acme, {"cycle": receipt.cycle})).missing


async def test_a_reader_may_not_send_a_fix(home: Home) -> None:
    with pytest.raises(NotAllowed, match="lacks the scope 'write'"):
        (await _visitor(home, home.reader.secret)).to(Scope.WRITE)


async def test_a_failed_step_and_the_reason_of_the_end_are_told(home: Home) -> None:
    receipt = await home.house.receive_fix(home.acme.id, FIX)
    cycle = await home.house.cycle(home.acme.id, receipt.cycle)
    failed = StepState(status=StepStatus.FAILED, description="the engine <b>ended</b>", attempts=3, elapsed_ms=2500)
    ended = cycle.model_copy(
        update={"outcome": Outcome.PARTIAL, "reason": "scan was given up", "steps": {**cycle.steps, Step.SCAN: failed}}
    )
    told = _told(ended, FIX, await _visitor(home, home.writer.secret))
    assert '<li class="failed">' in told
    assert "2.5 s</small><small>attempt 3" in told
    assert "the engine &lt;b&gt;ended" in told
    assert "Scan was given up." in told


async def test_where_no_rule_came_of_a_fix_the_page_says_what_helps(home: Home) -> None:
    receipt = await home.house.receive_fix(home.acme.id, FIX)
    cycle = await home.house.cycle(home.acme.id, receipt.cycle)
    ended = cycle.model_copy(update={"outcome": Outcome.NO_RULE, "reason": "no known form fits what changed"})
    assert "paste whole functions on both sides" in _told(ended, FIX, await _visitor(home, home.writer.secret))
    assert "paste whole functions" not in _told(cycle, FIX, await _visitor(home, home.writer.secret))


async def test_where_a_rule_was_known_already_the_page_leads_to_it_and_gives_no_advice(home: Home) -> None:
    receipt = await home.house.receive_fix(home.acme.id, FIX)
    cycle = await home.house.cycle(home.acme.id, receipt.cycle)
    refused = [
        RejectedCandidate(candidate="can_1", proposer=Proposer.SYNTAX, reason="it also matches the fixed code"),
        RejectedCandidate(candidate="can_2", proposer=Proposer.SYNTAX, reason="-", known_rule=RuleId("older")),
    ]
    ended = cycle.model_copy(update={"outcome": Outcome.NO_RULE, "reason": "known", "rejected": tuple(refused)})
    told = _told(ended, FIX, await _visitor(home, home.writer.secret))
    assert '<span class="badge already-known">already known</span> Rule <a href="/dashboard/rules?rule=older">' in told
    assert 'href="/dashboard/findings?rule=older"' in told
    assert "paste whole functions" not in told
    assert "No rule came" not in told


async def test_findings_that_are_not_shown_are_counted_and_lead_to_all_of_them(home: Home) -> None:
    await fill(home.house, home.acme.id)
    cycle = await home.house.cycle(home.acme.id, CycleId.of(SAMPLE.id))
    rule = learned()
    ended = cycle.model_copy(update={
        "outcome": Outcome.LEARNED,
        "rule": LearnedRule(
            id=rule.id, version=1, state=rule.state, confidence=rule.confidence, quality=rule.quality
        ),
        "scan": CycleScan(id=ScanId.of(1), repositories=2, findings=3, duration_ms=1),
    })  # fmt: skip
    seen = await learn._with_outcome(home.house, home.acme, ended)
    assert (len(seen.findings), seen.total) == (3, 3)
    some = replace(seen, findings=seen.findings[:1])
    told = learn_views.watched(some, await _visitor(home, home.writer.secret))
    assert "3 findings; 2 repositories scanned" in told
    assert f'href="/dashboard/findings?rule={rule.id}&amp;state=all">2 more: all 3 findings</a>' in told


async def test_a_similar_pattern_is_named_by_its_fix_where_that_is_known(home: Home) -> None:
    receipt = await home.house.receive_fix(home.acme.id, FIX)
    cycle = await home.house.cycle(home.acme.id, receipt.cycle)
    near, far = PatternId.of("near"), PatternId.of("far")
    similar = tuple(Neighbour(pattern=one, similarity=0.8) for one in (near, far))
    pattern = PatternInsight(id=PatternId.of(1), insight=Insight.EMERGING, count=2, similar=similar, message="seen")
    seen = learn_views.Watched(cycle.model_copy(update={"pattern": pattern}), FIX, alike={near: cycle})
    told = learn_views.watched(seen, await _visitor(home, home.writer.secret))
    assert f'<a href="/dashboard/learn?cycle={cycle.id}">{FIX.title}</a>' in told
    assert f"<code>{far}</code>" in told
    assert near not in told
