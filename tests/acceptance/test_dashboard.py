"""What does somebody see who opens the dashboard in a browser? Chromium, where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from rsolv_ray.dashboard import listing
from rsolv_ray.dashboard.clicks import SEND_CLICKS
from rsolv_ray.model.noun import JsonObject
from tests.acceptance.conftest import Service
from tests.runtime.samples import AFTER, BEFORE, fix_json, write_repository

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
PATIENCE_MS = 30_000
FALSE_POSITIVE = 'tr [data-do="triage:false_positive"][data-id^="fnd_"]'
TITLE = "Bind the name instead of pasting it"


@dataclass
class Visit:
    """A page with an open session in an org of its own, and what went wrong on it."""

    page: Page
    service: Service
    client: httpx.Client
    org: str
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def go(self, path: str = "") -> None:
        self.page.goto(f"{self.service.url}/dashboard/{path}")
        expect(self.page.locator("header h1")).to_have_text(self.org, timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def visit(browser: Browser, service: Service, org: tuple[httpx.Client, str]) -> Iterator[Visit]:
    client, name = org
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    made = Visit(page, service, client, name)
    page.on("request", lambda request: made.hosts.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: made.errors.append(str(error)))
    log_in(page, service, client.headers["Authorization"].removeprefix("Bearer "))
    yield made
    page.close()


def log_in(page: Page, service: Service, key: str) -> None:
    page.goto(f"{service.url}/dashboard/login")
    page.fill("#key", key)
    page.click("button")


def learn(visit: Visit, before: str = BEFORE, after: str = AFTER) -> None:
    """Send a fix by the form, and wait for its cycle's page."""
    visit.go("learn")
    page = visit.page
    page.get_by_label("What the fix does").fill("Bind the name")
    page.get_by_label("Path in its repository").fill("app/users.py")
    paste(page, "#rsolv-before .cm-content", before)
    paste(page, "#rsolv-after .cm-content", after)
    page.click("#rsolv-learn")
    page.wait_for_url("**cycle=*", timeout=PATIENCE_MS)


def paste(page: Page, into: str, text: str) -> None:
    """What Ctrl-V does: typing a megabyte takes minutes."""
    page.locator(into).click()
    page.locator(into).evaluate(
        """(at, text) => {
          const clipboardData = new DataTransfer()
          clipboardData.setData('text/plain', text)
          at.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}))
        }""",
        text,
    )


def learned(visit: Visit, number: int = 0) -> JsonObject:
    """The cycle of a fix in an org whose repository holds two more instances."""
    root = write_repository(visit.service.code / visit.org / "shop")
    visit.client.post(
        f"/orgs/{visit.org}/repositories", json={"name": "shop", "location": str(root)}
    ).raise_for_status()
    return visit.client.post(f"/orgs/{visit.org}/fixes?wait=60", json=fix_json(number)).raise_for_status().json()


def test_a_fix_is_pasted_and_its_cycle_watched_to_its_end(visit: Visit) -> None:
    learn(visit)
    expect(visit.page.locator(".outcome")).to_contain_text("A rule was learned", timeout=PATIENCE_MS)
    expect(visit.page.locator(".steps li.done")).not_to_have_count(0)


def test_all_pages_show_without_a_request_to_another_host_and_without_an_error(visit: Visit) -> None:
    learned(visit)
    for path in ("", "rules", "findings", "learn"):
        visit.go(path)
        visit.page.wait_for_timeout(500)
    assert visit.hosts == {urlsplit(visit.service.url).netloc}
    assert visit.errors == []


def test_a_finding_is_called_a_false_positive_on_its_row(visit: Visit) -> None:
    learned(visit)
    visit.go("findings")
    visit.page.locator(FALSE_POSITIVE).first.click()
    expect(visit.page.get_by_text("1 finding marked as").first).to_be_visible()
    assert [one["triage"]["label"] for one in findings(visit) if one["state"] == "triaged"] == ["false_positive"]


def test_a_finding_of_another_org_is_not_found_though_its_id_is_sent(
    visit: Visit, service: Service, other_finding: str
) -> None:
    learned(visit)
    visit.go("findings")
    row = visit.page.locator(FALSE_POSITIVE).first
    row.evaluate("(at, id) => { at.dataset.id = id }", other_finding)
    row.click()
    expect(visit.page.get_by_text("There is no such finding").first).to_be_visible()
    assert {one["state"] for one in findings(visit)} == {"open"}


@pytest.fixture
def other_finding(service: Service) -> Iterator[str]:
    """The id of a finding of an org that the visitor knows nothing of."""
    with service.client() as admin:
        name = f"other-{time.monotonic_ns()}"
        admin.post("/orgs", json={"name": name}).raise_for_status()
        root = write_repository(service.code / name / "shop")
        admin.post(f"/orgs/{name}/repositories", json={"name": "shop", "location": str(root)}).raise_for_status()
        admin.post(f"/orgs/{name}/fixes?wait=60", json=fix_json()).raise_for_status()
        yield admin.get(f"/orgs/{name}/findings").raise_for_status().json()["items"][0]["finding"]["id"]


def findings(visit: Visit) -> list[JsonObject]:
    return visit.client.get(f"/orgs/{visit.org}/findings").raise_for_status().json()["items"]


@pytest.mark.parametrize(
    ("page", "file", "told"), [("rules", "rules.yaml", "rules:"), ("findings", "findings.sarif", "2.1.0")]
)
def test_rules_and_findings_are_exported(visit: Visit, page: str, file: str, told: str) -> None:
    learned(visit)
    visit.go(page)
    with visit.page.expect_download() as taken:
        visit.page.locator(f'a[href*="{file}"]').first.click()
    assert taken.value.suggested_filename == file
    assert told in taken.value.path().read_text()


def test_a_rule_is_approved_with_a_reason(visit: Visit) -> None:
    rule = learned(visit)["rule"]["id"]
    visit.go(f"rules?rule={rule}")
    visit.page.locator("#rsolv-rule-reason textarea").fill("two teams looked at it")
    visit.page.locator('[data-do="active"]').click()
    expect(visit.page.locator('[data-do="active"]')).to_have_count(0)
    assert visit.client.get(f"/orgs/{visit.org}/rules/{rule}").raise_for_status().json()["state"] == "active"


def test_a_wrong_key_is_told_and_lets_nobody_in(browser: Browser, service: Service) -> None:
    page = browser.new_page()
    log_in(page, service, "rsk_wrong")
    expect(page.get_by_role("alert")).to_contain_text("unknown, expired or revoked")
    page.goto(f"{service.url}/dashboard/rules")
    assert urlsplit(page.url).path == "/dashboard/login"
    page.close()


def test_an_event_is_seen_on_an_open_page(visit: Visit) -> None:
    visit.go()
    visit.client.post(f"/orgs/{visit.org}/fixes", json=fix_json(7, scan=False)).raise_for_status()
    expect(visit.page.get_by_text(TITLE).first).to_be_visible(timeout=PATIENCE_MS)


def test_an_open_page_goes_on_by_itself_after_its_bank_was_killed(visit: Visit) -> None:
    visit.go()
    with visit.service.client() as admin:
        bank = next(
            one for one in leaves(admin.get("/tree").raise_for_status().json()["items"]) if one["id"] == "bank/0"
        )
    os.kill(bank["pid"], signal.SIGKILL)
    visit.client.post(f"/orgs/{visit.org}/fixes", json=fix_json(8, scan=False)).raise_for_status()
    expect(visit.page.get_by_text(TITLE).first).to_be_visible(timeout=PATIENCE_MS)


def leaves(nodes: list[JsonObject]) -> Iterator[JsonObject]:
    for node in nodes:
        yield node
        yield from leaves(node["children"])


def test_a_session_that_is_over_is_told_on_the_open_page(visit: Visit) -> None:
    visit.go()
    keys = visit.client.get(f"/orgs/{visit.org}/keys").raise_for_status().json()["items"]
    with visit.service.client() as admin:
        admin.delete(f"/orgs/{visit.org}/keys/{keys[0]['id']}").raise_for_status()
        admin.post(f"/orgs/{visit.org}/fixes", json=fix_json(9, scan=False)).raise_for_status()
    expect(visit.page.locator("#rsolv-notice")).to_contain_text("reload the page to log in", timeout=PATIENCE_MS)


def test_a_megabyte_of_pasted_code_ends_in_words(visit: Visit) -> None:
    line = "total = total + price * count  # and so on\n"
    learn(visit, line * 12_000 + BEFORE, line * 12_000 + AFTER)
    expect(visit.page.locator(".outcome")).to_contain_text("too large or minified", timeout=PATIENCE_MS)


def test_a_copied_patch_is_the_patch_to_the_character_and_the_button_keeps_its_name(browser: Browser) -> None:
    patch = "--- a/x\r\n+++ b/x\r\n@@ -1 +1 @@\r\n-a\u200d\ufe0f\r\n+<b>\ufeff\r\n"
    drawn = f"<div id=drawn>{listing.copying('x', 'patch', patch)}{listing.diff(patch, name='x')}</div>"
    page = browser.new_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.route("**/*", lambda route: route.fulfill(body=drawn, content_type="text/html; charset=utf-8"))
    page.goto("http://localhost/")
    page.evaluate("js => new Function('element', 'trigger', js)(document.getElementById('drawn'))", SEND_CLICKS)
    for _ in range(2):
        page.click("button")
        expect(page.locator("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == patch
    expect(page.locator("button")).to_have_text("Copy patch")
    page.close()


def test_an_example_in_javascript_fills_the_form_in_its_colours(visit: Visit) -> None:
    visit.go("learn")
    visit.page.click("#rsolv-example-javascript")
    editor = visit.page.locator("#rsolv-before .cm-content")
    expect(editor).to_have_attribute("data-language", "javascript")
    expect(editor).to_contain_text("exports.search")


def test_a_cycle_that_fails_while_it_is_watched_says_so(visit: Visit) -> None:
    with visit.service.client() as admin, ThreadPoolExecutor(1) as pool:
        learn(visit)
        is_over = Event()
        killing = pool.submit(kill_validators, admin, is_over)
        try:
            expect(visit.page.locator(".outcome")).to_contain_text("did not come to an end", timeout=PATIENCE_MS)
        finally:
            is_over.set()
        assert killing.result() > 0
    expect(visit.page.locator(".steps li.failed")).not_to_have_count(0)


def kill_validators(admin: httpx.Client, is_over: Event) -> int:
    """Kill every validator that runs, again and again; returns how many were killed."""
    killed: set[int] = set()
    while not is_over.wait(0.05):
        for one in leaves(admin.get("/tree").raise_for_status().json()["items"]):
            if one["id"].startswith("validator/") and one["pid"] and one["pid"] not in killed:
                killed.add(one["pid"])
                with suppress(ProcessLookupError):
                    os.kill(one["pid"], signal.SIGKILL)
    return len(killed)


def test_code_that_does_not_parse_ends_in_words(visit: Visit) -> None:
    learn(visit, "def find(:\n    run('%s' % x\n", "def find(:\n    run('%s', x\n")
    expect(visit.page.locator(".outcome")).to_contain_text("does not parse", timeout=PATIENCE_MS)
