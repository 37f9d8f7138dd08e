"""Does the log say what the findings are, in SARIF's own terms?"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsolv_ray.engine.sarif.findings import of_findings, of_scan
from rsolv_ray.engine.sarif.log import Report, Result, Root, dumped, log_of, uri_of
from rsolv_ray.engine.sarif.rules import RuleText
from rsolv_ray.model.finding import (
    FindingState,
    Scan,
    ScanRecord,
    ScanReport,
    ScanStatus,
    ScanTrigger,
    Span,
    Triage,
    TriageLabel,
)
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import RuleId
from rsolv_ray.model.rule import Confidence
from tests.unit.engine.sarif.samples import (
    AFTER,
    BEFORE,
    FIRST,
    LATEST,
    MESSAGE,
    NOW,
    SHOP,
    offer,
    record,
    repository,
    summary,
    told,
)


def run_of(*findings: Any, **changes: Any) -> dict[str, Any]:
    """The one run of the log of these findings, as a reader gets it."""
    return json.loads(dumped(of_findings(told(*findings, **changes))))["runs"][0]


def rule_of(**changes: Any) -> dict[str, Any]:
    (rule,) = run_of(record(), rules=(summary(**changes),))["tool"]["driver"]["rules"]
    return rule


def scan_record(status: ScanStatus, *errors: str) -> ScanRecord:
    scan = Scan(id=LATEST, trigger=ScanTrigger.MANUAL, rules=(), repositories=(SHOP.id,), started_at=NOW)
    report = ScanReport(errors=errors) if status is ScanStatus.DONE or errors else None
    return ScanRecord(scan=scan, status=status, report=report, finished_at=NOW)


def test_a_rule_that_is_named_often_is_told_once_and_found_by_its_index() -> None:
    other = RuleId("a-first")
    run = run_of(record(), record(number=1), record(number=2, rule=other), rules=(summary(), summary(other)))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [other, record().finding.rule]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def test_a_rule_tells_what_why_and_what_instead() -> None:
    text = rule_of()["help"]["text"]
    assert text.startswith("What: A database statement is built by putting values into its text.\n\nWhy: A value that")
    assert "Instead: Leave placeholders in the statement" in text
    assert "Weakness: CWE-89 SQL injection" in text
    assert text.endswith(f"Learned from: {summary().origin_fixes[0]}")


def test_the_name_of_a_rule_is_pascal_case_and_not_its_id() -> None:
    assert rule_of()["name"] == "PythonCwe89Abc"


def test_a_rule_bears_its_weaknesses_as_tags_and_as_taxa() -> None:
    run = run_of(record())
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["properties"]["tags"] == ["security", "external/cwe/cwe-089", "external/cwe/cwe-564"]
    assert [one["target"]["id"] for one in rule["relationships"]] == ["CWE-89", "CWE-564"]
    assert [taxon["id"] for taxon in run["taxonomies"][0]["taxa"]] == ["CWE-89", "CWE-564"]


@pytest.mark.parametrize(
    ("severity", "level", "low", "high"),
    [("critical", "error", 9.0, 10.0), ("high", "error", 7.0, 8.9), ("medium", "warning", 4.0, 6.9), ("low", "note", 0.1, 3.9)],
)  # fmt: skip
def test_a_severity_falls_in_githubs_range_of_the_same_name(severity: str, level: str, low: float, high: float) -> None:
    rule = rule_of(severity=Severity(severity))
    assert rule["defaultConfiguration"]["level"] == level
    assert low <= float(rule["properties"]["security-severity"]) <= high


def test_precision_is_the_rules_confidence() -> None:
    assert rule_of(confidence=Confidence.MEDIUM)["properties"]["precision"] == "medium"


def test_a_rule_tells_where_it_was_learned() -> None:
    own = rule_of()["properties"]["rsolv"]
    assert own["learnedFrom"] == list(summary().origin_fixes)
    assert own["state"] == "monitor"
    assert own["quality"]["precision"] == 1


def test_a_rule_that_is_not_known_any_more_is_told_with_the_words_of_its_finding() -> None:
    run = run_of(record(), rules=())
    assert run["tool"]["driver"]["rules"][0]["fullDescription"]["text"] == MESSAGE


def test_the_region_is_the_span_in_code_points_with_its_very_text() -> None:
    run = run_of(record())
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert place["region"] == {
        "startLine": 3, "startColumn": 12, "endLine": 3, "endColumn": 39, "snippet": {"text": 'db.execute("select %s" % n)'},
    }  # fmt: skip
    assert place["contextRegion"]["snippet"]["text"] == record().finding.snippet


def test_a_region_over_lines_has_the_text_between_its_columns() -> None:
    span = Span(start_line=1, start_column=3, end_line=3, end_column=2)
    (result,) = run_of(record(span=span, snippet="a(b,\r\n  c,\r\n)!"))["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["snippet"]["text"] == "b,\r\n  c,\r\n)"


def test_a_snippet_that_was_cut_is_not_passed_off_as_the_region() -> None:
    span = Span(start_line=1, start_column=1, end_line=1, end_column=30_000)
    (result,) = run_of(record(span=span, snippet="x" * 20_000))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert "snippet" not in place["region"]
    assert "contextRegion" not in place


def test_lines_that_are_shorter_than_the_span_are_not_its_text() -> None:
    (result,) = run_of(record(snippet="db.execute(q)"))["results"]
    assert result["locations"][0]["physicalLocation"].keys() == {"artifactLocation", "region"}


def test_the_fingerprint_is_ours_and_the_identity_is_the_findings() -> None:
    found = record(number=7)
    (result,) = run_of(found)["results"]
    assert result["partialFingerprints"] == {"rsolv/v1": f"{7:032x}"}
    assert result["fingerprints"] == {"rsolvFinding/v1": found.finding.id}


def test_equal_code_in_two_files_has_one_fingerprint_and_two_identities() -> None:
    one, other = run_of(record("a.py"), record("b.py"))["results"]
    assert one["partialFingerprints"] == other["partialFingerprints"]
    assert one["fingerprints"] != other["fingerprints"]


def test_the_baseline_is_what_was_before_the_latest_scan() -> None:
    states = {
        "a.py": (FindingState.OPEN, LATEST), "b.py": (FindingState.OPEN, FIRST), "c.py": (FindingState.FIXED, LATEST),
        "d.py": (FindingState.REOPENED, LATEST), "e.py": (FindingState.TRIAGED, LATEST),
    }  # fmt: skip
    results = run_of(*(record(path, state=state, scan=scan) for path, (state, scan) in states.items()))["results"]
    assert [one["baselineState"] for one in results] == ["new", "unchanged", "absent", "new", "unchanged"]


@pytest.mark.parametrize("label", [TriageLabel.FALSE_POSITIVE, TriageLabel.IGNORED])
def test_a_triaged_finding_is_suppressed_with_its_reason(label: TriageLabel) -> None:
    triage = Triage(label=label, reason="a constant", by="somebody@example.com")
    run = run_of(record(state=FindingState.TRIAGED, triage=triage))
    assert run["results"][0]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "a constant"}
    ]
    assert "somebody" not in json.dumps(run)


def test_a_true_positive_is_not_suppressed() -> None:
    (result,) = run_of(record(state=FindingState.TRIAGED, triage=Triage(label=TriageLabel.TRUE_POSITIVE)))["results"]
    assert "suppressions" not in result


def test_where_one_result_is_suppressed_the_others_say_that_they_are_not() -> None:
    spared = record("b.py", state=FindingState.TRIAGED, triage=Triage(label=TriageLabel.IGNORED))
    one, other = run_of(record("a.py"), spared)["results"]
    assert one["suppressions"] == []
    assert other["suppressions"]


def test_a_patch_is_a_fix_that_gives_the_patched_text() -> None:
    found = record()
    (result,) = run_of(found, offers=(offer(found),))["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    lines = BEFORE.splitlines(keepends=True)
    for one in change["replacements"]:
        region = one["deletedRegion"]
        line = lines[region["startLine"] - 1]
        assert region["endLine"] == region["startLine"]
        changed = line[: region["startColumn"] - 1] + one["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
        lines[region["startLine"] - 1] = changed
    assert "".join(lines) == AFTER
    assert change["artifactLocation"] == result["locations"][0]["physicalLocation"]["artifactLocation"]


@pytest.mark.parametrize(
    "changes",
    [{"span": Span(start_line=4, start_column=12, end_line=4, end_column=39)}, {"snippet": "    return db.execute(q)"}],
)  # fmt: skip
def test_a_patch_of_an_older_text_is_no_fix(changes: dict[str, Any]) -> None:
    found = record(**changes)
    (result,) = run_of(found, offers=(offer(found),))["results"]
    assert "fixes" not in result
    assert result["properties"]["rsolv"]["proposals"] == [offer(found).id]


def test_a_single_repository_is_the_source_root_and_tells_where_it_comes_from() -> None:
    run = run_of(record())
    assert list(run["originalUriBaseIds"]) == ["%SRCROOT%"]
    assert run["versionControlProvenance"] == [
        {"repositoryUri": SHOP.location, "branch": "main", "mappedTo": {"uriBaseId": "%SRCROOT%"}}
    ]


def test_files_of_two_repositories_are_told_apart_by_their_base() -> None:
    api = repository("api", "/srv/secret/api")
    run = run_of(record(), record(place=api), repositories=(SHOP, api))
    bases = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] for one in run["results"]]
    assert bases == ["api", "shop"]
    assert "/srv/secret" not in json.dumps(run)
    assert "versionControlProvenance" not in run


def test_the_category_ends_in_a_slash_and_names_org_and_repository() -> None:
    assert log_of(of_findings(told(record()), SHOP))["runs"][0]["automationDetails"] == {"id": "rsolv/acme/shop/"}


def test_what_is_left_out_is_said() -> None:
    (invocation,) = run_of(record(), more="There are more.")["invocations"]
    (notice,) = invocation["toolExecutionNotifications"]
    assert (notice["descriptor"]["id"], notice["message"]["text"]) == ("results-cut", "There are more.")


def test_a_scan_tells_its_errors_its_times_and_that_it_ended_well() -> None:
    run = log_of(of_scan(told(record()), scan_record(ScanStatus.DONE, "shop: a.py: Timeout")))["runs"][0]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert run["properties"]["rsolv"] == {"scan": LATEST, "trigger": "manual"}
    assert invocation["startTimeUtc"] == "2026-01-02T03:04:05.000Z"
    assert [one["message"]["text"] for one in invocation["toolExecutionNotifications"]] == ["shop: a.py: Timeout"]


def test_a_failed_scan_is_no_success() -> None:
    run = log_of(of_scan(told(), scan_record(ScanStatus.FAILED)))["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_no_finding_gives_an_empty_list_of_results() -> None:
    assert run_of()["results"] == []


def test_equal_findings_in_another_order_give_equal_bytes() -> None:
    found = [record(f"{name}.py", number=number) for name in "cab" for number in (2, 1)]
    offers = [offer(one) for one in found]
    logs = {dumped(of_findings(told(*some, offers=tuple(offers)))) for some in (found, found[::-1])}
    assert len(logs) == 1


def test_braces_and_brackets_of_a_message_stand_for_themselves() -> None:
    (result,) = run_of(record(message="f'{x}' in [a](https://b)"))["results"]
    assert result["message"]["text"] == "f'{{x}}' in [a] (https://b)"


def test_html_in_a_rules_words_is_not_html_in_its_help() -> None:
    markdown = rule_of(message="<img src=x onerror=alert(1)> *b* [a](javascript:x)")["help"]["markdown"]
    assert "\\<img src=x onerror=alert(1)\\>" in markdown
    assert "[a](" not in markdown


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("app/db.py", "app/db.py"), ("a b/ü.py", "a%20b/%C3%BC.py"), ("a:b.py", "a%3Ab.py"), ("x?y#z.py", "x%3Fy%23z.py"),
        ("100%.py", "100%25.py"), ("a\\b.py", "a%5Cb.py"), ("../../etc/passwd", "etc/passwd"), ("/etc/passwd", "etc/passwd"),
        ("a/../../b.py", "b.py"), ("a//b.py", "a/b.py"), ("\ud800.py", "%EF%BF%BD.py"), ("a\nb.py", "a%0Ab.py"), ("..", "."),
    ],
)  # fmt: skip
def test_a_path_is_a_relative_uri(path: str, uri: str) -> None:
    assert uri_of(path) == uri


@settings(max_examples=300, derandomize=True)
@given(st.text(st.characters(exclude_categories=())))
def test_no_path_leads_out_of_its_repository_or_to_another_scheme(path: str) -> None:
    uri = uri_of(path)
    parts = urlsplit(uri)
    assert uri.isascii()
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert not unquote(uri).startswith("/")
    assert ".." not in uri.split("/")


HOSTILE = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(max_examples=200, derandomize=True)
@given(HOSTILE, HOSTILE, HOSTILE, st.tuples(*[st.integers(1, 9)] * 4))
def test_hostile_text_gives_json_that_holds_it(path: str, message: str, lines: str, place: tuple[int, ...]) -> None:
    span = Span(**dict(zip(("start_line", "start_column", "end_line", "end_column"), place, strict=True)))
    result = Result(
        rule="r", message=message, severity=Severity.LOW, path=path, base="b", span=span, fingerprint="v1:" + "0" * 32,
        identity="i", lines=lines,
    )  # fmt: skip
    report = Report(
        category="c/", rules=[RuleText("r", message, Severity.LOW)], results=[result], roots=[Root("b", path)]
    )
    written = dumped(report).decode("utf-8")
    (told_again,) = json.loads(written)["runs"][0]["results"]
    region = told_again["locations"][0]["physicalLocation"]["region"]
    if "endLine" in region:
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    safe = "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in message)
    assert told_again["message"]["text"].replace("{{", "{").replace("}}", "}").replace("] (", "](") == safe.replace(
        "] (", "]("
    )


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    span = Span(start_line=1, end_line=1)
    result = Result("r", "\udc80", Severity.LOW, "a.py", "b", span, "v1:" + "0" * 32, "i")
    report = Report("c/", [RuleText("r", "m", Severity.LOW)], [result], [Root("b", "top")])
    assert json.loads(dumped(report))["runs"][0]["results"][0]["message"]["text"] == "\ufffd"


def test_nothing_asks_for_a_login() -> None:
    assert b"requires login" not in dumped(of_findings(told(record())))
