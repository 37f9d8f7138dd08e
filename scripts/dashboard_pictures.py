#!/usr/bin/env python3
"""What does the dashboard look like? Opens every page in Chromium, light and dark, wide and as on a phone.

.venv/bin/python scripts/dashboard_pictures.py            # writes the pictures of the documents to docs/images
.venv/bin/python scripts/dashboard_pictures.py --all DIR  # every page in every look, to look at

The service is one of its own, with the two examples as repositories and some fixes learned and judged.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from rsolv_ray.cli.example import NAMES, build
from rsolv_ray.cli.fixes import fix_of_commit
from rsolv_ray.cli.own_service import OwnService
from rsolv_ray.cli.remote import Service

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
WIDE, PHONE = (1280, 900), (390, 844)
DRAWN_MS, COLOURS = 30_000, 128
SMALL_FIXES = (
    (
        "Hash with SHA-256",
        "CWE-328",
        "shop/tokens.py",
        "import hashlib\n\n\ndef token(text):\n    return hashlib.md5(text.encode()).hexdigest()\n",
        "import hashlib\n\n\ndef token(text):\n    return hashlib.sha256(text.encode()).hexdigest()\n",
    ),
    (
        "Load settings as data",
        "CWE-502",
        "shop/settings.py",
        "import yaml\n\n\ndef settings(file):\n    return yaml.load(file, Loader=yaml.Loader)\n",
        "import yaml\n\n\ndef settings(file):\n    return yaml.load(file, Loader=yaml.SafeLoader)\n",
    ),
    (
        "Start the converter without a shell",
        "CWE-78",
        "shop/labels.py",
        "import subprocess\n\n\ndef convert(name):\n    subprocess.run(f'convert {name} out.png', shell=True)\n",
        "import subprocess\n\n\ndef convert(name):\n    subprocess.run(['convert', name, 'out.png'])\n",
    ),
    (
        "Say what the module is for",
        "CWE-20",
        "shop/notes.py",
        "def note(text):\n    return text\n",
        "# Notes of the shop.\ndef note(text):\n    return text\n",
    ),
)


@dataclass(frozen=True)
class View:
    """A page to take: its name, its address below `/dashboard/`, and an element that is there when it is drawn."""

    name: str
    path: str
    drawn: str


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--all", type=Path, metavar="DIR", help="take every page in every look, into this folder")
    wanted: Path | None = options.parse_args().all
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is not installed: on Debian, apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="rsolv-", ignore_cleanup_errors=True) as made:
        folder = Path(made).resolve()
        with OwnService(folder) as running, sync_playwright() as playwright:
            key, views = prepared(running, folder)
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            camera = Camera(browser, running.url, key, views)
            camera.every_look(wanted) if wanted else camera.of_documents()
            browser.close()
    print(f"requests went to {', '.join(sorted(camera.hosts))}")


def prepared(running: OwnService, folder: Path) -> tuple[str, dict[str, View]]:
    """Learn, judge and approve something. Returns the secret of a key, and the pages."""
    admin_key = running.wait_until_ready(lambda part, state: print(f"{part}: {state}"))
    with Service(running.url, admin_key) as admin:
        admin.post("orgs", {"name": "teashop", "title": "Tea Shop"})
        key = str(
            admin.post("orgs/teashop/keys", {"name": "pictures", "scopes": ["read", "write", "manage"]})["secret"]
        )
    with Service(running.url, key) as service:
        return key, filled(service, folder)


def filled(service: Service, folder: Path) -> dict[str, View]:
    examples = [build(name, folder / name) for name in NAMES]
    for one in examples:
        service.post("orgs/teashop/repositories", {"location": str(one.root), "name": one.name})
    bodies = [fix_of_commit(one.root, one.fix_commit).model_dump(mode="json", exclude_none=True) for one in examples]
    for title, cwe, path, before, after in SMALL_FIXES:
        bodies.append({"title": title, "cwe": [cwe], "changes": [{"path": path, "before": before, "after": after}]})
    cycles = [ended(service, service.post("orgs/teashop/fixes", body)["id"]) for body in bodies]
    first = cycles[0]
    found: list[dict[str, Any]] = service.get("orgs/teashop/findings", rule=first["rule"]["id"], limit=50)["items"]
    patched = {one["proposal"]["finding"] for one in service.get("orgs/teashop/proposals", limit=50)["items"]}
    shown = next(one["finding"]["id"] for one in found if one["finding"]["id"] in patched)
    for number, one in enumerate(one for one in found if one["finding"]["id"] != shown):
        if number < 5:
            label = "false_positive" if number == 3 else "true_positive"
            service.post(
                f"orgs/teashop/findings/{one['finding']['id']}/triage", {"label": label, "reason": "read by hand"}
            )
    service.post(
        f"orgs/teashop/rules/{first['rule']['id']}/state", {"state": "active", "reason": "right on every place"}
    )
    views = (
        View("overview", "", "#rsolv-score h2"),
        View("rules", "rules", "#rsolv-rules table, #rsolv-rule table"),
        View("rule", f"rules?rule={first['rule']['id']}", "#rsolv-rule pre, #rsolv-rules pre"),
        View("findings", "findings", "#rsolv-finding table, #rsolv-findings table"),
        View("finding", f"findings?finding={shown}", "#rsolv-finding pre, #rsolv-findings pre"),
        View("learn", "learn", "#rsolv-learn"),
        View("cycle", f"learn?cycle={first['id']}", ".steps"),
    )
    return {one.name: one for one in views}


def ended(service: Service, cycle: str) -> dict[str, Any]:
    while True:
        told: dict[str, Any] = service.get(f"orgs/teashop/cycles/{cycle}")
        if told["outcome"]:
            print(f"{told['title'] or cycle}: {told['outcome']}")
            return told
        time.sleep(0.3)


@dataclass
class Camera:
    """Somebody with a key who opens pages. `hosts` are all that were asked for something."""

    browser: Browser
    url: str
    key: str
    views: dict[str, View]
    hosts: set[str] = field(default_factory=set)

    def of_documents(self) -> None:
        """The few pictures that the documents show."""
        for name, view, size, scheme in (
            ("dashboard", "overview", WIDE, "light"),
            ("rule", "rule", WIDE, "light"),
            ("findings", "findings", WIDE, "dark"),
            ("finding", "finding", WIDE, "light"),
            ("learn", "cycle", WIDE, "light"),
            ("phone", "overview", PHONE, "light"),
        ):
            with self.window(size, scheme) as page:
                self.take(page, self.views[view], IMAGES / f"{name}.png", whole=False)

    def every_look(self, folder: Path) -> None:
        """All pages in all looks, from top to bottom."""
        folder.mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark"):
            for form, size in (("wide", WIDE), ("phone", PHONE)):
                with self.window(size, scheme) as page:
                    for view in self.views.values():
                        self.take(page, view, folder / f"{view.name}-{form}-{scheme}.png", whole=True)

    @contextmanager
    def window(self, size: tuple[int, int], scheme: Any) -> Iterator[Page]:
        """A browser window of that size and colour scheme, logged in."""
        page = self.browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        page.set_default_timeout(DRAWN_MS)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.goto(f"{self.url}/dashboard/login")
        page.fill("#key", self.key)
        page.click("button")
        page.wait_for_selector("header h1")
        yield page
        page.close()

    def take(self, page: Page, view: View, file: Path, *, whole: bool) -> None:
        page.goto(f"{self.url}/dashboard/{view.path}")
        page.wait_for_selector(view.drawn)
        page.wait_for_timeout(800)
        page.screenshot(path=file, full_page=whole)
        if not whole:
            picture = Image.open(file).convert("RGB")
            small = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            small.save(file, optimize=True)
        print(f"{file}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
