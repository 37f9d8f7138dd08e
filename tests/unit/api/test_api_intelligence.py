"""Is what an org has learned told over HTTP, to those who may read it?"""

from __future__ import annotations

from rsolv_ray.model.intelligence import Intelligence

ADDRESS = "/api/v1/orgs/acme/intelligence"


async def test_what_is_told_is_what_the_house_says(client, bearing, house, acme):
    answer = await client.get(ADDRESS, headers=bearing("reader"))
    assert Intelligence.model_validate(answer.json()) == await house.intelligence(acme.id)
    assert answer.json()["score"]["parts"][0]["told"] == "3 of 4 fixes taught a rule"


async def test_another_org_is_as_one_that_does_not_exist(client, bearing):
    assert (await client.get(ADDRESS, headers=bearing("stranger"))).status_code == 404


async def test_nobody_reads_it_without_a_key(client):
    assert (await client.get(ADDRESS)).status_code == 401


async def test_the_form_of_the_answer_is_in_the_openapi_document(app):
    answer = app.openapi()["paths"]["/api/v1/orgs/{org}/intelligence"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Intelligence"}
