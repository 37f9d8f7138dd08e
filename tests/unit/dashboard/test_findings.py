"""Do the findings' pages tell what was found, and take what people say of it?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rsolv_ray.dashboard.asking import Astray
from rsolv_ray.dashboard.clicks import Click
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import findings, findings_views
from rsolv_ray.dashboard.pages.findings_views import Findings, Wanted
from rsolv_ray.model.batch import ScanResult
from rsolv_ray.model.errors import Conflict, NotAllowed, NotFound, Rejected
from rsolv_ray.model.finding import FindingState, ScanReport, TriageLabel
from rsolv_ray.model.ids import FindingId, ProposalId
from rsolv_ray.model.page import Page
from tests.unit.dashboard.conftest import Home
from tests.unit.dashboard.samples import FOUND, PATCH, REPOSITORY, fill, visitor
from tests.unit.store.samples import RULE

URL = "http://rsolv.test"
IDS = tuple(one.id for one in FOUND)


async def _drawn(home: Home, key: Any, **asked: str) -> tuple[str, dict[str, Any], str]:
    seen = await findings.look(home.house, home.acme, asked)
    above, reason, below = findings.draw(View(visitor(key, home.acme), 1, seen), URL)
    return above, reason, below


async def _say(home: Home, key: Any, do: str, one: str = "", *, marked: tuple[str, ...] = (), why: object = "") -> str:
    return await findings.act(home.house, visitor(key, home.acme), Click(do, one, marked), why)


async def test_without_a_repository_the_page_says_how_to_register_one(home: Home) -> None:
    assert "rsolv repos add" in (await _drawn(home, home.reader))[2]


async def test_the_list_shows_hostile_code_as_text(home: Home) -> None:
    await fill(home.house, home.acme.id)
    below = (await _drawn(home, home.reader))[2]
    assert "<img" not in below
    assert "<i>" not in below
    assert "\u202e" not in below
    assert "&lt;img src=x" in below
    assert "src/&lt;i&gt;0.py:7" in below


async def test_a_hostile_path_stays_within_its_attribute(home: Home) -> None:
    await fill(home.house, home.acme.id)
    seen = await findings.look(home.house, home.acme, {})
    assert isinstance(seen, Findings)
    record = seen.page.items[0]
    odd = record.model_copy(update={"finding": record.finding.model_copy(update={"path": 'a"\u202e<b>.py'})})
    told = findings_views.listed(replace(seen, page=Page(items=(odd,))), visitor(home.admin, home.acme), URL)
    assert 'aria-label="Mark a&quot;\u202e&lt;b&gt;.py:7">' in told


async def test_the_list_shows_what_has_to_be_mended_unless_asked_otherwise(home: Home) -> None:
    await fill(home.house, home.acme.id)
    await _say(home, home.admin, "triage:false_positive", IDS[0])
    await _say(home, home.admin, "triage:true_positive", IDS[2])
    above, _, mend = await _drawn(home, home.reader)
    assert '<option value="unresolved" selected>To be mended</option>' in above
    assert [name in mend for name in IDS] == [False, True, True]
    unjudged = (await _drawn(home, home.reader, state="open"))[2]
    assert [name in unjudged for name in IDS] == [False, True, False]
    triaged = (await _drawn(home, home.reader, state="triaged"))[2]
    assert IDS[0] in triaged
    assert IDS[1] not in triaged
    every = (await _drawn(home, home.reader, state="all"))[2]
    assert all(name in every for name in IDS)


async def test_the_list_is_narrowed_by_rule_repository_and_severity(home: Home) -> None:
    await fill(home.house, home.acme.id)
    for asked in ({"rule": RULE}, {"repository": "shop"}, {"severity": "high"}, {"order": "by_rule"}):
        assert IDS[0] in (await _drawn(home, home.reader, **asked))[2]
    for asked in ({"rule": "another-rule"}, {"severity": "low"}):
        assert "No finding is like that" in (await _drawn(home, home.reader, **asked))[2]


async def test_filters_keep_what_they_were_set_to(home: Home) -> None:
    await fill(home.house, home.acme.id)
    above = (await _drawn(home, home.admin, state="all", repository="shop", rule=RULE))[0]
    assert '<option value="all" selected>' in above
    assert '<option value="shop" selected>' in above
    assert f'value="{RULE}"' in above
    assert '<input type="hidden" name="org" value="acme">' in above


async def test_grouped_rows_stand_under_their_rule(home: Home) -> None:
    await fill(home.house, home.acme.id)
    below = (await _drawn(home, home.reader, order="by_rule"))[2]
    assert f">{RULE}</a> 3 on this page</th>" in below


@pytest.mark.parametrize(
    "asked",
    [
        {"finding": "nonsense"}, {"finding": FindingId.of("none")}, {"finding": RULE}, {"state": "gone"},
        {"severity": "dire"}, {"repository": "elsewhere"}, {"rule": "<b>"}, {"cursor": "x"}, {"order": "random"},
    ],
)  # fmt: skip
async def test_an_address_that_leads_nowhere_says_so_and_leads_back(home: Home, asked: dict[str, str]) -> None:
    await fill(home.house, home.acme.id)
    above, _, below = await _drawn(home, home.reader, **asked)
    assert 'href="/dashboard/findings">All that have to be mended</a>' in above
    assert below == ""


async def test_another_orgs_finding_is_not_found(home: Home) -> None:
    await fill(home.house, home.acme.id)
    other = await home.house.org("other")
    assert await findings.look(home.house, other, {"finding": IDS[0]}) == Astray(f"there is no finding {IDS[0]}")
    stranger = visitor(home.admin, other)
    for do, name in (("triage:ignored", IDS[0]), ("patch:rejected", PATCH.id)):
        with pytest.raises(NotFound):
            await findings.act(home.house, stranger, Click(do, name), "why")
    assert (await home.house.finding(home.acme.id, IDS[0])).state is FindingState.OPEN


async def test_a_finding_is_shown_with_its_code_variables_patch_and_past(home: Home) -> None:
    await fill(home.house, home.acme.id)
    above, _, below = await _drawn(home, home.reader, finding=IDS[0])
    assert '<span class="line flagged" data-n="7"><mark>run</mark>' in above
    assert "built &lt;SQL&gt;" in above
    assert "&lt;u&gt;" in above
    assert '<span class="line more">+&lt;new&gt;' in below
    assert f"rsolv proposals apply {PATCH.id} --org acme" in below
    assert f"/dashboard/download/proposals/{PATCH.id}.diff" in below
    assert "History" in below


async def test_a_finding_without_a_patch_says_why(home: Home) -> None:
    await fill(home.house, home.acme.id)
    assert "knows no mending" in (await _drawn(home, home.reader, finding=IDS[1]))[2]


async def test_who_may_only_read_is_offered_nothing_to_say(home: Home) -> None:
    await fill(home.house, home.acme.id)
    for asked in ({}, {"finding": IDS[0]}):
        _, reason, below = await _drawn(home, home.reader, **asked)
        assert reason["visible"] is False
        assert "data-do" not in below
        assert "data-id" not in below


async def test_who_may_write_may_speak_of_patches_alone(home: Home) -> None:
    await fill(home.house, home.acme.id)
    below = (await _drawn(home, home.writer, finding=IDS[0]))[2]
    assert 'data-do="patch:applied"' in below
    assert "triage:" not in below


@pytest.mark.parametrize("kind", ["reader", "writer"])
async def test_triage_needs_its_scope(home: Home, kind: str) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises(NotAllowed, match="'manage'"):
        await _say(home, getattr(home, kind), "triage:ignored", IDS[0])


async def test_one_finding_is_judged_at_once_without_a_reason(home: Home) -> None:
    await fill(home.house, home.acme.id)
    assert await _say(home, home.admin, "triage:false_positive", IDS[0]) == "1 finding marked as false positive."
    record = await home.house.finding(home.acme.id, IDS[0])
    assert record.triage is not None
    assert (record.triage.label, record.triage.reason) == (TriageLabel.FALSE_POSITIVE, None)
    below = (await _drawn(home, home.admin, state="all"))[2]
    assert '<span class="badge false-positive">false positive</span>' in below
    assert f'data-do="triage:false_positive" data-id="{IDS[0]}"' not in below


async def test_the_marked_ones_are_judged_together_and_counted(home: Home) -> None:
    await fill(home.house, home.acme.id)
    marked = (*IDS[:2], FindingId.of("gone"))
    told = await _say(home, home.admin, "triage:ignored", marked=marked, why="tests alone")
    assert told == "2 findings marked as ignored. 1 were not found."
    records = [await home.house.finding(home.acme.id, name) for name in IDS]
    assert [one.triage.reason if one.triage else None for one in records] == ["tests alone", "tests alone", None]


async def test_many_are_not_judged_without_a_reason(home: Home) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises(Rejected, match="2 findings are marked: type a reason"):
        await _say(home, home.admin, "triage:ignored", marked=IDS[:2])
    assert (await home.house.finding(home.acme.id, IDS[0])).state is FindingState.OPEN


async def test_where_nothing_is_marked_the_page_says_what_to_do(home: Home) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises(Rejected, match="Nothing is marked"):
        await _say(home, home.admin, "triage:ignored", why="x")


@pytest.mark.parametrize("why", ["x" * 3000])
async def test_a_reason_that_cannot_be_kept_is_refused_before_anything_is_said(home: Home, why: str) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises(Rejected, match="3,000"):
        await _say(home, home.admin, "triage:ignored", marked=IDS, why=why)
    assert (await home.house.finding(home.acme.id, IDS[0])).state is FindingState.OPEN


@pytest.mark.parametrize(
    ("do", "name"),
    [
        ("triage:gone", IDS[0]), ("triage:", IDS[0]), ("triage:ignored", "<b>"), ("patch:gone", PATCH.id),
        ("patch:applied", IDS[0]), ("delete", IDS[0]), ("", ""),
    ],
)  # fmt: skip
async def test_a_click_that_was_made_up_is_refused(home: Home, do: str, name: str) -> None:
    await fill(home.house, home.acme.id)
    with pytest.raises(Rejected):
        await _say(home, home.admin, do, name, why="x")


async def test_what_became_of_a_patch_is_kept_and_offers_what_may_follow(home: Home) -> None:
    await fill(home.house, home.acme.id)
    assert await _say(home, home.writer, "patch:applied", PATCH.id) == "The patch is applied now."
    below = (await _drawn(home, home.writer, finding=IDS[0]))[2]
    assert '<span class="badge applied">' in below
    offered = [state for state in ("applied", "merged", "rejected", "reverted") if f'data-do="patch:{state}"' in below]
    assert offered == ["merged", "rejected", "reverted"]


async def test_a_word_on_a_patch_that_came_too_late_is_told(home: Home) -> None:
    await fill(home.house, home.acme.id)
    await _say(home, home.writer, "patch:rejected", PATCH.id)
    with pytest.raises(Conflict, match="is rejected: it cannot become applied"):
        await _say(home, home.writer, "patch:applied", PATCH.id)
    with pytest.raises(NotFound):
        await _say(home, home.writer, "patch:applied", ProposalId.of("none"))


async def test_a_mark_is_bound_to_what_was_seen(home: Home) -> None:
    await fill(home.house, home.acme.id)
    below = (await _drawn(home, home.admin, state="all"))[2]
    assert f'data-id="{IDS[0]}" data-seen="open"' in below
    await _say(home, home.admin, "triage:ignored", IDS[0])
    below = (await _drawn(home, home.admin, state="all"))[2]
    assert f'data-id="{IDS[0]}" data-seen="triaged ignored"' in below


async def test_a_fixed_finding_that_was_judged_is_shown_as_fixed(home: Home) -> None:
    await fill(home.house, home.acme.id)
    await _say(home, home.admin, "triage:true_positive", IDS[1])
    scan = (await home.house.finding(home.acme.id, IDS[1])).scan
    again = ScanResult(
        scan=scan.of(2), findings=(FOUND[0], FOUND[2]), covered=((RULE, FOUND[0].repository),), report=ScanReport()
    )
    started = (await home.house.scan(home.acme.id, scan)).scan.model_copy(update={"id": scan.of(2)})
    await home.house._tell(home.acme.id, "start_scan", started)
    await home.house._tell(home.acme.id, "complete_scan", again)
    below = (await _drawn(home, home.reader, state="fixed"))[2]
    assert '<span class="badge fixed">fixed</span>' in below
    assert "It is fixed already" in (await _drawn(home, home.reader, finding=IDS[1]))[2]


async def test_when_all_is_judged_the_list_says_so(home: Home) -> None:
    await fill(home.house, home.acme.id)
    await _say(home, home.admin, "triage:ignored", marked=IDS, why="x")
    assert "Nothing has to be mended" in (await _drawn(home, home.reader))[2]


def test_a_list_of_an_org_without_rules_leads_to_the_learn_page(home: Home) -> None:
    seen = Findings(home.acme, Wanted(), Page(items=()), (REPOSITORY,), ())
    assert 'href="/dashboard/learn"' in findings_views.listed(seen, visitor(home.reader, home.acme), URL)
