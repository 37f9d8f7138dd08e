"""A service tries what it learns on clean code, once that is indexed after the start."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.acceptance.conftest import LOUD_LINE, Service

INDEXED_S = 60.0
RULE = {"id": "loud", "languages": ["python"], "severity": "ERROR", "message": "m", "pattern": "loudly_used($X)"}


def _density(client: httpx.Client, org: str, pattern: str) -> dict[str, Any] | None:
    body = {"rule": {**RULE, "pattern": pattern}, "cases": []}
    told = client.post(f"/orgs/{org}/rules/validate", json=body)
    told.raise_for_status()
    return told.json()["density"]


def _wait_until_indexed(client: httpx.Client, org: str) -> dict[str, Any]:
    deadline = time.monotonic() + INDEXED_S
    while time.monotonic() < deadline:
        if density := _density(client, org, "loudly_used($X)"):
            return density
        time.sleep(1)
    raise AssertionError(f"no clean code was indexed within {INDEXED_S:g} s")


def _learned(client: httpx.Client, org: str, before: str, after: str) -> dict[str, Any]:
    fix = {"changes": [{"path": "app.py", "before": before, "after": after}], "scan": False}
    cycle = client.post(f"/orgs/{org}/fixes", params={"wait": 60}, json=fix, timeout=90)
    cycle.raise_for_status()
    return cycle.json()


def test_a_loud_candidate_is_refused_with_the_numbers_and_a_quiet_rule_tells_its_density(
    service: Service, org: tuple[httpx.Client, str]
) -> None:
    client, name = org
    assert _wait_until_indexed(client, name)["findings"] == 40
    change = "def f(value):\n    {}(value)\n"
    loud = _learned(client, name, f"def f(value):\n    {LOUD_LINE}", change.format("calmly_used"))
    gates = [one["reason"] for one in loud["rejected"] if "clean code" in one["reason"]]
    assert gates
    assert all("4,000.0 findings in 100,000 lines of clean code (40 in 1,000)" in reason for reason in gates)
    quiet = _learned(client, name, change.format("rarely_used"), change.format("calmly_used"))
    rule = client.get(f"/orgs/{name}/rules/{quiet['rule']['id']}").json()
    assert rule["density"] == {
        "findings": 0, "lines": 1000, "per_100k_lines": 0.0, "margin": 0.0, "sampled": False, "files": 0, "possible_files": 0,
    }  # fmt: skip
    assert quiet["rule"]["density"] == rule["density"]
