"""Do the rules' pages tell what the house knows, and change only what the visitor may change?"""

from __future__ import annotations

from typing import Any

import pytest

from rsolv_ray.dashboard.asking import Astray
from rsolv_ray.dashboard.clicks import Click
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import rule_text, rules
from rsolv_ray.dashboard.pages.rule_views import OneRule
from rsolv_ray.dashboard.pages.rules_views import Rules
from rsolv_ray.model.batch import Batch
from rsolv_ray.model.errors import Conflict, NotAllowed, NotFound, Rejected
from rsolv_ray.model.finding import Triage, TriageLabel
from rsolv_ray.model.ids import FixId, RuleId
from rsolv_ray.model.rule import RuleState
from tests.unit.dashboard.conftest import Home
from tests.unit.dashboard.samples import FOUND, PATCH, fill, learned, visitor
from tests.unit.store.samples import RULE, rule

URL = "http://rsolv.test"


async def _drawn(home: Home, key: Any, **asked: str) -> tuple[str, dict[str, Any], str]:
    seen = await rules.look(home.house, home.acme, asked)
    above, reason, below = rules.draw(View(visitor(key, home.acme), 1, seen), URL)
    return above, reason, below


async def _change(home: Home, key: Any, to: str, *, of: str = RULE, why: object = "seen to be right") -> str:
    return await rules.change(home.house, visitor(key, home.acme), Click(to, of), why)


async def test_where_nothing_is_learned_the_list_leads_to_the_learn_page(home: Home) -> None:
    _, _, below = await _drawn(home, home.reader)
    assert 'href="/dashboard/learn"' in below


async def test_the_list_tells_of_each_rule_with_the_counts_behind_its_ratios(home: Home) -> None:
    await fill(home.house, home.acme.id)
    await home.house.triage(home.acme.id, FOUND[0].id, Triage(label=TriageLabel.FALSE_POSITIVE))
    _, _, below = await _drawn(home, home.reader)
    assert f'href="/dashboard/rules?rule={RULE}"' in below
    assert "1.00<br><small>1 of 1</small>" in below
    assert f'href="/dashboard/findings?rule={RULE}">2</a>' in below
    assert "1 of 1 judged" in below
    assert "built &lt;SQL&gt;" in below


async def test_texts_are_written_and_compared_once_however_often_a_rule_is_drawn(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[str] = []
    for name in ("unified_diff", "dump_rules"):
        real = getattr(rule_text, name)
        monkeypatch.setattr(rule_text, name, lambda *asked, name=name, real=real: worked.append(name) or real(*asked))
    rule_text._text.cache_clear()
    rule_text.diff_of.cache_clear()
    await fill(home.house, home.acme.id)
    drawn = {(await _drawn(home, home.reader, rule=RULE))[2] for _ in range(3)}
    assert len(drawn) == 1
    assert sorted(worked) == ["dump_rules", "dump_rules", "unified_diff", "unified_diff"]


async def test_the_list_is_narrowed_by_state_and_by_words(home: Home) -> None:
    await fill(home.house, home.acme.id)
    for asked in ({"state": "monitor"}, {"state": "in_use"}, {"q": "CWE-89"}):
        assert RULE in (await _drawn(home, home.reader, **asked))[2]
    for asked in ({"state": "retired"}, {"q": "no such word"}):
        below = (await _drawn(home, home.reader, **asked))[2]
        assert RULE not in below
        assert 'No rule is like that</h2><p><a href="/dashboard/rules">' in below


async def test_a_long_list_goes_on_at_its_cursor_with_the_same_filters(home: Home) -> None:
    many = tuple(rule(RuleId(f"python-r-{number:03}")) for number in range(rules.PAGE + 3))
    await home.house._tell(home.acme.id, "commit", Batch(rules=many))
    first = await rules.look(home.house, home.acme, {"state": "monitor"})
    assert isinstance(first, Rules)
    assert len(first.page.items) == rules.PAGE
    below = (await _drawn(home, home.reader, state="monitor"))[2]
    assert f"state=monitor&amp;cursor={first.page.next_cursor}" in below.replace("%3D", "=")
    second = await rules.look(home.house, home.acme, {"state": "monitor", "cursor": first.page.next_cursor or ""})
    assert isinstance(second, Rules)
    assert len(second.page.items) == 3


@pytest.mark.parametrize(
    "asked",
    [
        {"rule": "python-cwe-1-none"}, {"rule": "../../etc"}, {"rule": "x" * 5000}, {"state": "gone"},
        {"cursor": "nonsense"}, {"rule": RULE, "version": "9"}, {"rule": RULE, "version": "-1"},
        {"rule": RULE, "version": "9" * 30}, {"q": "x" * 201},
    ],
)  # fmt: skip
async def test_an_address_that_leads_nowhere_says_so_and_leads_back(home: Home, asked: dict[str, str]) -> None:
    await fill(home.house, home.acme.id)
    assert isinstance(await rules.look(home.house, home.acme, asked), Astray)
    above, reason, below = await _drawn(home, home.admin, **asked)
    assert 'href="/dashboard/rules?org=acme">All rules</a>' in above
    assert reason["visible"] is False
    assert below == ""


async def test_another_orgs_rule_is_not_found(home: Home) -> None:
    await fill(home.house, home.acme.id)
    other = await home.house.org("other")
    assert await rules.look(home.house, other, {"rule": RULE}) == Astray(f"there is no rule {RULE}")


async def test_a_rule_is_shown_with_its_text_proof_origin_and_past(home: Home) -> None:
    await fill(home.house, home.acme.id)
    above, _, below = await _drawn(home, home.reader, rule=RULE)
    assert "built &lt;SQL&gt;" in above
    assert "2 of 2" in above
    for part in (
        "<b>pattern</b>: execute($A % $B, 2)", "Its proof: 2 cases", "Learned from: &lt;b&gt;",
        '<span class="line less">-run(1 % x)', "3 open, 0 fixed", f"/dashboard/findings?finding={FOUND[0].id}", "What changed from version 1 to 2",
        '<span class="line more">+    pattern: execute($A % $B, 2)', "How it came into its state",
        f"{URL}/api/v1/orgs/acme/rules/{RULE}.yaml", f"/dashboard/download/rules/{RULE}.yaml",
    ):  # fmt: skip
        assert part in below, part


async def test_an_older_version_is_shown_as_such(home: Home) -> None:
    await fill(home.house, home.acme.id)
    above, _, below = await _drawn(home, home.reader, rule=RULE, version="1")
    assert "This is an older version" in above
    assert "execute($A % $B, 1)" in below
    assert "What changed" not in below
    assert "download" not in below


async def test_a_fix_that_is_no_longer_kept_leaves_the_rule_readable(home: Home) -> None:
    orphan = learned().model_copy(update={"origin_fixes": (FixId.of("gone"),)})
    await home.house._tell(home.acme.id, "commit", Batch(rules=(orphan,)))
    assert "The fix is no longer kept" in (await _drawn(home, home.reader, rule=RULE))[2]


async def test_only_ways_that_lead_on_are_offered_and_only_to_who_may_go_them(home: Home) -> None:
    await fill(home.house, home.acme.id)
    _, reason, below = await _drawn(home, home.writer, rule=RULE)
    assert "data-do" not in below
    assert reason["visible"] is False
    _, reason, below = await _drawn(home, home.admin, rule=RULE)
    assert reason["visible"] is True
    assert 'data-do="active"' in below
    assert 'data-do="retired"' in below
    assert 'data-do="monitor"' not in below


async def test_a_change_needs_its_scope(home: Home) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises(NotAllowed, match="'manage'"):
        await _change(home, home.writer, "active")


async def test_a_change_is_made_for_its_reason_and_shown(home: Home) -> None:
    await fill(home.house, home.acme.id)
    assert await _change(home, home.admin, "active") == f"{RULE} is active now."
    seen = await rules.look(home.house, home.acme, {"rule": RULE})
    assert isinstance(seen, OneRule)
    assert seen.rule.state is RuleState.ACTIVE
    assert (seen.history[-1].reason, seen.history[-1].by) == ("seen to be right", f"key {home.admin.key.id}")


@pytest.mark.parametrize("why", ["", "   ", None, "x" * 3000])
async def test_a_change_without_a_reason_that_can_be_kept_is_not_made(home: Home, why: object) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises(Rejected):
        await _change(home, home.admin, "active", why=why)
    assert (await home.house.rule(home.acme.id, RULE)).state is RuleState.MONITOR


async def test_a_change_that_came_too_late_is_told_in_words(home: Home) -> None:
    await fill(home.house, home.acme.id)
    await _change(home, home.admin, "retired")
    with pytest.raises(Conflict, match="is retired: from there it may become monitor"):
        await _change(home, home.admin, "active")


@pytest.mark.parametrize(("to", "of"), [("gone", RULE), ("active", "<b>"), ("active", PATCH.id), ("", RULE)])
async def test_a_change_that_was_made_up_is_refused(home: Home, to: str, of: str) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises((Rejected, NotFound)):
        await _change(home, home.admin, to, of=of)
