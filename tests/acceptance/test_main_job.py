"""A fix goes in over HTTP; a proven rule, findings and patches come out, and the events tell of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from rsolv_ray.telemetry import declarations
from tests.acceptance.conftest import Service
from tests.runtime.samples import BEFORE, fix_json, write_repository


@pytest.fixture
def learned(service: Service, org: tuple[httpx.Client, str]) -> tuple[httpx.Client, str, Path, dict]:
    """An org that has learned from one fix; its repository holds two more instances."""
    client, name = org
    root = write_repository(service.code / name / "shop")
    client.post(f"/orgs/{name}/repositories", json={"name": "shop", "location": str(root)}).raise_for_status()
    answer = client.post(f"/orgs/{name}/fixes?wait=60", json=fix_json())
    assert answer.status_code == 202, answer.text
    path = f"/orgs/{name}/cycles/{answer.json()['id']}"
    cycle = until(client, path, lambda told: told["outcome"] is not None)
    return client, name, root, cycle


def until(client: httpx.Client, path: str, ended: Callable[[dict], bool], patience_s: float = 60.0) -> dict:
    """What `path` tells once it has ended."""
    deadline = time.monotonic() + patience_s
    while not ended(told := client.get(path).raise_for_status().json()):
        assert time.monotonic() < deadline, f"{path} did not end: {told}"
        time.sleep(0.1)
    return told


def test_a_fix_gives_a_rule_findings_and_a_patch_where_the_form_is_the_same(
    learned: tuple[httpx.Client, str, Path, dict],
) -> None:
    _, _, _, cycle = learned
    assert (cycle["outcome"], cycle["additional_matches"], len(cycle["proposals"])) == ("learned", 2, 1)
    assert cycle["rule"]["quality"]["recall"] == 1.0


def test_the_rule_comes_as_yaml_that_semgrep_runs(
    learned: tuple[httpx.Client, str, Path, dict], tmp_path: Path
) -> None:
    client, name, _, cycle = learned
    answer = client.get(
        f"/orgs/{name}/rules/{cycle['rule']['id']}", headers={"Accept": "application/yaml"}
    ).raise_for_status()
    assert yaml.safe_load(answer.text)["rules"][0]["id"] == cycle["rule"]["id"]
    (tmp_path / "rule.yaml").write_text(answer.text)
    (tmp_path / "users.py").write_text(BEFORE)
    command = [
        "semgrep",
        "scan",
        "--config",
        "rule.yaml",
        "--json",
        "--metrics=off",
        "--disable-version-check",
        "users.py",
    ]
    here = {"PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=os.environ | here)
    assert len(json.loads(done.stdout)["results"]) == 1


def test_a_patch_applies_and_its_finding_is_fixed(learned: tuple[httpx.Client, str, Path, dict]) -> None:
    client, name, root, cycle = learned
    for proposal in cycle["proposals"]:
        diff = client.get(f"/orgs/{name}/proposals/{proposal}", headers={"Accept": "text/x-diff"}).text
        subprocess.run(["git", "apply", "-"], cwd=root, input=diff, text=True, check=True)
    scan = client.post(f"/orgs/{name}/scans", json={}).raise_for_status().json()["scan"]["id"]
    record = until(client, f"/orgs/{name}/scans/{scan}", lambda told: told["status"] != "running")
    assert (record["report"]["findings"], record["report"]["fixed"]) == (1, 1)


def test_a_fix_that_is_sent_twice_is_one_fix(learned: tuple[httpx.Client, str, Path, dict]) -> None:
    client, name, _, cycle = learned
    again = client.post(f"/orgs/{name}/fixes", json=fix_json())
    assert (again.status_code, again.json()["id"]) == (200, cycle["id"])


def test_a_second_fix_of_the_same_weakness_teaches_no_second_rule(
    learned: tuple[httpx.Client, str, Path, dict],
) -> None:
    client, name, _, cycle = learned
    body = {
        "changes": [
            {
                "path": "app/tea.py",
                "before": "def tea(db, kind):\n    db.execute(f\"SELECT * FROM teas WHERE kind = '{kind}'\")\n",
                "after": 'def tea(db, kind):\n    db.execute("SELECT * FROM teas WHERE kind = %s", [kind])\n',
            }
        ],
        "cwe": ["CWE-89"],
    }
    second = client.post(f"/orgs/{name}/fixes?wait=60", json=body).raise_for_status().json()
    second = until(client, f"/orgs/{name}/cycles/{second['id']}", lambda told: told["outcome"] is not None)
    assert (second["outcome"], second["rule"]) == ("no_rule", None)
    assert f"the known rule {cycle['rule']['id']} already finds this" in second["reason"]


def test_the_events_of_a_cycle_can_be_followed_and_resumed(learned: tuple[httpx.Client, str, Path, dict]) -> None:
    client, name, _, _ = learned
    seen = list(first_events(client, name, 3))
    assert [event["id"] for event in seen] == ["1", "2", "3"]
    (resumed,) = first_events(client, name, 1, after="2")
    assert resumed == seen[2]


def first_events(client: httpx.Client, org: str, count: int, after: str = "0") -> list[dict[str, str]]:
    """The first events after a sequence number, read from the stream."""
    events: list[dict[str, str]] = []
    with client.stream("GET", f"/orgs/{org}/events", headers={"Last-Event-ID": after}) as stream:
        event: dict[str, str] = {}
        for line in stream.iter_lines():
            if line:
                field, _, value = line.partition(":")
                event[field] = value.strip()
            elif "id" in event:
                events.append(event)
                event = {}
            else:
                event = {}
            if len(events) == count:
                break
    return events


def test_a_change_that_only_adds_lines_ends_as_no_rule_and_says_so(org: tuple[httpx.Client, str]) -> None:
    client, name = org
    before = "def load(path):\n    return open(path).read()\n"
    body = {"changes": [{"path": "a.py", "before": before, "after": before + "\n\nCHECKED = True\n"}]}
    cycle = client.post(f"/orgs/{name}/fixes?wait=30", json=body).json()
    assert cycle["steps"]["synthesis"]["description"].endswith("nothing that was removed or changed can be matched")


def test_a_rule_of_the_callers_is_validated_on_the_callers_cases(org: tuple[httpx.Client, str]) -> None:
    client, name = org
    rule = {"id": "no-eval", "languages": ["python"], "severity": "ERROR", "message": "no eval", "pattern": "eval(...)"}
    cases = [
        {"kind": "fires", "path": "a.py", "code": "eval(x)\n"},
        {"kind": "silent", "path": "b.py", "code": "len(x)\n"},
    ]
    report = client.post(f"/orgs/{name}/rules/validate", json={"rule": rule, "cases": cases}).raise_for_status().json()
    assert (report["valid"], report["quality"]["f1"], [one["passed"] for one in report["cases"]]) == (
        True,
        1.0,
        [True, True],
    )


def test_the_service_says_that_it_is_alive_and_ready_without_a_key(service: Service) -> None:
    assert httpx.get(f"{service.url}/livez").status_code == 200
    assert httpx.get(f"{service.url}/readyz").json()["ready"] is True
    assert "rsolv_" in httpx.get(f"{service.url}/metrics").text


def test_after_a_cycle_every_metric_tells_something(
    learned: tuple[httpx.Client, str, Path, dict], service: Service
) -> None:
    told: set[tuple[str, str]] = set()
    deadline = time.monotonic() + 10
    while silent(told) and time.monotonic() < deadline:
        text = httpx.get(f"{service.url}/metrics").text
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        told |= {(sample.name, sample.labels["process"]) for sample in samples if sample.value > 0}
    assert silent(told) == set()
    assert {"gateway", "bank/0", "orchestrator/0"} <= {process for _, process in told}


def silent(told: set[tuple[str, str]]) -> set[str]:
    """The metrics without a count, but for those that have none while all goes well and nobody follows."""
    well = {"rsolv_commands_abandoned_total", "rsolv_child_restarts_total", "rsolv_event_streams"}
    names = {name.removesuffix("_count") for name, _ in told}
    return declarations().keys() - names - well
