"""The commands that speak to a service, against the real API and store."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.cli.example import build
from rsolv_ray.cli.fixes import fix_of_commit
from rsolv_ray.cli.remote import Service
from rsolv_ray.model.cycle import Cycle, Outcome
from rsolv_ray.model.ids import CycleId, OrgId, ProposalId
from tests.unit.cli.conftest import Served, rsolv


def told(*arguments: str) -> Any:
    """What a command says with --json; it has to end well."""
    result = rsolv(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def org(served: Served) -> str:
    return str(told("orgs", "create", "acme", "--title", "Acme")["name"])


def test_an_org_is_made_listed_and_deleted(served: Served) -> None:
    assert told("orgs", "create", "acme")["name"] == "acme"
    assert [one["name"] for one in told("orgs", "list")] == ["acme"]
    assert rsolv("orgs", "delete", "acme", "--yes").exit_code == 0
    assert told("orgs", "list") == []


def test_deleting_an_org_asks_first(org: str) -> None:
    result = rsolv("orgs", "delete", org)
    assert result.exit_code == 1
    assert [one["name"] for one in told("orgs", "list")] == [org]


def test_a_key_opens_its_org_and_a_revoked_one_does_not(org: str) -> None:
    issued = told("orgs", "key", org, "--scope", "read")
    secret = issued["secret"]
    assert rsolv("rules", "list", "--org", org, RSOLV_API_KEY=secret).exit_code == 0
    assert rsolv("repos", "remove", "x", "--org", org, RSOLV_API_KEY=secret).exit_code == 4
    assert [one["id"] for one in told("orgs", "key", org, "--list")] == [issued["key"]["id"]]
    assert rsolv("orgs", "key", org, "--revoke", issued["key"]["id"]).exit_code == 0
    assert rsolv("rules", "list", "--org", org, RSOLV_API_KEY=secret).exit_code == 4


def test_a_wrong_key_is_not_allowed(org: str) -> None:
    result = rsolv("rules", "list", "--org", org, RSOLV_API_KEY="rsk_" + "x" * 43)
    assert result.exit_code == 4
    assert "key" in result.stderr


def test_without_a_key_the_variables_are_named_and_no_header(org: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RSOLV_API_KEY")
    result = rsolv("rules", "list", "--org", org)
    assert result.exit_code == 4
    assert "RSOLV_API_KEY" in result.stderr
    assert "RSOLV_DATA_DIR" in result.stderr
    assert "Bearer" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        (("findings", "list", "--state", "gone"), "--state should be 'open', "),
        (("findings", "list", "--label", "maybe"), "--label should be 'true_positive', "),
        (("orgs", "key", "acme", "--scope", "root"), "--scope should be "),
        (("orgs", "key", "acme", "--expires-at", "soon"), "--expires-at"),
        (("findings", "triage", "fnd_0123456789abcdef01234567", "maybe"), "LABEL should be "),
    ],
)
def test_a_value_that_is_wrong_is_told_with_its_option(org: str, arguments: tuple[str, ...], begins: str) -> None:
    result = rsolv(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"rsolv: {begins}")


def test_what_is_not_there_is_not_found(org: str) -> None:
    assert rsolv("rules", "list", "--org", "nobody").exit_code == 5
    assert rsolv("rules", "show", "python-cwe-89-0000000000", "--org", org).exit_code == 5


def test_the_only_org_need_not_be_named_but_one_of_two_has_to(org: str) -> None:
    assert rsolv("repos", "list").exit_code == 0
    told("orgs", "create", "other")
    result = rsolv("repos", "list")
    assert result.exit_code == 2
    assert "--org" in result.stderr
    assert rsolv("repos", "list", RSOLV_ORG=org).exit_code == 0


def test_a_repository_is_registered_by_a_relative_path_and_removed_by_name(
    org: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "code").mkdir()
    monkeypatch.chdir(tmp_path)
    assert told("repos", "add", "code")["location"] == str(tmp_path.resolve() / "code")
    assert [one["name"] for one in told("repos", "list")] == ["code"]
    assert rsolv("repos", "remove", "code").exit_code == 0
    assert told("repos", "list") == []


def test_a_repository_outside_the_allowed_roots_is_refused(org: str) -> None:
    result = rsolv("repos", "add", "/etc")
    assert result.exit_code == 1
    assert result.stderr.startswith("rsolv: ")
    assert "RSOLV_ALLOWED_ROOTS" in result.stderr


def test_a_fix_that_is_sent_twice_is_one_cycle(org: str, tmp_path: Path) -> None:
    shop = build("shop", tmp_path / "shop")
    sent = [told("learn", "--commit", shop.fix_commit, "--repo", str(shop.root)) for _ in range(2)]
    assert sent[0]["id"] == sent[1]["id"]
    assert sent[0]["steps"].keys() >= {"synthesis", "judgement", "scan"}


def test_learning_that_does_not_end_in_time_is_told(org: str, tmp_path: Path) -> None:
    shop = build("shop", tmp_path / "shop")
    result = rsolv("learn", "--commit", "HEAD", "--repo", str(shop.root), "--wait", "0.1")
    assert result.exit_code == 6
    assert "running" in result.stdout


def test_learning_waits_for_the_patches_and_tells_them(
    served: Served, org: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, now = build("shop", tmp_path / "shop"), iter(range(100))
    true_cycle = served.house.cycle

    async def cycle(org: OrgId, name: CycleId) -> Cycle:
        told = await true_cycle(org, name)
        if next(now) < 3:
            return told
        patches = tuple(ProposalId.of(number) for number in range(23))
        return told.model_copy(update={"outcome": Outcome.LEARNED, "proposals": patches})

    async def scan_has_ended(org: OrgId, name: CycleId, _wait_s: float) -> Cycle:
        return await true_cycle(org, name)

    monkeypatch.setattr(served.house, "cycle", cycle)
    monkeypatch.setattr(served.house, "wait_for_cycle", scan_has_ended)
    out = rsolv("learn", "--commit", "HEAD", "--repo", str(shop.root), "--wait", "60").stdout
    assert "learned" in out.splitlines()[0]
    assert "patches offered: 23" in out
    assert f"  rsolv proposals show {ProposalId.of(0)}" in out
    assert out.count("  rsolv proposals show ") == 20
    assert "... and 3 more" in out


def test_the_log_is_followed_from_its_beginning(org: str, tmp_path: Path) -> None:
    shop = build("shop", tmp_path / "shop")
    told("learn", "--commit", "HEAD", "--repo", str(shop.root))
    result = rsolv("events", "tail", "--after", "0", "--count", "1")
    assert result.exit_code == 0
    assert "FixReceived" in result.stdout
    assert "Pass the customer's id as a parameter (CWE-89, shop/customers.py)" in result.stdout


def test_an_event_is_told_when_it_happens(served: Served, org: str, tmp_path: Path) -> None:
    fix = fix_of_commit(build("shop", tmp_path / "shop").root, "HEAD").model_dump(mode="json")
    service, is_heard = Service(served.url, served.admin_key), threading.Event()

    def post() -> None:
        number = 0
        while not is_heard.wait(0.5):  # the first may come before anybody listens
            number += 1
            service.post(f"orgs/{org}/fixes", {**fix, "changes": [{**fix["changes"][0], "path": f"shop/{number}.py"}]})

    posting = threading.Thread(target=post)
    posting.start()
    result = rsolv("events", "tail", "--types", "FixReceived", "--count", "1", "--json")
    is_heard.set()
    posting.join()
    assert json.loads(result.stdout)["event"]["type"] == "FixReceived"


def test_an_unknown_event_type_is_told_with_the_nearest(org: str) -> None:
    result = rsolv("events", "tail", "--types", "FixRecieved")
    assert result.exit_code == 1
    assert "FixReceived" in result.stderr


def test_nothing_to_scan_is_told(org: str) -> None:
    result = rsolv("scan")
    assert result.exit_code == 1
    assert "nothing to scan" in result.stderr


def test_empty_lists_say_so(org: str) -> None:
    for command in ("rules", "findings", "proposals"):
        result = rsolv(command, "list")
        assert result.exit_code == 0
        assert result.stdout.strip().startswith(("no ", "there is no"))


def test_a_list_takes_the_states_that_exist(org: str) -> None:
    assert rsolv("rules", "list", "--state", "active", "--state", "monitor").exit_code == 0
    assert rsolv("rules", "list", "--state", "asleep").exit_code == 1


def test_where_nobody_listens_the_service_is_unavailable() -> None:
    result = rsolv("rules", "list", "--org", "acme", "--url", "http://127.0.0.1:9")
    assert result.exit_code == 3
    assert "rsolv serve" in result.stderr


def test_the_key_that_serve_keeps_is_used_on_this_machine_alone(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RSOLV_API_KEY")
    assert rsolv("orgs", "list").exit_code == 4
    kept = tmp_path / "data" / "admin.key"
    kept.write_text(served.admin_key + "\n")
    assert rsolv("orgs", "list").exit_code == 0
    from rsolv_ray.cli.remote import connect

    with connect("http://192.0.2.1:8080") as service:
        assert "authorization" not in service._http.headers
