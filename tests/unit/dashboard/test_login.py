from __future__ import annotations

import re
from html import unescape

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
    assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/login?next=%2Fdashboard%2F")


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


async def test_a_login_leads_to_the_page_that_was_wanted(client: httpx.AsyncClient, home: Home) -> None:
    refused = await client.get("/dashboard/rules?rule=a%26b&org=acme", headers={"accept": "text/html"})
    asked = await client.get(refused.headers["location"] + "&again=1")
    assert 'name="next" value="/dashboard/rules?rule=a%26b&amp;org=acme"' in asked.text
    wanted = {"key": home.reader.secret, "next": "/dashboard/rules?rule=a%26b&org=acme"}
    assert (await client.post("/dashboard/login", data=wanted)).headers["location"] == wanted["next"]


ELSEWHERE = [
    "https://evil.test/",
    "//evil.test/dashboard/",
    "/docs",
    "/dashboardx",
    "/dashboard/\r\nx: y",
    "/dashboard/\\evil",
    "/\\evil.test/dashboard/",
    "javascript:alert(1)//dashboard/",
]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
async def test_no_link_makes_a_login_lead_elsewhere(client: httpx.AsyncClient, home: Home, elsewhere: str) -> None:
    sent = {"key": home.reader.secret, "next": elsewhere}
    assert (await client.post("/dashboard/login", data=sent)).headers["location"] == "/dashboard/"
    assert 'name="next" value=""' in (await client.get("/dashboard/login", params={"next": elsewhere})).text


async def test_a_link_from_another_site_is_followed_once_more_from_here(client: httpx.AsyncClient) -> None:
    refused = await client.get('/dashboard/rules?rule=a%26b"&org=acme', headers={"accept": "text/html"})
    again = await client.get(refused.headers["location"])
    assert 'name="key"' not in again.text
    to = unescape(re.findall(r'<meta http-equiv="refresh" content="0;url=([^"]+)">', again.text)[0])
    form = await client.get(to)
    assert 'name="key"' in form.text
    assert "refresh" not in form.text


async def test_who_is_in_already_is_led_on_to_what_was_wanted(client: httpx.AsyncClient, home: Home) -> None:
    await _log_in(client, home.reader.secret)
    led = await client.get("/dashboard/login", params={"next": "/dashboard/rules?rule=a", "again": "1"})
    assert (led.status_code, led.headers["location"]) == (303, "/dashboard/rules?rule=a")


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
async def test_no_link_leads_who_is_in_elsewhere(client: httpx.AsyncClient, home: Home, elsewhere: str) -> None:
    for _ in range(2):
        led = await client.get("/dashboard/login", params={"next": elsewhere})
        assert (led.status_code, "refresh" in led.text, "session is over" in led.text) == (200, False, False)
        await _log_in(client, home.reader.secret)


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://rsolv.test"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.test"},
    {"Origin": "http://rsolv.test:81"},
    {"Origin": "null"},
]
OWN = [
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://rsolv.test"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://rsolv.test"},
    {},
]


@pytest.mark.parametrize("said", FOREIGN)
async def test_no_other_site_logs_anybody_in_or_out(
    client: httpx.AsyncClient, home: Home, said: dict[str, str]
) -> None:
    refused = await client.post("/dashboard/login", data={"key": home.reader.secret}, headers=said)
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
    assert "sent from another site" in refused.text
    await _log_in(client, home.reader.secret)
    refused = await client.post("/dashboard/logout", headers=said)
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
    assert (await client.get("/dashboard/session")).status_code == 204


@pytest.mark.parametrize("said", OWN)
async def test_the_form_itself_logs_in_and_out(client: httpx.AsyncClient, home: Home, said: dict[str, str]) -> None:
    sent = await client.post("/dashboard/login", data={"key": home.reader.secret}, headers=said)
    assert (sent.status_code, COOKIE in client.cookies) == (303, True)
    sent = await client.post("/dashboard/logout", headers=said)
    assert (sent.status_code, COOKIE in client.cookies) == (303, False)


async def test_who_comes_back_with_a_session_that_is_over_is_told_so(client: httpx.AsyncClient) -> None:
    assert "session is over" not in (await client.get("/dashboard/login")).text
    asked = await client.get("/dashboard/login", headers={"cookie": f"{COOKIE}=made-up"})
    assert "Your session is over: log in again." in asked.text


async def test_a_page_can_ask_whether_its_session_is_over(client: httpx.AsyncClient, home: Home) -> None:
    assert (await client.get("/dashboard/session")).status_code == 401
    await _log_in(client, home.reader.secret)
    assert (await client.get("/dashboard/session")).status_code == 204


async def test_the_icon_is_there_for_everybody(client: httpx.AsyncClient) -> None:
    icon = await client.get("/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")


async def test_browsers_may_keep_assets_and_nothing_else(client: httpx.AsyncClient, home: Home) -> None:
    await _log_in(client, home.reader.secret)
    page = await client.get("/dashboard/", headers={"accept": "text/html"})
    asset = page.text.split('src="./assets/', 1)[1].split('"', 1)[0]
    kept = [(await client.get(f"/dashboard/{path}")).headers.get("cache-control") for path in (f"assets/{asset}", "")]
    assert kept == ["private, max-age=31536000, immutable", None]
