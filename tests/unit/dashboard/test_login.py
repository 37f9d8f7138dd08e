from __future__ import annotations

import httpx
import pytest

from rsolv_ray.dashboard.sessions import COOKIE
from tests.unit.dashboard.conftest import Home


async def _log_in(client: httpx.AsyncClient, secret: str) -> httpx.Response:
    return await client.post("/dashboard/login", data={"key": secret})


async def test_the_right_key_is_swapped_for_a_cookie_that_no_script_and_no_other_site_gets(
    client: httpx.AsyncClient, home: Home
) -> None:
    answer = await _log_in(client, home.reader.secret)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/")
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/dashboard"} <= set(cookie.split("; "))
    assert home.reader.secret.lower() not in cookie


async def test_a_wrong_key_is_told_so_and_gets_no_cookie(client: httpx.AsyncClient) -> None:
    answer = await _log_in(client, "rsk_wrong<script>")
    assert answer.status_code == 401
    assert "unknown, expired or revoked" in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script>" not in answer.text


async def test_a_form_that_is_too_long_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    from rsolv_ray.model.errors import TooLarge

    with pytest.raises(TooLarge):
        await _log_in(client, "x" * 5000)


async def test_a_browser_without_a_session_is_sent_to_the_login(client: httpx.AsyncClient) -> None:
    answer = await client.get("/dashboard/", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/login")


@pytest.mark.parametrize("path", ["config", "gradio_api/queue/join", "gradio_api/upload", "gradio_api/info"])
async def test_nothing_of_the_dashboard_is_there_without_a_session(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(f"/dashboard/{path}", headers={"cookie": f"{COOKIE}=made-up"})).status_code == 401


async def test_who_is_logged_in_gets_the_page_and_after_logging_out_does_not(
    client: httpx.AsyncClient, home: Home
) -> None:
    await _log_in(client, home.reader.secret)
    page = await client.get("/dashboard/", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "gradio" in page.text
    session = client.cookies[COOKIE]
    await client.post("/dashboard/logout")
    assert COOKIE not in client.cookies
    assert (await client.get("/dashboard/", headers={"cookie": f"{COOKIE}={session}"})).status_code == 401
