"""Are rules told in the form that is asked for, and judged without being kept?"""

from __future__ import annotations

import pytest

from rsolv_ray.engine.rules.configuration import read_rules
from rsolv_ray.model.rule import Rule

RULES = "/api/v1/orgs/acme/rules"
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nrules: [*b]\n"


async def test_a_rule_is_told_with_its_proof(client, bearing, rule):
    told = await client.get(f"{RULES}/{rule.id}", headers=bearing("reader"))
    assert Rule.model_validate(told.json()) == rule


@pytest.mark.parametrize(
    ("path", "accept"), [("", "application/yaml"), (".yaml", "*/*"), ("", "application/yaml, application/json;q=0.5")]
)
async def test_a_rule_is_told_as_a_semgrep_configuration(client, bearing, rule, path, accept):
    told = await client.get(f"{RULES}/{rule.id}{path}", headers={**bearing("reader"), "Accept": accept})
    assert told.headers["content-type"].startswith("application/yaml")
    assert read_rules(told.text) == (rule.definition,)


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "text/html, */*;q=0.8", "application/yaml;q=0.1, application/json", "application/*"],
)
async def test_json_is_told_unless_yaml_is_liked_better(client, bearing, rule, accept):
    told = await client.get(f"{RULES}/{rule.id}", headers={**bearing("reader"), "Accept": accept})
    assert told.headers["content-type"] == "application/json"


async def test_a_version_that_is_not_there_is_404(client, bearing, rule):
    assert (await client.get(f"{RULES}/{rule.id}?version=1", headers=bearing("reader"))).status_code == 200
    assert (await client.get(f"{RULES}/{rule.id}?version=2", headers=bearing("reader"))).status_code == 404


async def test_rules_are_listed_by_state(client, bearing, rule):
    for query, count in (("", 1), ("?state=monitor", 1), ("?state=active", 0), ("?state=active&state=monitor", 1)):
        page = await client.get(RULES + query, headers=bearing("reader"))
        assert len(page.json()["items"]) == count
    assert (await client.get(RULES + "?state=asleep", headers=bearing("reader"))).status_code == 422


async def test_a_state_is_changed_with_a_reason(client, bearing, rule):
    body = {"state": "active", "reason": "looked at it"}
    told = await client.post(f"{RULES}/{rule.id}/state", headers=bearing("steward"), json=body)
    assert told.json()["state"] == "active"


@pytest.mark.parametrize(
    "body", [{"state": "active"}, {"state": "active", "reason": ""}, {"state": "asleep", "reason": "r"}]
)
async def test_a_state_without_a_reason_or_out_of_the_blue_is_422(client, bearing, rule, body):
    assert (await client.post(f"{RULES}/{rule.id}/state", headers=bearing("steward"), json=body)).status_code == 422


async def test_a_forbidden_change_of_state_is_409(client, bearing, rule):
    body = {"state": "draft", "reason": "r"}
    assert (await client.post(f"{RULES}/{rule.id}/state", headers=bearing("steward"), json=body)).status_code == 409


async def validate(client, bearing, rule, cases=()):
    body = {"rule": rule, "cases": list(cases)}
    return await client.post(f"{RULES}/validate", headers=bearing("writer"), json=body)


async def test_a_rule_is_judged_as_an_object_or_as_yaml(client, house, bearing, rule):
    case = {"kind": "fires", "path": "a.py", "code": "db.execute(q % n)", "lines": [{"first": 1, "last": 1}]}
    yaml = (await client.get(f"{RULES}/{rule.id}.yaml", headers=bearing("reader"))).text
    for written in (rule.definition, {"rules": [rule.definition]}, yaml):
        told = await validate(client, bearing, written, [case])
        assert told.status_code == 200, told.text
        definition, (judged,) = house.asked[-1][1]
        assert definition == rule.definition
        assert judged.lines[0].first == 1


async def test_a_rule_without_message_is_judged_too_since_that_is_the_question(client, house, bearing):
    lacking = {"languages": ["python"], "pattern": "eval(...)"}
    assert (await validate(client, bearing, lacking)).status_code == 200
    assert house.asked[-1] == ("validate_rule", (lacking, ()))


@pytest.mark.parametrize(
    ("written", "words"),
    [(BOMB, "aliases"), ("rules: [", "no YAML"), ("rules: []", "at least one rule"), ("- !!python/object:os.system {}", "refused"),
     ("rules: [{id: a}, {id: b}]", "one rule is judged at a time")],
)  # fmt: skip
async def test_yaml_that_is_hostile_or_no_rule_is_422(client, bearing, written, words):
    told = await validate(client, bearing, written)
    assert told.status_code == 422
    assert words in told.json()["detail"]


async def test_more_cases_than_are_accepted_are_422(client, bearing, rule):
    told = await validate(client, bearing, rule.definition, [{"kind": "fires", "path": "a.py", "code": "x"}] * 501)
    assert told.status_code == 422
    assert told.json()["errors"][0]["pointer"] == "/cases"
