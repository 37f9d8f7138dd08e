"""Does the HTTP face fit what stands behind it? The real house, stores and validator, in this process, on real files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from rsolv_ray.api.app import build
from rsolv_ray.model.org import Scope
from rsolv_ray.settings import Settings
from rsolv_ray.testing import in_process

ACME = "/api/v1/orgs/acme"


@dataclass(frozen=True)
class World:
    client: httpx.AsyncClient
    code: Path
    keys: dict[str, dict[str, str]]

    async def ask(self, method: str, path: str, key: str = "acme", **request) -> httpx.Response:
        return await self.client.request(method, path, headers=self.keys[key], **request)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Orgs `acme` and `rival`, each with a key that may do everything in it, and an admin's key."""
    code = tmp_path / "code"
    (code / "shop").mkdir(parents=True)
    settings = Settings(data_dir=tmp_path / "data", allowed_roots=(code,), validators=1)
    async with in_process(settings) as house:
        admin = await house.issue_key(None, "admin", frozenset({Scope.ADMIN}), expires_at=None, by="test")
        transport = httpx.ASGITransport(build(house, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://rsolv.test") as client:
            made = World(client, code, {"admin": {"Authorization": f"Bearer {admin.secret}"}})
            for org in ("acme", "rival"):
                told = await made.ask("POST", "/api/v1/orgs", "admin", json={"name": org})
                assert told.status_code == 201, told.text
                body = {"name": "all", "scopes": ["read", "write", "manage"]}
                issued = await made.ask("POST", f"/api/v1/orgs/{org}/keys", "admin", json=body)
                made.keys[org] = {"Authorization": f"Bearer {issued.json()['secret']}"}
            yield made


async def test_a_fix_is_durable_and_one_however_often_it_is_sent(world, fix_body):
    answers = [await world.ask("POST", f"{ACME}/fixes", json=fix_body) for _ in range(3)]
    assert [told.status_code for told in answers] == [202, 200, 200]
    assert len({told.json()["id"] for told in answers}) == 1
    listed = await world.ask("GET", f"{ACME}/cycles")
    assert listed.json()["items"] == [answers[0].json()]


async def test_fixes_sent_at_the_same_time_are_one_fix(world, fix_body):
    answers = await asyncio.gather(*(world.ask("POST", f"{ACME}/fixes", json=fix_body) for _ in range(8)))
    assert sorted(told.status_code for told in answers) == [200] * 7 + [202]
    assert len((await world.ask("GET", f"{ACME}/cycles")).json()["items"]) == 1


async def test_waiting_ends_with_the_time_where_nothing_is_driven(world, fix_body):
    told = await world.ask("POST", f"{ACME}/fixes?wait=0.2", json=fix_body)
    assert told.status_code == 202
    assert told.json()["outcome"] is None


async def test_another_orgs_cycle_is_not_there(world, fix_body):
    cycle = (await world.ask("POST", f"{ACME}/fixes", json=fix_body)).json()["id"]
    assert (await world.ask("GET", f"/api/v1/orgs/rival/cycles/{cycle}", "rival")).status_code == 404
    assert (await world.ask("GET", f"{ACME}/cycles/{cycle}", "rival")).status_code == 404


async def test_cycles_come_in_pages(world, fix_body):
    for cwe in (89, 78, 79):
        await world.ask("POST", f"{ACME}/fixes", json={**fix_body, "cwe": cwe})
    seen, cursor = [], ""
    while cursor is not None:
        page = (await world.ask("GET", f"{ACME}/cycles?limit=2{cursor and f'&cursor={cursor}'}")).json()
        seen += [cycle["id"] for cycle in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("listed", ["cycles", "rules", "findings", "proposals", "scans"])
async def test_a_cursor_that_was_made_up_is_422(world, listed):
    for cursor in ("x", "{}", "%00", "-1", "AAAA"):
        told = await world.ask("GET", f"{ACME}/{listed}?cursor={cursor}")
        assert told.status_code == 422, (cursor, told.text)


@pytest.mark.parametrize("listed", ["rules", "findings", "proposals", "scans", "repositories", "cycles"])
async def test_a_new_org_has_empty_lists(world, listed):
    assert (await world.ask("GET", f"{ACME}/{listed}")).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "unknown",
    ["cycles/cyc_", "findings/fnd_", "proposals/prp_", "scans/scn_", "repositories/rep_"],
)
async def test_an_unknown_id_is_404(world, unknown):
    assert (await world.ask("GET", f"{ACME}/{unknown}{'0' * 24}")).status_code == 404


async def test_an_unknown_rule_is_404(world):
    for path in ("rules/none", "rules/none.yaml"):
        assert (await world.ask("GET", f"{ACME}/{path}")).status_code == 404
    body = {"state": "active", "reason": "r"}
    assert (await world.ask("POST", f"{ACME}/rules/none/state", json=body)).status_code == 404


async def test_a_folder_under_an_allowed_root_is_registered_once(world):
    body = {"location": str(world.code / "shop")}
    first = await world.ask("POST", f"{ACME}/repositories", json=body)
    again = await world.ask("POST", f"{ACME}/repositories", json=body)
    assert first.status_code == 201
    assert again.json() == first.json()
    assert (await world.ask("DELETE", f"{ACME}/repositories/shop")).status_code == 204
    assert (await world.ask("GET", f"{ACME}/repositories")).json()["items"] == []


async def test_a_name_that_another_location_has_is_409(world):
    (world.code / "other").mkdir()
    await world.ask("POST", f"{ACME}/repositories", json={"location": str(world.code / "shop")})
    body = {"location": str(world.code / "other"), "name": "shop"}
    assert (await world.ask("POST", f"{ACME}/repositories", json=body)).status_code == 409


@pytest.mark.parametrize(
    "location",
    ["/etc", "/", "relative/shop", "{code}/../../etc", "{code}/link", "http://github.com/a/b", "https://evil.test/a/b",
     "https://user:pw@github.com/a/b", "ext::sh -c id", "--upload-pack=id", "git@github.com:a/b", "file:///etc",
     "ssh://github.com/a/b", "https://127.0.0.1/a", "https://[::1]/a"],
)  # fmt: skip
async def test_a_location_outside_of_what_is_allowed_is_422_and_nothing_is_kept(world, location):
    (world.code / "link").symlink_to("/etc")
    told = await world.ask("POST", f"{ACME}/repositories", json={"location": location.format(code=world.code)})
    assert told.status_code == 422, told.text
    assert told.json()["detail"]
    assert (await world.ask("GET", f"{ACME}/repositories")).json()["items"] == []


async def test_a_scan_of_nothing_is_409_and_says_what_is_lacking(world):
    told = await world.ask("POST", f"{ACME}/scans", json={})
    assert told.status_code == 409
    assert "no repository is registered" in told.json()["detail"]


async def test_a_scan_of_an_unknown_repository_is_404(world):
    assert (await world.ask("POST", f"{ACME}/scans", json={"repositories": ["nowhere"]})).status_code == 404


async def test_a_rule_is_judged_by_the_engine(world):
    rule = {"id": "no-eval", "languages": ["python"], "severity": "ERROR", "message": "m", "pattern": "eval(...)"}
    cases = [
        {"kind": "fires", "path": "a.py", "code": "eval(x)\n"},
        {"kind": "silent", "path": "a.py", "code": "f(x)\n"},
    ]
    told = await world.ask("POST", f"{ACME}/rules/validate", json={"rule": rule, "cases": cases})
    assert told.status_code == 200, told.text
    assert told.json()["valid"]
    assert [case["passed"] for case in told.json()["cases"]] == [True, True]


async def test_a_rule_without_message_is_told_to_lack_it(world):
    rule = {"id": "no-eval", "languages": ["python"], "severity": "ERROR", "pattern": "eval(...)"}
    told = (await world.ask("POST", f"{ACME}/rules/validate", json={"rule": rule})).json()
    assert not told["valid"]
    assert told["missing_fields"] == ["message"]


async def test_a_revoked_key_opens_nothing_any_more(world):
    issued = (await world.ask("POST", f"{ACME}/keys", json={"name": "ci"})).json()
    world.keys["ci"] = {"Authorization": f"Bearer {issued['secret']}"}
    assert (await world.ask("GET", ACME, "ci")).status_code == 200
    assert (await world.ask("DELETE", f"{ACME}/keys/{issued['key']['id']}", "rival")).status_code == 404
    assert (await world.ask("DELETE", f"{ACME}/keys/{issued['key']['id']}")).status_code == 204
    assert (await world.ask("GET", ACME, "ci")).status_code == 401


async def test_an_org_cannot_revoke_the_key_of_another(world):
    theirs = (await world.ask("GET", "/api/v1/orgs/rival/keys", "rival")).json()["items"][0]["id"]
    assert (await world.ask("DELETE", f"{ACME}/keys/{theirs}")).status_code == 404
    assert (await world.ask("GET", "/api/v1/orgs/rival", "rival")).status_code == 200


async def test_a_deleted_org_is_gone_with_its_keys(world, fix_body):
    await world.ask("POST", f"{ACME}/fixes", json=fix_body)
    assert (await world.ask("DELETE", ACME, "admin")).status_code == 204
    assert (await world.ask("GET", ACME, "acme")).status_code == 401
    assert (await world.ask("GET", ACME, "admin")).status_code == 404
    listed = (await world.ask("GET", "/api/v1/orgs", "admin")).json()["items"]
    assert [org["name"] for org in listed] == ["rival"]


async def test_what_was_done_is_in_the_audit_trail_with_its_key_and_without_secrets(world):
    issued = (await world.ask("POST", f"{ACME}/keys", json={"name": "ci"})).json()
    told = await world.ask("GET", "/api/v1/audit?limit=500", "admin")
    last = told.json()["items"][-1]
    assert last["actor"].startswith("key 0")
    assert issued["secret"] not in told.text


async def test_what_is_counted_in_this_process_is_told(world, fix_body):
    await world.ask("POST", f"{ACME}/fixes", json=fix_body)
    told = await world.client.get("/metrics")
    assert told.status_code == 200
    assert 'rsolv_bank_attached_orgs{process="gateway"} 2.0' in told.text


async def test_metrics_tell_of_a_fix(world, fix_body):
    before = (await world.ask("GET", f"{ACME}/metrics")).json()["now"]
    await world.ask("POST", f"{ACME}/fixes", json=fix_body)
    after = (await world.ask("GET", f"{ACME}/metrics")).json()["now"]
    assert after != before


async def test_a_part_that_does_not_run_is_named_by_readiness(world):
    told = await world.client.get("/readyz")
    assert told.status_code == 503
    assert told.json()["detail"]["bank/0"] == "ready"
    assert told.json()["detail"]["orchestrator/0"] == "orchestrator/0 does not run"


async def test_a_part_that_cannot_answer_is_503_with_a_time_to_come_back(world):
    told = await world.ask("GET", "/api/v1/tree", "admin")
    assert told.status_code == 503
    assert int(told.headers["retry-after"]) > 0
