"""Does the service tell findings and scans in SARIF to those who ask for it, and to them alone?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from rsolv_ray.actors import sarif_reports
from rsolv_ray.engine.sarif.log import MEDIA_TYPE
from rsolv_ray.model.finding import (
    Repository,
    RepositoryKind,
    Scan,
    ScanRecord,
    ScanReport,
    ScanStatus,
    ScanTrigger,
)
from rsolv_ray.model.page import Page
from tests.unit.api.memory_house import NOW

ACME = "/api/v1/orgs/acme"


@pytest.fixture
def asking(bearing):
    """The headers of a reader who wants SARIF."""
    return {**bearing("reader"), "Accept": MEDIA_TYPE}


@pytest.fixture
def shop(house, acme) -> Repository:
    made = Repository(
        id=Repository.id_of("/srv/shop", None),
        name="shop",
        kind=RepositoryKind.PATH,
        location="/srv/shop",
        added_at=NOW,
    )
    house.all_repositories[acme.id].append(made)
    return made


def add_scan(house, acme, finding, status=ScanStatus.DONE, **report) -> str:
    scan = Scan(
        id=finding.scan,
        trigger=ScanTrigger.MANUAL,
        rules=(finding.finding.rule,),
        repositories=(finding.finding.repository,),
        started_at=NOW,
    )
    told = None if status is ScanStatus.RUNNING else ScanReport(**report)
    house.all_scans[acme.id, scan.id] = ScanRecord(
        scan=scan, status=status, report=told, finished_at=NOW + timedelta(seconds=1)
    )
    return f"{ACME}/scans/{scan.id}"


async def test_findings_are_told_in_sarif_with_rule_and_fix(client, asking, finding, shop):
    answer = await client.get(f"{ACME}/findings", headers=asking)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    (run,) = answer.json()["runs"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][0]["id"] == result["ruleId"] == finding.finding.rule
    assert result["fingerprints"] == {"rsolvFinding/v1": finding.finding.id}
    assert result["fixes"]
    assert run["automationDetails"] == {"id": "rsolv/acme/"}


async def test_who_does_not_ask_for_sarif_gets_the_page_as_ever(client, bearing, finding):
    answer = await client.get(f"{ACME}/findings", headers=bearing("reader"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["items"]


async def test_the_filters_hold_for_sarif_too(client, asking, house, finding, shop):
    answer = await client.get(
        f"{ACME}/findings?state=fixed&unresolved=true&severity=high&repository=shop", headers=asking
    )
    assert answer.json()["runs"][0]["results"] == []
    assert answer.json()["runs"][0]["automationDetails"] == {"id": "rsolv/acme/shop/"}
    states, _, unresolved, _, repository, severity, *_ = dict(house.asked)["findings"]
    assert (states, unresolved, repository, severity) == ({"fixed"}, True, shop.id, "high")


async def test_all_pages_are_told(client, asking, house, finding, monkeypatch):
    async def in_pages(org, *, cursor, **_):
        number = int(cursor or 0)
        path = f"{number}.py"
        found = finding.finding.model_copy(update={"path": path})
        return Page(
            items=(finding.model_copy(update={"finding": found}),), next_cursor=str(number + 1) if number < 2 else None
        )

    monkeypatch.setattr(house, "findings", in_pages)
    answer = await client.get(f"{ACME}/findings", headers=asking)
    places = [one["locations"][0]["physicalLocation"] for one in answer.json()["runs"][0]["results"]]
    assert [place["artifactLocation"]["uri"] for place in places] == ["0.py", "1.py", "2.py"]


@pytest.mark.parametrize(("bound", "value"), [("MOST_RESULTS", 2), ("MOST_CHARACTERS", 40)])
async def test_what_goes_over_a_bound_is_cut_and_said(client, asking, house, finding, monkeypatch, bound, value):
    async def endless(org, **_):
        return Page(items=(finding,), next_cursor="on")

    monkeypatch.setattr(house, "findings", endless)
    monkeypatch.setattr(sarif_reports, bound, value)
    (run,) = (await client.get(f"{ACME}/findings", headers=asking)).json()["runs"]
    assert len(run["results"]) == 2
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["descriptor"]["id"] == "results-cut"
    assert "first 2 findings" in notice["message"]["text"]


async def test_a_list_that_just_fits_is_not_said_to_be_cut(client, asking, finding, monkeypatch):
    monkeypatch.setattr(sarif_reports, "MOST_RESULTS", 1)
    (run,) = (await client.get(f"{ACME}/findings", headers=asking)).json()["runs"]
    assert "toolExecutionNotifications" not in run["invocations"][0]


@pytest.mark.parametrize("query", ["limit=5", "cursor=c"])
async def test_a_page_of_a_sarif_log_is_422(client, asking, query):
    answer = await client.get(f"{ACME}/findings?{query}", headers=asking)
    assert answer.status_code == 422
    assert "leave out" in answer.json()["detail"]


async def test_a_scan_is_told_in_sarif_with_its_errors(client, asking, house, acme, finding, shop):
    address = add_scan(house, acme, finding, errors=("shop: a.py: Timeout",))
    (run,) = (await client.get(address, headers=asking)).json()["runs"]
    assert [one["baselineState"] for one in run["results"]] == ["new"]
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == "shop: a.py: Timeout"
    assert run["originalUriBaseIds"].keys() == {"%SRCROOT%"}


async def test_a_scan_that_goes_on_has_no_log_yet(client, asking, house, acme, finding):
    answer = await client.get(add_scan(house, acme, finding, ScanStatus.RUNNING), headers=asking)
    assert answer.status_code == 409
    assert "goes on" in answer.json()["detail"]


async def test_a_scan_with_more_findings_than_a_log_holds_says_so(client, asking, house, acme, finding, monkeypatch):
    monkeypatch.setattr(sarif_reports, "MOST_RESULTS", 0)
    (run,) = (await client.get(add_scan(house, acme, finding), headers=asking)).json()["runs"]
    assert run["results"] == []
    assert run["invocations"][0]["toolExecutionNotifications"][0]["descriptor"]["id"] == "results-cut"


@pytest.mark.parametrize("accept", ["application/xml", "application/sarif+json;q=0, application/json;q=0"])
async def test_a_form_that_is_not_served_is_406(client, bearing, accept):
    answer = await client.get(f"{ACME}/findings", headers={**bearing("reader"), "Accept": accept})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert MEDIA_TYPE in answer.json()["detail"]


async def test_another_orgs_findings_are_not_there_in_sarif_either(client, bearing):
    answer = await client.get(f"{ACME}/findings", headers={**bearing("stranger"), "Accept": MEDIA_TYPE})
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/orgs/{org}/findings", "/api/v1/orgs/{org}/scans/{scan}"])
def test_the_openapi_document_tells_of_the_form(app, path):
    assert set(app.openapi()["paths"][path]["get"]["responses"]["200"]["content"]) == {"application/json", MEDIA_TYPE}
