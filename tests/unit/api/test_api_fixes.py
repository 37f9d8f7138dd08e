"""Is a fix received once, however often it is sent?"""

from __future__ import annotations

from rsolv_ray.model.cycle import Cycle

FIXES = "/api/v1/orgs/acme/fixes"


async def test_a_fix_is_accepted_with_its_cycle(client, bearing, fix_body):
    told = await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    assert told.status_code == 202
    cycle = Cycle.model_validate(told.json())
    assert told.headers["location"] == f"/api/v1/orgs/acme/cycles/{cycle.id}"
    found = await client.get(told.headers["location"], headers=bearing("reader"))
    assert found.json() == told.json()


async def test_a_fix_sent_twice_is_one_fix_and_its_first_cycle(client, house, acme, bearing, fix_body):
    first = await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    again = await client.post(FIXES, headers=bearing("writer"), json={**fix_body, "title": "another title"})
    assert again.status_code == 200
    assert again.json() == first.json()
    assert len(house.log[acme.id]) == 1


async def test_wait_is_handed_on_and_its_absence_does_not_wait(client, house, bearing, fix_body):
    await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    assert "wait_for_cycle" not in dict(house.asked)
    await client.post(FIXES + "?wait=2.5", headers=bearing("writer"), json=fix_body)
    assert dict(house.asked)["wait_for_cycle"] == 2.5


async def test_a_wait_out_of_range_is_refused_before_anything_is_stored(client, house, acme, bearing, fix_body):
    for wait in ("-1", "601", "soon", "nan"):
        told = await client.post(f"{FIXES}?wait={wait}", headers=bearing("writer"), json=fix_body)
        assert told.status_code == 422
        assert told.json()["errors"][0]["parameter"] == "wait"
    assert house.log[acme.id] == []


async def test_one_idempotency_key_for_two_fixes_is_a_conflict(client, house, acme, bearing, fix_body):
    headers = {**bearing("writer"), "Idempotency-Key": "run-17"}
    assert (await client.post(FIXES, headers=headers, json=fix_body)).status_code == 202
    assert (await client.post(FIXES, headers=headers, json=fix_body)).status_code == 200
    other = {**fix_body, "cwe": ["CWE-564"]}
    told = await client.post(FIXES, headers=headers, json=other)
    assert told.status_code == 409
    assert len(house.log[acme.id]) == 1


async def test_an_idempotency_key_is_an_orgs_own(client, bearing, fix_body):
    key = {"Idempotency-Key": "run-17"}
    await client.post(FIXES, headers={**bearing("writer"), **key}, json=fix_body)
    other = {**fix_body, "cwe": ["CWE-564"]}
    told = await client.post("/api/v1/orgs/other/fixes", headers={**bearing("stranger"), **key}, json=other)
    assert told.status_code == 202


async def test_cycles_are_listed(client, bearing, fix_body):
    told = await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    page = await client.get("/api/v1/orgs/acme/cycles", headers=bearing("reader"))
    assert page.json() == {"items": [told.json()], "next_cursor": None}


async def test_another_orgs_cycle_is_404(client, bearing, fix_body):
    told = await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    found = await client.get(f"/api/v1/orgs/other/cycles/{told.json()['id']}", headers=bearing("stranger"))
    assert found.status_code == 404


async def test_an_id_that_cannot_be_is_404(client, bearing):
    for cycle in ("x", "fix_0123456789abcdef01234567", "cyc_0123456789abcdef0123456"):
        told = await client.get(f"/api/v1/orgs/acme/cycles/{cycle}", headers=bearing("reader"))
        assert told.status_code == 404
