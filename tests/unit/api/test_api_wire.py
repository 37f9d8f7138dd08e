"""Is a body that says something wrong refused, with the place and in words that help?"""

from __future__ import annotations

from copy import deepcopy

import pytest
from pydantic import ValidationError

from rsolv_ray.api.wire import CaseIn, FixIn, RepositoryIn
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import CaseSource

FIXES = "/api/v1/orgs/acme/fixes"


@pytest.mark.parametrize("written", ["CWE-89", "cwe-89", "89", 89, ["CWE-89"], ["89"], ["CWE-89: SQL injection"]])
def test_a_weakness_may_be_written_in_several_ways(fix_body, written):
    assert FixIn(**{**fix_body, "cwe": written}).noun().cwe == ("CWE-89",)


def test_a_fix_from_the_wire_is_the_noun_itself(fix_body):
    fix = FixIn(**fix_body).noun()
    assert type(fix) is Fix
    assert fix == Fix(**fix_body)
    assert fix.id == Fix(**fix_body).id


def test_every_field_of_the_contract_is_taken(fix_body):
    whole = {
        **fix_body,
        "title": "Bind the name",
        "severity": "critical",
        "origin": {"kind": "commit", "repository": "shop", "commit": "abc", "url": "https://git.test/abc"},
        "rule": None,
        "context": {"fires": [{"path": "a.py", "code": "x"}], "silent": [{"path": "b.py", "code": "y"}], "notes": "n"},
        "scan": False,
    }
    fix = FixIn(**whole).noun()
    assert (fix.title, fix.severity, fix.origin.commit, fix.context.notes, fix.scan) == (
        "Bind the name", "critical", "abc", "n", False,
    )  # fmt: skip


def without(body, *place):
    body = deepcopy(body)
    at = body
    for part in place[:-1]:
        at = at[part]
    del at[place[-1]]
    return body


def having(body, value, *place):
    body = deepcopy(body)
    at = body
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    return body


@pytest.mark.parametrize(
    ("spoil", "pointer", "words"),
    [
        (lambda body: {}, "/changes", "required"),
        (lambda body: {**body, "changes": []}, "/changes", "at least 1 item"),
        (lambda body: having(body, " \n", "changes", 0, "before"), "", "the fix is empty"),
        (lambda body: having(body, body["changes"][0]["before"], "changes", 0, "after"), "", "nothing to learn"),
        (lambda body: having(body, "brainfuck", "changes", 0, "language"), "/changes/0", "unsupported language 'brainfuck'"),
        (lambda body: having(body, "notes.txt", "changes", 0, "path"), "/changes/0", "give 'language'"),
        (lambda body: having(body, "\x00\x01", "changes", 0, "after"), "/changes/0", "binary content"),
        (lambda body: without(body, "changes", 0, "after"), "/changes/0/after", "required"),
        (lambda body: having(body, 7, "changes", 0, "after"), "/changes/0/after", "string"),
        (lambda body: {**body, "cwe": ["SQL"]}, "/cwe", "'SQL' is no CWE"),
        (lambda body: {**body, "severity": "dire"}, "/severity", "critical"),
        (lambda body: {**body, "org": "other"}, "/org", "not permitted"),
        (lambda body: {**body, "origin": {"kind": "rumour"}}, "/origin/kind", "commit"),
        (lambda body: {**body, "rule": "rules: []"}, "/rule", "dictionary"),
        (lambda body: {**body, "context": {"fires": [{"path": "a.py", "code": ""}]}}, "/context/fires/0/code", "1 character"),
        (lambda body: [body], "", "dictionary"),
        (lambda body: "text", "", "dictionary"),
    ],
)  # fmt: skip
async def test_a_spoilt_fix_is_422_with_the_place(client, house, acme, bearing, fix_body, spoil, pointer, words):
    told = await client.post(FIXES, headers=bearing("writer"), json=spoil(fix_body))
    assert told.status_code == 422, told.text
    assert told.headers["content-type"] == "application/problem+json"
    first = told.json()["errors"][0]
    assert first["pointer"] == pointer
    assert words in first["detail"]
    assert words in told.json()["detail"]
    assert house.log[acme.id] == []


async def test_a_refusal_does_not_repeat_what_was_sent(client, bearing, fix_body):
    secret = "AKIAIOSFODNN7EXAMPLE"
    told = await client.post(FIXES, headers=bearing("writer"), json={**fix_body, "scan": secret, "title": [secret]})
    assert told.status_code == 422
    assert secret not in told.text


@pytest.mark.parametrize(
    "rule", [{"id": "r"}, {}, {"id": "r", "languages": ["python"], "severity": "ERROR", "pattern": "eval(...)"}]
)
async def test_a_callers_rule_that_is_no_rule_is_422_before_anything_is_stored(
    client, house, acme, bearing, fix_body, rule
):
    told = await client.post(FIXES, headers=bearing("writer"), json={**fix_body, "rule": rule})
    assert told.status_code == 422
    assert {error["pointer"] for error in told.json()["errors"]} == {"/rule"}
    assert "'message' is missing" in told.text
    assert house.log[acme.id] == []


async def test_a_callers_good_rule_goes_with_the_fix(client, house, bearing, fix_body, rule):
    told = await client.post(FIXES, headers=bearing("writer"), json={**fix_body, "rule": rule.definition})
    assert told.status_code == 202
    assert dict(house.asked)["receive_fix"].rule == rule.definition


def test_a_case_gets_its_language_from_its_path_or_its_path_from_its_language():
    by_path = CaseIn(kind="fires", code="x", path="a.go").noun()
    by_language = CaseIn(kind="silent", code="x", language="py").noun()
    assert (by_path.language, by_path.path) == ("go", "a.go")
    assert (by_language.language, by_language.path) == ("python", "case.py")
    assert by_path.source is CaseSource.CALLER


@pytest.mark.parametrize("case", [{"path": "README"}, {"language": "latin"}, {}, {"path": "a.py", "code": "\x00"}])
def test_a_case_of_no_known_language_or_of_no_text_is_refused(case):
    with pytest.raises(ValidationError, match=r"needs a 'language'|binary content"):
        CaseIn(**{"kind": "fires", "code": "x", **case})


@pytest.mark.parametrize(
    ("location", "name"),
    [("/srv/shop", "shop"), ("/srv/shop/", "shop"), ("https://git.test/acme/shop.git", "shop"), ("/", "/")],
)
def test_a_repository_is_named_for_its_location(location, name):
    assert RepositoryIn(location=location).known_as == name
    assert RepositoryIn(location=location, name="mine").known_as == "mine"


@pytest.mark.parametrize("text", ["/srv/shop\n", "/srv/\x00", "/srv/\x1b[31m"])
def test_control_characters_in_a_location_are_refused(text):
    with pytest.raises(ValidationError, match="control characters"):
        RepositoryIn(location=text)
