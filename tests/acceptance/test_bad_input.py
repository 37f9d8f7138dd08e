"""Bad input gets a clear error that says what to do, and nothing is half stored."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.acceptance.conftest import Service
from tests.runtime.samples import AFTER, BEFORE, fix_json

ALIAS_BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nrules:\n  - {id: r, languages: [python], severity: ERROR, message: m, pattern: f(), metadata: {x: *b}}\n"


def change(**fields: object) -> dict[str, object]:
    return {"changes": [{"path": "a.py", "before": BEFORE, "after": AFTER} | fields]}


@pytest.fixture(scope="module")
def other_org(service: Service) -> Iterator[str]:
    with service.client() as admin:
        admin.post("/orgs", json={"name": "somebody-else"}).raise_for_status()
        yield "somebody-else"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"changes": []}, 422, "changes"),
        (change(before="", after="x = 1\n"), 422, "the fix is empty"),
        (change(after=BEFORE), 422, "nothing to learn"),
        (change(path="a.cob"), 422, "language"),
        (change(language="cobol"), 422, "unsupported language 'cobol'"),
        (change(before="a\x00b"), 422, "binary"),
        ({**fix_json(), "cwe": ["sql"]}, 422, "CWE"),
        (
            {**fix_json(), "rule": {"id": "r", "languages": ["python"], "severity": "ERROR", "pattern": "f()"}},
            422,
            "message",
        ),
        ({**fix_json(), "colour": "red"}, 422, "colour"),
    ],
)
def test_a_fix_that_is_wrong_is_refused_with_what_is_wrong(
    org: tuple[httpx.Client, str], body: dict[str, object], status: int, says: str
) -> None:
    client, name = org
    answer = client.post(f"/orgs/{name}/fixes", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert says in answer.text
    assert client.get(f"/orgs/{name}/cycles").json()["items"] == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"changes": "' + b"x" * 10_000_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_fit_json_is_refused_before_it_is_read(
    org: tuple[httpx.Client, str], content: bytes, status: int
) -> None:
    client, name = org
    answer = client.post(f"/orgs/{name}/fixes", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_code_that_does_not_parse_ends_as_no_rule_with_the_line(org: tuple[httpx.Client, str]) -> None:
    client, name = org
    body = change(before="def f(:\n    pass\n", after="def f():\n    pass\n")
    cycle = client.post(f"/orgs/{name}/fixes?wait=30", json=body).json()
    assert "does not parse" in cycle["steps"]["synthesis"]["description"]


def test_a_wrong_key_is_no_key(service: Service, other_org: str) -> None:
    with service.client("rsk_wrong") as stranger:
        answer = stranger.get(f"/orgs/{other_org}/rules")
    assert (answer.status_code, "www-authenticate" in answer.headers) == (401, True)


def test_an_unknown_org_and_anothers_org_look_the_same(org: tuple[httpx.Client, str], other_org: str) -> None:
    client, _ = org
    answers = [client.get(f"/orgs/{one}/rules") for one in (other_org, "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["title"] == answers[1].json()["title"]


@pytest.mark.parametrize("location", ["/etc", "../..", "/tmp/../etc", "https://evil.example/x.git", "ext::sh -c id",
                                      "-oProxyCommand=id", "https://127.0.0.1/x.git", "file:///etc", "git@github.com:a/b"])  # fmt: skip
def test_a_location_that_is_not_allowed_is_refused(org: tuple[httpx.Client, str], location: str) -> None:
    client, name = org
    answer = client.post(f"/orgs/{name}/repositories", json={"name": "x", "location": location})
    assert (answer.status_code, client.get(f"/orgs/{name}/repositories").json()["items"]) == (422, [])


def test_an_alias_bomb_is_refused_before_the_engine_sees_it(org: tuple[httpx.Client, str]) -> None:
    client, name = org
    answer = client.post(f"/orgs/{name}/rules/validate", json={"rule": ALIAS_BOMB, "cases": []})
    assert answer.status_code == 422
    assert "alias" in answer.text


def test_a_scan_without_anything_to_scan_says_what_is_missing(org: tuple[httpx.Client, str]) -> None:
    client, name = org
    answer = client.post(f"/orgs/{name}/scans", json={})
    assert (answer.status_code, "no repository is registered" in answer.text) == (409, True)


@pytest.mark.parametrize(
    "path",
    [
        "rules/python-cwe-89-0?version=1099511627776",
        "rules?cursor=WzUsIlx1ZDgwMCJd",
        "findings?cursor=nonsense",
        "events?after=1000000000000000000000000000000",
    ],
)
def test_a_question_that_no_column_can_hold_is_refused_and_ends_nothing(
    org: tuple[httpx.Client, str], path: str
) -> None:
    client, name = org
    assert client.get(f"/orgs/{name}/{path}").status_code == 422
    assert client.get(f"/orgs/{name}/rules").status_code == 200


def test_a_key_that_expires_beyond_the_calendar_is_refused(org: tuple[httpx.Client, str]) -> None:
    client, name = org
    answer = client.post(f"/orgs/{name}/keys", json={"name": "x", "expires_at": "9999-12-31T23:59:59-12:00"})
    assert answer.status_code == 422


def test_a_change_outside_its_repository_is_refused(org: tuple[httpx.Client, str]) -> None:
    client, name = org
    answer = client.post(f"/orgs/{name}/fixes", json=change(path="../../etc/cron.d/x.py"))
    assert (answer.status_code, "no path within a repository" in answer.text) == (422, True)
