"""What a command writes as SARIF: of a folder here, and of what the service found."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.engine.sarif.line_hash import line_hashes
from rsolv_ray.model.batch import Batch, ScanResult
from rsolv_ray.model.finding import Repository, RepositoryKind, Scan, ScanReport, ScanTrigger
from rsolv_ray.model.ids import OrgName, ScanId
from tests.unit.cli.conftest import Served, rsolv
from tests.unit.store import samples

RULES = """
rules:
  - id: Eval
    languages: [python]
    severity: ERROR
    message: $X is run
    metadata: {cwe: ["CWE-95: Eval injection"], confidence: MEDIUM}
    pattern: eval($X)
"""
SOURCE = "def f(é):\n    return '€', eval(é)\n\ndef g(x):\n    return eval(x)  # nosemgrep: Eval\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES, encoding="utf-8")
    return file


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "shop" / "src"
    folder.mkdir(parents=True)
    (folder / "a b.py").write_text(SOURCE, encoding="utf-8")
    return folder


def run_in(text: str) -> dict[str, Any]:
    (run,) = json.loads(text)["runs"]
    return run


def scanned(rules: Path, place: Path, *more: str) -> dict[str, Any]:
    result = rsolv("scan", "--rules", str(rules), str(place), "--sarif", "-", *more)
    assert result.exit_code == 1, result.output
    return run_in(result.stdout)


def test_a_scan_here_is_told_on_standard_output_and_nothing_else(rules: Path, code: Path) -> None:
    run = scanned(rules, code)
    assert [one["ruleId"] for one in run["results"]] == ["Eval", "Eval"]
    assert run["tool"]["driver"]["rules"][0]["name"] == "EvalRule"


def test_a_result_here_stands_where_the_code_is_with_githubs_mark(rules: Path, code: Path) -> None:
    one = scanned(rules, code)["results"][0]
    place = one["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"]["snippet"]["text"] == "eval(é)"
    assert place["region"]["startColumn"] == SOURCE.split("\n")[1].index("eval") + 1
    assert one["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(SOURCE)[1]
    assert one["message"]["text"] == "é is run"


def test_a_comment_that_waives_a_rule_is_a_suppression(rules: Path, code: Path) -> None:
    assert [one["suppressions"] for one in scanned(rules, code)["results"]] == [
        [], [{"kind": "inSource", "status": "accepted"}],
    ]  # fmt: skip


def test_paths_begin_at_the_top_of_the_git_work_tree(rules: Path, code: Path) -> None:
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", "https://x:secret@github.com/acme/shop.git"],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "first"],
    ):
        subprocess.run(["git", *arguments], cwd=code.parent, check=True)
    run = scanned(rules, code)
    places = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]}
    assert places == {"src/a%20b.py"}
    (origin,) = run["versionControlProvenance"]
    assert origin["repositoryUri"] == "https://github.com/acme/shop.git"
    assert len(origin["revisionId"]) == 40


def test_the_same_scan_twice_gives_the_same_bytes(rules: Path, code: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        rsolv("scan", "--rules", str(rules), str(code), "--sarif", str(tmp_path / name))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_fingerprint_survives_lines_that_are_put_above(rules: Path, code: Path) -> None:
    before = scanned(rules, code)["results"][0]
    (code / "a b.py").write_text("import os\n\n\n" + SOURCE, encoding="utf-8")
    after = scanned(rules, code)["results"][0]
    assert after["partialFingerprints"]["rsolv/v1"] == before["partialFingerprints"]["rsolv/v1"]
    assert after["locations"] != before["locations"]


def test_a_file_that_is_not_understood_is_said(rules: Path, code: Path) -> None:
    (code / "broken.py").write_text("def (:\neval(1)\n", encoding="utf-8")
    notices = scanned(rules, code)["invocations"][0]["toolExecutionNotifications"]
    assert {one["descriptor"]["id"] for one in notices} == {"unread-file"}
    assert notices[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken.py"


def test_with_a_file_the_scan_is_shown_as_ever(rules: Path, code: Path, tmp_path: Path) -> None:
    result = rsolv("scan", "--rules", str(rules), str(code), "--sarif", str(tmp_path / "out.sarif"))
    assert result.exit_code == 1
    assert "a b.py:2" in result.stdout
    assert len(run_in((tmp_path / "out.sarif").read_text(encoding="utf-8"))["results"]) == 2


def test_a_scan_that_finds_nothing_writes_a_log_without_results(rules: Path, code: Path, tmp_path: Path) -> None:
    (code / "a b.py").write_text("x = 1\n", encoding="utf-8")
    result = rsolv("scan", "--rules", str(rules), str(code), "--sarif", str(tmp_path / "out.sarif"))
    assert result.exit_code == 0
    assert run_in((tmp_path / "out.sarif").read_text(encoding="utf-8"))["results"] == []


@pytest.mark.parametrize("place", ["nowhere/out.sarif", "."])
def test_a_place_that_cannot_be_written_is_told_before_the_work(
    rules: Path, code: Path, tmp_path: Path, place: str
) -> None:
    result = rsolv("scan", "--rules", str(rules), str(code), "--sarif", str(tmp_path / place))
    assert result.exit_code == 2
    assert "--sarif cannot write" in result.stderr
    assert result.stdout == ""


def test_two_kinds_of_output_do_not_share_standard_output(rules: Path, code: Path) -> None:
    assert rsolv("scan", "--rules", str(rules), str(code), "--sarif", "-", "--json").exit_code == 2
    assert rsolv("findings", "list", "--sarif", "-", "--json").exit_code == 2


@pytest.fixture
def found(served: Served, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two findings of a scan that the service ran, one of them with a patch; the next scan finds the same."""
    org = served.wait_for(served.house.create_org(OrgName("acme"), "Acme", by="tests"))
    shop = Repository(
        id=samples.REPOSITORY, name="shop", kind=RepositoryKind.PATH, location="/srv/shop", added_at=datetime.now(UTC)
    )
    findings = [samples.finding(1), samples.finding(2)]
    patches = (samples.proposal(findings[0]),)

    def tell(verb: str, *given: Any, **named: Any) -> Any:
        return served.wait_for(served.house._tell(org.id, verb, *given, **named))

    tell("commit", Batch(rules=(samples.rule(),)))
    tell("add_repository", shop)

    async def scanned_at_once(*_: Any, **__: Any) -> Any:
        now = datetime.now(UTC)
        scan = Scan(
            id=ScanId.of(now.isoformat()), trigger=ScanTrigger.MANUAL, rules=(samples.RULE,), repositories=(shop.id,),
            started_at=now,
        )  # fmt: skip
        await served.house._tell(org.id, "start_scan", scan)
        result = ScanResult(
            scan=scan.id, findings=tuple(findings), covered=((samples.RULE, shop.id),),
            report=ScanReport(repositories=1, files=2, findings=2),
        )  # fmt: skip
        await served.house._tell(org.id, "complete_scan", result)
        await served.house._tell(org.id, "commit", Batch(proposals=patches))
        return await served.house.scan(org.id, scan.id)

    monkeypatch.setattr(served.house, "start_scan", scanned_at_once)
    return findings


def test_a_scan_by_the_service_is_written_as_sarif(found: list[Any], tmp_path: Path) -> None:
    result = rsolv("scan", "--sarif", str(tmp_path / "out.sarif"))
    assert result.exit_code == 1, result.output
    run = run_in((tmp_path / "out.sarif").read_text(encoding="utf-8"))
    assert {one["fingerprints"]["rsolvFinding/v1"] for one in run["results"]} == {one.id for one in found}
    assert {one["baselineState"] for one in run["results"]} == {"new"}
    assert run["tool"]["driver"]["rules"][0]["id"] == samples.RULE
    assert sum("proposals" in one["properties"]["rsolv"] for one in run["results"]) == 1


def test_a_second_scan_finds_nothing_new(found: list[Any]) -> None:
    rsolv("scan", "--sarif", "-")
    run = run_in(rsolv("scan", "--sarif", "-").stdout)
    assert {one["baselineState"] for one in run["results"]} == {"unchanged"}


def test_findings_are_listed_as_sarif_by_what_is_asked(found: list[Any]) -> None:
    rsolv("scan")
    assert len(run_in(rsolv("findings", "list", "--state", "open", "--sarif", "-").stdout)["results"]) == len(found)
    assert run_in(rsolv("findings", "list", "--state", "fixed", "--sarif", "-").stdout)["results"] == []


def test_the_log_holds_more_than_the_list_shows(found: list[Any], tmp_path: Path) -> None:
    rsolv("scan")
    result = rsolv("findings", "list", "--limit", "1", "--json", "--sarif", str(tmp_path / "out.sarif"))
    assert len(json.loads(result.stdout)) == 1
    assert len(run_in((tmp_path / "out.sarif").read_text(encoding="utf-8"))["results"]) == len(found)


def test_what_has_to_be_mended_is_asked_for_true_positives_among_it(found: list[Any]) -> None:
    rsolv("scan")
    for label, left in (("true_positive", 2), ("false_positive", 1)):
        assert rsolv("findings", "triage", found[0].id, label).exit_code == 0
        assert len(run_in(rsolv("findings", "list", "--unresolved", "--sarif", "-").stdout)["results"]) == left
        said = run_in(rsolv("findings", "list", "--label", label, "--sarif", "-").stdout)["results"]
        assert [one["fingerprints"]["rsolvFinding/v1"] for one in said] == [found[0].id]


def test_findings_are_listed_with_the_names_of_their_repositories(found: list[Any]) -> None:
    told = (rsolv("scan").stdout, rsolv("findings", "list").stdout)
    assert all(line.split()[3] == "shop" for text in told for line in text.splitlines() if "fnd_" in line)
    assert all(text.count("fnd_") == len(found) for text in told)
    rsolv("repos", "remove", "shop")
    assert "(removed)" in rsolv("findings", "list").stdout
