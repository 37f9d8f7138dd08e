"""Is every error told in one form, and no secret with it?"""

from __future__ import annotations

import re

import httpx
import pytest
from structlog.testing import capture_logs

from rsolv_ray.api.problems import KINDS, Flawed, TooMany, answer
from rsolv_ray.model import errors
from rsolv_ray.model.errors import Fenced, RsolvError, StorageFull, ToolFailed, Unavailable

SCOPE = {"path": "/api/v1/x", "state": {"request_id": "r1"}}
FIXES = "/api/v1/orgs/acme/fixes"


def _families() -> list[type[RsolvError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RsolvError)]


@pytest.mark.parametrize("family", _families())
def test_every_family_of_errors_has_its_own_row(family):
    assert family in KINDS


def test_a_family_without_a_row_is_told_as_its_parent():
    class Muddled(errors.Conflict):
        """It is muddled."""

    told = answer(Muddled(), SCOPE)
    assert told.status_code == 409
    assert b"It is muddled." in told.body


def test_only_a_bug_hides_its_words():
    assert b"secret" not in answer(RsolvError("secret"), SCOPE).body
    assert b"plain" in answer(errors.Rejected("plain"), SCOPE).body


@pytest.mark.parametrize(
    ("error", "status"), [(Unavailable(), 503), (StorageFull(), 503), (Fenced(), 503), (ToolFailed(), 502)]
)
async def test_a_failure_inside_is_told_with_its_status(client, house, bearing, fix_body, error, status):
    house.breaks = error
    told = await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    assert told.status_code == status
    assert told.json()["detail"] == str(error)


@pytest.mark.parametrize("error", [Unavailable(), StorageFull(), Fenced()])
async def test_what_passes_says_when_to_try_again(client, house, bearing, fix_body, error):
    house.breaks = error
    told = await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    assert int(told.headers["retry-after"]) > 0


async def test_a_full_disk_stores_nothing_and_says_so(client, house, acme, bearing, fix_body):
    house.breaks = StorageFull()
    told = await client.post(FIXES, headers=bearing("writer"), json=fix_body)
    assert told.json()["type"] == "/problems/storage-full"
    assert "free some space" in told.json()["detail"]
    assert house.log[acme.id] == []


async def test_a_bug_is_500_without_details(client, house, bearing, fix_body):
    house.breaks = ZeroDivisionError("internal words")
    with capture_logs() as logs:
        told = await client.post(FIXES, headers={**bearing("writer"), "X-Request-Id": "my-id.1"}, json=fix_body)
    assert told.status_code == 500
    assert told.headers["content-type"] == "application/problem+json"
    assert "internal words" not in told.text
    assert told.json()["request_id"] == "my-id.1"
    assert [(line["event"], line["log_level"]) for line in logs] == [("request.failed", "error"), ("request", "info")]
    assert logs[1]["status"] == 500


async def test_an_unknown_address_is_a_problem(client):
    told = await client.get("/api/v1/nothing")
    assert told.status_code == 404
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["instance"] == "/api/v1/nothing"


async def test_a_wrong_method_is_a_problem_that_says_which_are_right(client):
    told = await client.put("/livez")
    assert told.status_code == 405
    assert told.headers["allow"] == "GET"
    assert told.headers["content-type"] == "application/problem+json"


async def test_a_request_id_is_made_where_none_is_sent(client):
    first, second = await client.get("/livez"), await client.get("/livez")
    assert len({first.headers["x-request-id"], second.headers["x-request-id"]}) == 2


@pytest.mark.parametrize("given", ["two words", "x" * 101, "a\tb"])
async def test_a_request_id_that_would_spoil_a_log_is_replaced(client, given):
    told = await client.get("/api/v1/nothing", headers={"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f]{32}", told.json()["request_id"])


@pytest.mark.parametrize("sent", [{}, {"X-Request-Id": "my-id.1"}])
async def test_behind_serve_an_answer_bears_one_request_id(app, sent):
    """Serve's own middleware, as it stands before the application, gives ids and tells them."""
    from ray.serve._private.http_util import RequestIdMiddleware

    behind = httpx.ASGITransport(RequestIdMiddleware(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=behind, base_url="http://rsolv.test") as client:
        told = await client.get("/api/v1/nothing", headers=sent)
    assert told.headers.get_list("x-request-id") == [told.json()["request_id"]]


def test_a_long_list_of_flaws_is_cut():
    told = answer(Flawed("many", flaws=tuple({"detail": f"flaw {n}"} for n in range(100))), SCOPE)
    assert told.body.count(b"flaw ") == 20


def test_the_headers_of_a_refusal_are_sent():
    told = answer(TooMany(retry_after_s=7, headers={"RateLimit": "x"}), SCOPE)
    assert (told.headers["retry-after"], told.headers["ratelimit"]) == ("7", "x")
