"""Who gets files out of the dashboard, and whose?"""

from __future__ import annotations

import json

import httpx
from fastapi import FastAPI

from rsolv_ray.dashboard.desk import Desk
from rsolv_ray.dashboard.downloads import add_downloads
from rsolv_ray.dashboard.login import LOGIN, PATH
from rsolv_ray.dashboard.sessions import COOKIE, Sessions
from rsolv_ray.engine.rules.configuration import read_rules
from rsolv_ray.model.finding import Triage, TriageLabel
from rsolv_ray.model.org import Principal
from rsolv_ray.settings import Settings
from tests.unit.dashboard.conftest import Home
from tests.unit.dashboard.samples import FOUND, PATCH, fill
from tests.unit.store.samples import RULE

DOWNLOAD = f"{PATH}/download"


async def _log_in(client: httpx.AsyncClient, secret: str) -> None:
    answer = await client.post(LOGIN, data={"key": secret})
    assert answer.status_code == 303


async def test_without_a_session_there_is_no_file(client: httpx.AsyncClient, home: Home) -> None:
    await fill(home.house, home.acme.id)
    assert (await client.get(f"{DOWNLOAD}/rules.yaml")).status_code == 401


async def test_a_key_that_may_not_read_is_403_with_the_scope(home: Home, settings: Settings) -> None:
    class Lenient(Sessions):
        async def principal(self, name: str | None) -> Principal | None:
            return await home.house.authenticate(home.writer.secret) if name == "writer" else None

    app = FastAPI()
    add_downloads(app, Desk(home.house, Lenient(home.house), settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rsolv.test") as client:
        assert (await client.get("/download/rules.yaml")).status_code == 401
        answer = await client.get("/download/rules.yaml", headers={"cookie": f"{COOKIE}=writer"})
    assert (answer.status_code, answer.text.partition(":")[0]) == (403, "This key lacks the scope 'read'")


async def test_a_file_of_an_org_that_is_not_there_is_404_with_its_name(client: httpx.AsyncClient, home: Home) -> None:
    await _log_in(client, home.admin.secret)
    answer = await client.get(f"{DOWNLOAD}/rules.yaml?org=typo")
    assert (answer.status_code, answer.text) == (404, "There is no organisation 'typo'.\n")


async def test_an_api_key_is_no_session(client: httpx.AsyncClient, home: Home) -> None:
    bearer = {"Authorization": f"Bearer {home.reader.secret}"}
    assert (await client.get(f"{DOWNLOAD}/rules.yaml", headers=bearer)).status_code == 401


async def test_rules_come_as_yaml_that_is_read_back(client: httpx.AsyncClient, home: Home) -> None:
    await fill(home.house, home.acme.id)
    await _log_in(client, home.reader.secret)
    for path in ("rules.yaml", f"rules/{RULE}.yaml"):
        answer = await client.get(f"{DOWNLOAD}/{path}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{path.rpartition("/")[2]}"'
        assert [one["id"] for one in read_rules(answer.text)] == [RULE]


async def test_a_patch_comes_as_its_diff(client: httpx.AsyncClient, home: Home) -> None:
    await fill(home.house, home.acme.id)
    await _log_in(client, home.reader.secret)
    assert (await client.get(f"{DOWNLOAD}/proposals/{PATCH.id}.diff")).text == PATCH.diff


async def test_another_orgs_things_are_not_found_whatever_the_address_asks(
    client: httpx.AsyncClient, home: Home
) -> None:
    other = await home.house.org("other")
    await fill(home.house, other.id)
    await _log_in(client, home.reader.secret)
    for path in (f"rules/{RULE}.yaml", f"proposals/{PATCH.id}.diff"):
        assert (await client.get(f"{DOWNLOAD}/{path}?org=other")).status_code == 404
    nothing = await client.get(f"{DOWNLOAD}/rules.yaml?org=other")
    assert (nothing.status_code, nothing.text) == (409, "There is no rule in use yet: nothing to export.\n")


async def test_an_admin_gets_the_files_of_the_org_that_is_asked_for(client: httpx.AsyncClient, home: Home) -> None:
    await fill(home.house, (await home.house.org("other")).id)
    await _log_in(client, home.admin.secret)
    assert (await client.get(f"{DOWNLOAD}/rules.yaml?org=other")).status_code == 200


async def test_a_name_that_is_none_is_refused_in_words(client: httpx.AsyncClient, home: Home) -> None:
    await _log_in(client, home.reader.secret)
    answer = await client.get(f"{DOWNLOAD}/proposals/nonsense.diff")
    assert (answer.status_code, answer.text) == (422, "'nonsense' is the name of no patch.\n")


async def test_findings_come_as_sarif_as_the_page_is_filtered(client: httpx.AsyncClient, home: Home) -> None:
    await fill(home.house, home.acme.id)
    await home.house.triage(home.acme.id, FOUND[0].id, Triage(label=TriageLabel.IGNORED))
    await home.house.triage(home.acme.id, FOUND[1].id, Triage(label=TriageLabel.TRUE_POSITIVE))
    await _log_in(client, home.reader.secret)
    for asked, count in (
        ("", 2),
        ("?state=open", 1),
        ("?state=all&repository=shop", 3),
        ("?state=triaged", 2),
        ("?severity=low", 0),
    ):
        answer = await client.get(f"{DOWNLOAD}/findings.sarif{asked}")
        assert answer.headers["content-type"] == "application/sarif+json"
        assert len(json.loads(answer.content)["runs"][0]["results"]) == count, asked


async def test_sarif_with_filters_that_are_none_is_refused_in_words(client: httpx.AsyncClient, home: Home) -> None:
    await _log_in(client, home.reader.secret)
    assert (await client.get(f"{DOWNLOAD}/findings.sarif?state=gone")).status_code == 422
    assert (await client.get(f"{DOWNLOAD}/findings.sarif?repository=gone")).status_code == 404
