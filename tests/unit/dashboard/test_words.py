from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.desk import MOST_ORGS, Visitor
from rsolv_ray.model.ids import KeyId, OrgId
from rsolv_ray.model.org import Org, Principal, Scope
from tests.unit.store.samples import rule

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORG = Org(id=OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D"), name="acme", title="Acme <b>", created_at=NOW)
OTHER = ORG.model_copy(update={"name": "other", "title": ""})
ADMIN = Principal(key=KeyId("01JD3Z6Q4T8V5W2X9Y7A1B0C3E"), org=None, scopes=frozenset({Scope.ADMIN}))


def test_who_has_one_org_is_given_no_choice() -> None:
    told = words.head(Visitor(ADMIN, ORG, (ORG,)), "", [])
    assert "<select" not in told
    assert "<h1>Acme &lt;b&gt;</h1>" in told


def test_who_has_several_orgs_chooses_among_their_titles() -> None:
    told = words.head(Visitor(ADMIN, ORG, (ORG, OTHER)), "", [words.link("API", "/docs")])
    assert '<option value="acme" selected>Acme &lt;b&gt;</option><option value="other">other</option>' in told


def test_an_org_that_is_shown_but_not_listed_is_the_one_chosen() -> None:
    third = ORG.model_copy(update={"name": "third", "title": ""})
    assert '<option value="third" selected>' in words.head(Visitor(ADMIN, third, (ORG, OTHER)), "", [])


def test_of_more_orgs_than_are_listed_any_may_be_typed() -> None:
    many = (ORG, *(ORG.model_copy(update={"name": f"o{number}"}) for number in range(MOST_ORGS - 1)))
    told = words.head(Visitor(ADMIN, ORG, many), "", [])
    assert '<input name="org" list="orgs" value="acme"' in told


@pytest.mark.parametrize("orgs", [(ORG,), (ORG, OTHER)])
def test_who_asked_for_an_org_that_is_not_there_chooses_among_those_that_are(orgs: tuple[Org, ...]) -> None:
    told = words.head(Visitor(ADMIN, None, orgs, "typo"), "", [])
    assert '<option value="" selected disabled hidden>Choose</option><option value="acme">' in told
    assert "Log out" in told


def test_ray_s_dashboard_is_a_link_where_it_can_be_reached_and_words_elsewhere() -> None:
    assert words.way_to_ray(8265, here=True) == '<a href="http://127.0.0.1:8265">Ray dashboard</a>'
    elsewhere = words.way_to_ray(8265, here=False)
    assert "href" not in elsewhere
    assert "ssh -L 8265:127.0.0.1:8265" in elsewhere


def test_the_title_of_a_page_names_the_page_and_the_org() -> None:
    assert 'data-title="Rules - acme - rsolv"' in words.head(Visitor(ADMIN, ORG, (ORG,)), "rules", [])


def test_an_admins_choice_of_org_stays_with_the_ways_to_the_other_pages() -> None:
    assert 'href="/dashboard/rules?org=acme"' in words.head(Visitor(ADMIN, ORG, (ORG,)), "", [])


def test_the_head_that_is_there_first_has_the_same_pages() -> None:
    for path in words.NAVIGATION:
        assert f'href="/dashboard/{path}"' in words.loading("rules")


def test_cells_are_escaped_unless_they_are_markup() -> None:
    told = words.table("<t>", ("<h>",), (("<cell>", words.Html("<i>markup</i>")),))
    assert "&lt;t&gt;" in told
    assert "<td>&lt;cell&gt;</td><td><i>markup</i></td>" in told


def test_a_table_without_rows_says_so() -> None:
    assert "<p>Nothing &amp; nobody</p>" in words.table("t", ("h",), (), empty="Nothing & nobody")


def test_a_moment_is_told_in_utc_until_a_script_tells_it_better() -> None:
    assert words.moment(NOW) == '<time datetime="2026-01-02T03:04:05+00:00">02 Jan 03:04:05 UTC</time>'


@pytest.mark.parametrize(("ms", "said"), [(0, "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (61_000, "1 min 1 s")])
def test_a_duration_is_told_in_its_unit(ms: int, said: str) -> None:
    assert words.duration(ms) == said


@pytest.mark.parametrize(("number", "said"), [(1, "1 patch"), (0, "0 patches"), (1200, "1,200 patches")])
def test_a_count_has_its_noun(number: int, said: str) -> None:
    assert words.counted(number, "patch", "patches") == said


def test_new_rules_are_told_with_the_ways_to_them_and_of_many_the_first() -> None:
    rules = [rule().summary().model_copy(update={"message": f"<m{number}>\nmore"}) for number in range(5)]
    told = words.learned(rules, Visitor(ADMIN, ORG, (ORG,)))
    assert "<b>5 new security patterns learned</b>" in told
    assert told.count('href="/dashboard/rules?org=acme&amp;rule=') == words.MOST_TOLD
    assert "&lt;m0&gt;<br>" in told
    assert told.endswith("and 2 more")
