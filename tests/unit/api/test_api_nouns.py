"""Does every other noun come and go over HTTP as it should?"""

from __future__ import annotations

import re

import pytest

from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.report import Readiness

ACME = "/api/v1/orgs/acme"


async def test_an_org_is_made_told_and_deleted_by_an_admin(client, bearing):
    made = await client.post("/api/v1/orgs", headers=bearing("admin"), json={"name": "new", "title": "New Ltd"})
    assert made.status_code == 201
    assert made.headers["location"] == "/api/v1/orgs/new"
    assert (await client.get("/api/v1/orgs/new", headers=bearing("admin"))).json() == made.json()
    assert (await client.delete("/api/v1/orgs/new", headers=bearing("admin"))).status_code == 204
    assert (await client.get("/api/v1/orgs/new", headers=bearing("admin"))).status_code == 404


async def test_an_org_of_a_taken_name_is_409(client, bearing):
    told = await client.post("/api/v1/orgs", headers=bearing("admin"), json={"name": "acme"})
    assert told.status_code == 409


@pytest.mark.parametrize("name", ["", "Acme", "../etc", "a" * 64, "-a"])
async def test_an_org_of_an_impossible_name_is_422(client, bearing, name):
    told = await client.post("/api/v1/orgs", headers=bearing("admin"), json={"name": name})
    assert told.status_code == 422
    assert told.json()["errors"][0]["pointer"] == "/name"


async def test_a_list_is_told_in_pages(client, bearing):
    first = await client.get("/api/v1/orgs?limit=1", headers=bearing("admin"))
    then = await client.get(f"/api/v1/orgs?limit=1&cursor={first.json()['next_cursor']}", headers=bearing("admin"))
    assert [org["name"] for page in (first, then) for org in page.json()["items"]] == ["acme", "other"]
    assert then.json()["next_cursor"] is None


@pytest.mark.parametrize("limit", ["0", "501", "x", "-1"])
async def test_a_limit_out_of_range_is_422(client, bearing, limit):
    assert (await client.get(f"/api/v1/orgs?limit={limit}", headers=bearing("admin"))).status_code == 422


async def test_the_secret_of_a_key_is_told_once(client, bearing):
    body = {"name": "ci", "scopes": ["write"], "expires_at": "2090-01-01T00:00:00Z"}
    made = await client.post(f"{ACME}/keys", headers=bearing("steward"), json=body)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("rsk_")
    listed = await client.get(f"{ACME}/keys", headers=bearing("steward"))
    assert listed.json()["items"] == [made.json()["key"]]
    assert made.json()["secret"] not in listed.text


async def test_a_key_is_revoked(client, bearing):
    made = await client.post(f"{ACME}/keys", headers=bearing("steward"), json={"name": "ci"})
    key = made.json()["key"]["id"]
    assert (await client.delete(f"{ACME}/keys/{key}", headers=bearing("steward"))).status_code == 204
    assert (await client.delete(f"{ACME}/keys/{key}", headers=bearing("steward"))).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{"name": "k", "scopes": ["admin"]}, {"name": "k", "scopes": []}, {"name": "", "scopes": ["read"]}, {"name": "k", "scopes": ["root"]},
     {"name": "k", "expires_at": "2020-01-01T00:00:00Z"}, {"name": "k", "expires_at": "2090-01-01T00:00:00"}],
)  # fmt: skip
async def test_a_key_that_may_not_be_is_422(client, bearing, house, body):
    assert (await client.post(f"{ACME}/keys", headers=bearing("steward"), json=body)).status_code == 422
    assert house.issued == []


async def test_a_repository_is_added_told_and_removed(client, bearing):
    made = await client.post(f"{ACME}/repositories", headers=bearing("steward"), json={"location": "/srv/shop"})
    assert made.status_code == 201
    for reference in (made.json()["id"], "shop"):
        assert (await client.get(f"{ACME}/repositories/{reference}", headers=bearing("reader"))).json() == made.json()
    listed = await client.get(f"{ACME}/repositories", headers=bearing("reader"))
    assert listed.json()["items"] == [made.json()]
    assert (await client.delete(f"{ACME}/repositories/shop", headers=bearing("steward"))).status_code == 204
    assert (await client.get(f"{ACME}/repositories/shop", headers=bearing("reader"))).status_code == 404


async def test_a_location_that_is_not_allowed_is_422_in_the_words_of_the_check(client, house, bearing):
    house.breaks = Rejected("'/etc' is under no allowed root: allowed_roots names them")
    told = await client.post(f"{ACME}/repositories", headers=bearing("steward"), json={"location": "/etc"})
    assert told.status_code == 422
    assert "allowed root" in told.json()["detail"]


async def test_a_scan_is_started_and_told(client, house, bearing, rule):
    made = await client.post(
        f"{ACME}/scans", headers=bearing("writer"), json={"rules": [rule.id], "repositories": ["shop"]}
    )
    assert made.status_code == 202
    assert house.asked[-1] == ("start_scan", (("shop",), (rule.id,)))
    assert (await client.get(made.headers["location"], headers=bearing("reader"))).json() == made.json()
    assert (await client.get(f"{ACME}/scans", headers=bearing("reader"))).json()["items"] == [made.json()]


async def test_a_scan_of_everything_names_nothing(client, house, bearing):
    assert (await client.post(f"{ACME}/scans", headers=bearing("writer"), json={})).status_code == 202
    assert house.asked[-1] == ("start_scan", (None, None))
    assert (await client.post(f"{ACME}/scans", headers=bearing("writer"), json={"rules": []})).status_code == 422


async def test_findings_are_listed_by_what_is_asked(client, house, bearing, finding):
    await client.post(f"{ACME}/repositories", headers=bearing("steward"), json={"location": "/srv/shop"})
    query = f"state=open&state=reopened&label=ignored&label=true_positive&unresolved=true&rule={finding.finding.rule}&repository=shop&severity=high&limit=7&cursor=c"
    told = await client.get(f"{ACME}/findings?{query}", headers=bearing("reader"))
    assert [record["finding"]["id"] for record in told.json()["items"]] == [finding.finding.id]
    states, labels, unresolved, *rest = dict(house.asked)["findings"]
    assert (states, labels, unresolved) == ({"open", "reopened"}, {"true_positive", "ignored"}, True)
    assert rest == [finding.finding.rule, finding.finding.repository, "high", 7, "c"]


async def test_findings_of_an_unknown_repository_are_404(client, bearing):
    assert (await client.get(f"{ACME}/findings?repository=nowhere", headers=bearing("reader"))).status_code == 404


async def test_a_finding_is_told_with_its_proposals(client, bearing, finding):
    told = (await client.get(f"{ACME}/findings/{finding.finding.id}", headers=bearing("reader"))).json()
    assert told["finding"]["path"] == "a.py"
    (offered,) = told["proposals"]
    assert (await client.get(f"{ACME}/proposals/{offered}", headers=bearing("reader"))).status_code == 200


async def test_a_finding_is_triaged_by_the_bearer_of_the_key(client, house, bearing, finding):
    body = {"label": "false_positive", "reason": "constant"}
    told = await client.post(f"{ACME}/findings/{finding.finding.id}/triage", headers=bearing("steward"), json=body)
    assert told.json()["state"] == "triaged"
    steward = next(one for name, one in house.secrets.items() if "steward" in name)
    assert told.json()["triage"] == {**body, "by": f"key {steward.key}"}


@pytest.mark.parametrize("body", [{}, {"label": "nice"}, {"label": "ignored", "by": "the boss"}])
async def test_a_triage_that_says_nothing_or_lies_is_422(client, bearing, finding, body):
    told = await client.post(f"{ACME}/findings/{finding.finding.id}/triage", headers=bearing("steward"), json=body)
    assert told.status_code == 422


async def test_a_proposal_is_told_as_json_with_its_reasons_or_as_its_diff(client, bearing, finding):
    page = await client.get(f"{ACME}/proposals?finding={finding.finding.id}", headers=bearing("reader"))
    (record,) = page.json()["items"]
    address = f"{ACME}/proposals/{record['proposal']['id']}"
    told = (await client.get(address, headers=bearing("reader"))).json()
    assert told.pop("explanation")["message"] == finding.finding.message
    assert told == record
    diff = await client.get(address, headers={**bearing("reader"), "Accept": "text/x-diff"})
    assert diff.headers["content-type"].startswith("text/x-diff")
    assert diff.text == record["proposal"]["diff"]


async def test_a_proposal_is_told_as_a_mail_for_git_am_by_its_address_or_its_media_type(client, bearing, finding):
    (record,) = (await client.get(f"{ACME}/proposals", headers=bearing("reader"))).json()["items"]
    address = f"{ACME}/proposals/{record['proposal']['id']}"
    named = await client.get(f"{address}.patch", headers=bearing("reader"))
    asked = await client.get(address, headers={**bearing("reader"), "Accept": "text/x-patch"})
    assert named.text == asked.text
    assert named.headers["content-type"] == asked.headers["content-type"] == "text/x-patch; charset=utf-8"
    assert named.text.startswith("From 0000000000000000000000000000000000000000 ")
    assert named.text.endswith(f"---\n\n{record['proposal']['diff']}")


@pytest.mark.parametrize("address", ["prp_nope.patch", "prp_" + "0" * 24 + ".patch"])
async def test_a_mail_of_no_proposal_is_404(client, bearing, address):
    assert (await client.get(f"{ACME}/proposals/{address}", headers=bearing("reader"))).status_code == 404


async def test_the_branch_that_a_proposal_was_applied_on_is_said(client, house, bearing, finding):
    (record,) = (await client.get(f"{ACME}/proposals", headers=bearing("reader"))).json()["items"]
    address = f"{ACME}/proposals/{record['proposal']['id']}/state"
    body = {"state": "applied", "branch": "rsolv/python-cwe-89-abc/0123"}
    assert (await client.post(address, headers=bearing("writer"), json=body)).status_code == 200
    assert house.asked[-1] == ("set_proposal_state", (record["proposal"]["id"], "applied", None, body["branch"]))


async def test_what_became_of_a_proposal_is_said_with_the_reason(client, house, bearing, finding):
    (record,) = (await client.get(f"{ACME}/proposals", headers=bearing("reader"))).json()["items"]
    address = f"{ACME}/proposals/{record['proposal']['id']}"
    body = {"state": "rejected", "reason": "the value is checked above"}
    told = await client.post(f"{address}/state", headers=bearing("writer"), json=body)
    assert told.status_code == 200
    assert house.asked[-1] == ("set_proposal_state", (record["proposal"]["id"], "rejected", body["reason"], None))
    (now,) = (await client.get(f"{ACME}/proposals", headers=bearing("reader"))).json()["items"]
    assert now == told.json() == record | {"state": "rejected"}


async def test_a_key_that_may_only_read_says_nothing_of_a_proposal(client, bearing, finding):
    (record,) = (await client.get(f"{ACME}/proposals", headers=bearing("reader"))).json()["items"]
    address = f"{ACME}/proposals/{record['proposal']['id']}/state"
    assert (await client.post(address, headers=bearing("reader"), json={"state": "applied"})).status_code == 403


@pytest.mark.parametrize(
    "body",
    [{}, {"state": "lost"}, {"state": "applied", "reason": ""}, {"state": "applied", "branch": ""},
     {"state": "applied", "branch": "a\nb"}, {"state": "applied", "branch": "x" * 201}, {"state": "rejected", "branch": "a"}],
)  # fmt: skip
async def test_a_state_of_a_proposal_that_cannot_be_is_422(client, bearing, finding, body):
    (record,) = (await client.get(f"{ACME}/proposals", headers=bearing("reader"))).json()["items"]
    address = f"{ACME}/proposals/{record['proposal']['id']}/state"
    assert (await client.post(address, headers=bearing("writer"), json=body)).status_code == 422


async def test_metrics_of_an_org_are_told(client, bearing):
    assert (await client.get(f"{ACME}/metrics", headers=bearing("reader"))).json()["now"] == {"rules_generated": 3.0}


async def test_audit_is_told_in_pages_to_admins_alone(client, bearing):
    first = (await client.get("/api/v1/audit?limit=2", headers=bearing("admin"))).json()
    then = (await client.get(f"/api/v1/audit?limit=2&cursor={first['next_cursor']}", headers=bearing("admin"))).json()
    assert [entry["sequence"] for entry in first["items"] + then["items"]] == [1, 2, 3]
    assert then["next_cursor"] is None
    assert (await client.get("/api/v1/audit", headers=bearing("steward"))).status_code == 403


async def test_the_tree_is_told_to_admins_alone(client, bearing):
    assert (await client.get("/api/v1/tree", headers=bearing("admin"))).json()["items"][0]["id"] == "root"
    assert (await client.get("/api/v1/tree", headers=bearing("steward"))).status_code == 403


async def test_being_alive_asks_nothing_of_the_house(client, house):
    assert (await client.get("/livez")).status_code == 200
    assert house.asked == []


async def test_not_being_ready_is_503_with_what_is_missing(client, house):
    assert (await client.get("/readyz")).status_code == 200
    house.readiness = Readiness(ready=False, detail={"control": "ready", "bank/0": "starting"})
    told = await client.get("/readyz")
    assert told.status_code == 503
    assert told.json()["detail"]["bank/0"] == "starting"


async def test_requests_are_counted_by_route_and_not_by_address(client, bearing, rule):
    await client.get(f"{ACME}/rules/{rule.id}", headers=bearing("reader"))
    await client.get("/api/v1/orgs/acme/nowhere-at-all")
    told = (await client.get("/metrics")).text
    assert 'route="/api/v1/orgs/{org}/rules/{rule}",status="200"' in told
    assert 'route="unmatched",status="404"' in told
    assert rule.id not in told
    assert "nowhere-at-all" not in told


async def test_a_method_that_a_client_made_up_is_counted_as_other(client):
    await client.request("BREW1", "/livez")
    told = (await client.get("/metrics")).text
    assert re.search(r'method="other",[^}]*route="/livez",status="405"', told)
    assert "BREW1" not in told


async def test_the_counts_of_other_processes_are_told_under_their_names(client):
    assert 'rsolv_scan_files_total{process="bank/0"} 7.0' in (await client.get("/metrics")).text


async def test_answers_of_the_api_are_not_kept_by_caches(client, bearing):
    told = await client.get(ACME, headers=bearing("reader"))
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["x-content-type-options"] == "nosniff"
