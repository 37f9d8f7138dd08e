"""May somebody read or change what is another's?"""

from __future__ import annotations

from base64 import b64encode

import pytest

from rsolv_ray.api.auth import secret_in
from rsolv_ray.model.org import Scope

SECRET = "rsk_" + "a" * 32
RULES = "/api/v1/orgs/acme/rules"


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize("header", [f"Bearer {SECRET}", f"bearer  {SECRET}", basic(f"x:{SECRET}"), basic(f":{SECRET}")])
def test_a_key_is_read_from_bearer_and_basic(header):
    assert secret_in(header) == SECRET


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", SECRET, f"Digest {SECRET}", "Bearer rsk_", "Bearer abc", "Basic ???",
     "Basic é", basic(SECRET), "Bearer rsk_" + "a" * 10_000],
)  # fmt: skip
def test_what_holds_no_key_of_the_right_form_gives_none(header):
    assert secret_in(header) is None


async def test_no_key_is_401_and_says_how_to_send_one(client):
    told = await client.get(RULES)
    assert told.status_code == 401
    assert told.headers["www-authenticate"] == 'Bearer realm="rsolv"'
    assert "Authorization: Bearer" in told.json()["detail"]


async def test_a_wrong_key_is_401(client):
    told = await client.get(RULES, headers={"Authorization": f"Bearer {SECRET}"})
    assert told.status_code == 401


async def test_what_cannot_be_a_key_is_not_looked_up(client, house):
    await client.get(RULES, headers={"Authorization": "Bearer whatever"})
    assert house.asked == []


async def test_the_org_is_known_by_name_and_by_id(client, bearing, acme):
    for reference in (acme.name, acme.id):
        told = await client.get(f"/api/v1/orgs/{reference}", headers=bearing("reader"))
        assert told.json()["id"] == acme.id


async def test_another_orgs_id_and_an_unknown_one_are_told_in_the_same_words(client, bearing, acme):
    theirs = await client.get(f"/api/v1/orgs/{acme.id}/rules", headers=bearing("stranger"))
    unknown = f"{acme.id[:-2]}ZZ"
    nobodys = await client.get(f"/api/v1/orgs/{unknown}/rules", headers=bearing("stranger"))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["detail"].replace(acme.id, "X") == nobodys.json()["detail"].replace(unknown, "X")


async def test_another_org_is_404_even_where_the_scope_is_lacking_too(client, bearing):
    told = await client.delete("/api/v1/orgs/acme", headers=bearing("stranger"))
    assert told.status_code == 404


@pytest.mark.parametrize("reference", ["ACME", "a b", "..", "x" * 200, "%00"])
async def test_what_cannot_be_an_org_is_404_and_not_looked_up(client, bearing, house, reference):
    told = await client.get(f"/api/v1/orgs/{reference}/rules", headers=bearing("reader"))
    assert told.status_code == 404
    assert not [asked for asked in house.asked if asked[0] == "org"]


async def test_an_admin_enters_every_org(client, bearing):
    for org in ("acme", "other"):
        assert (await client.get(f"/api/v1/orgs/{org}/keys", headers=bearing("admin"))).status_code == 200


async def test_a_missing_scope_is_403_and_named(client, bearing, fix_body):
    told = await client.post("/api/v1/orgs/acme/fixes", headers=bearing("reader"), json=fix_body)
    assert told.status_code == 403
    assert told.json()["detail"] == "the key lacks the scope 'write'"


async def test_a_key_of_an_org_lists_its_own_org_alone(client, bearing, acme):
    told = await client.get("/api/v1/orgs?limit=500", headers=bearing("reader"))
    assert told.status_code == 200
    assert [org["id"] for org in told.json()["items"]] == [acme.id]
    assert told.json()["next_cursor"] is None


async def test_a_key_of_no_org_that_is_no_admins_lists_no_orgs(client, bearing, house):
    house.add_key("nobody", None, Scope.READ)
    assert (await client.get("/api/v1/orgs", headers=bearing("nobody"))).status_code == 403


async def test_a_key_of_an_org_makes_no_orgs(client, bearing):
    assert (await client.post("/api/v1/orgs", headers=bearing("steward"), json={"name": "new"})).status_code == 403


async def test_every_route_under_the_api_needs_a_key_and_a_scope(app):
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            scopes = [scope for entry in operation.get("security", []) for scope in entry["key"]]
            assert bool(scopes) == path.startswith("/api/"), (method, path)


async def test_a_key_of_another_org_opens_no_route(app, client, bearing, acme):
    """Every operation, with ids that fit, from a key that holds every scope in another org."""
    ids = {"org": acme.id, "key": f"{acme.id}", "rule": "r"} | {
        name: f"{prefix}_{'0' * 24}"
        for name, prefix in [
            ("cycle", "cyc"),
            ("scan", "scn"),
            ("finding", "fnd"),
            ("proposal", "prp"),
            ("repository", "rep"),
        ]
    }
    bodies = {"POST": {}}
    tried = 0
    for path, operations in app.openapi()["paths"].items():
        if "{org}" not in path:
            continue
        for method in operations:
            told = await client.request(
                method.upper(), path.format(**ids), headers=bearing("stranger"), json=bodies.get(method.upper())
            )
            assert told.status_code == 404, (method, path, told.text)
            tried += 1
    assert tried > 20


async def test_an_org_is_looked_up_once_in_a_few_seconds(client, bearing, house):
    for _ in range(3):
        await client.get(RULES, headers=bearing("reader"))
    assert house.asked.count(("org", "acme")) == 1


async def test_a_deleted_org_is_gone_at_once(client, bearing):
    assert (await client.get(RULES, headers=bearing("admin"))).status_code == 200
    assert (await client.delete("/api/v1/orgs/acme", headers=bearing("admin"))).status_code == 204
    assert (await client.get(RULES, headers=bearing("admin"))).status_code == 404


async def test_writes_beyond_the_budget_are_429_and_reads_are_not(client, bearing, fix_body):
    for _ in range(60):
        told = await client.post("/api/v1/orgs/acme/fixes", headers=bearing("writer"), json=fix_body)
        assert told.status_code in (200, 202)
    assert told.headers["ratelimit"].startswith('"writes";r=0;')
    told = await client.post("/api/v1/orgs/acme/fixes", headers=bearing("writer"), json=fix_body)
    assert told.status_code == 429
    assert int(told.headers["retry-after"]) >= 1
    assert told.headers["ratelimit-policy"] == '"writes";q=60;w=60'
    assert (await client.get(RULES, headers=bearing("writer"))).status_code == 200
    other = await client.post("/api/v1/orgs/acme/fixes", headers=bearing("steward"), json=fix_body)
    assert other.status_code == 200
