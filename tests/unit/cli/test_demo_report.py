"""What the demo says of an outcome, and when it says that something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from rsolv_ray.cli.console import show_hanging
from rsolv_ray.cli.demo_outcome import Outcome, Registered, astray, outcome_of
from rsolv_ray.cli.demo_report import RULE_LINES, Report
from rsolv_ray.cli.example import EXAMPLES, BuiltExample, Place, compare, expectations
from rsolv_ray.model.errors import Rejected
from rsolv_ray.model.fix import FileChange

EXPECTED = expectations("tearoom")
EXAMPLE = BuiltExample("tearoom", "JavaScript", EXAMPLES / "tearoom", "a", "b", EXPECTED)
QUALITY = {"tp": 7, "fn": 0, "tn": 3, "fp": 0}
CYCLE = {"outcome": "learned", "reason": None, "rule": {"id": "javascript-1", "confidence": "HIGH", "quality": QUALITY}}
RULE = "rules:\n  - id: javascript-1\n    message: Long\n      words.\n    metadata:\n      category: security\n    mode: taint\n"


class Told:
    """What a service tells of these findings and patches."""

    def __init__(self, findings: Sequence[dict[str, Any]], proposals: Sequence[dict[str, Any]] = ()) -> None:
        self.findings, self.proposals = findings, proposals

    def pages(self, path: str, _limit: int) -> list[dict[str, Any]]:
        if path.endswith("findings"):
            return [{"finding": one} for one in self.findings]
        return [{"proposal": one} for one in self.proposals]

    def text(self, path: str, *, accept: str) -> str:
        assert (path, accept) == ("orgs/teashop/rules/javascript-1.yaml", "application/yaml")
        return RULE


def finding(place: Place, repository: str = "rep_tea", rule: str = "javascript-1") -> dict[str, Any]:
    span = {"start_line": place.line, "end_line": place.line}
    return {"id": str(place), "path": place.path, "span": span, "repository": repository, "rule": rule}


def outcome(
    findings: Sequence[dict[str, Any]], proposals: Sequence[dict[str, Any]] = (), cycle: dict[str, Any] = CYCLE
) -> Outcome:
    return outcome_of(Told(findings, proposals), "teashop", Registered(EXAMPLE, "rep_tea"), cycle, 1.25)  # type: ignore[arg-type]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[Callable[[Report], None]], str]:
    """What a report says of something."""

    def tell(what: Callable[[Report], None], *, quiet: bool = False) -> str:
        what(Report(quiet=quiet))
        return capsys.readouterr().out

    return tell


def test_findings_in_another_repository_do_not_count() -> None:
    found = [*map(finding, EXPECTED.instances[1:]), finding(EXPECTED.instances[0], repository="rep_other")]
    assert outcome(found).comparison.missed == EXPECTED.instances[:1]


def test_all_found_and_nothing_else_is_as_it_should_be() -> None:
    assert not EXPECTED.patched
    assert outcome([finding(place) for place in EXPECTED.instances]).unexpected == ""


def test_what_is_missed_is_told_with_its_example() -> None:
    wrong = outcome([finding(place) for place in EXPECTED.instances[1:]]).unexpected
    assert wrong == f"tearoom: not found: {EXPECTED.instances[0]}"


def test_a_cycle_that_learned_only_in_part_is_not_as_it_should_be() -> None:
    partial = {**CYCLE, "outcome": "partial", "reason": "scan abandoned"}
    found = [finding(place) for place in EXPECTED.instances]
    assert outcome(found, cycle=partial).unexpected == "tearoom: the cycle ended as partial (scan abandoned)"


def test_a_patch_belongs_to_the_place_of_its_finding() -> None:
    place = EXPECTED.instances[2]
    patch = {"finding": str(place), "repository": "rep_tea", "diff": ""}
    assert outcome([finding(one) for one in EXPECTED.instances], [patch]).comparison.patched == (place,)


def test_a_cycle_without_a_rule_is_told_with_its_reason() -> None:
    with pytest.raises(Rejected, match=r"tearoom: no rule was learned \(nothing can be matched\)"):
        outcome([], cycle={"outcome": "no_rule", "reason": "nothing can be matched", "rule": None})


def test_a_finding_by_the_rule_of_the_other_language_is_told() -> None:
    rules = {"rep_tea": "javascript-1", "rep_shop": "python-1"}
    ours, theirs = finding(EXPECTED.instances[0]), finding(EXPECTED.instances[1], rule="python-1")
    assert astray(Told([ours]), "teashop", rules) == ""  # type: ignore[arg-type]
    assert astray(Told([ours, theirs]), "teashop", rules).endswith(f"{EXPECTED.instances[1]} by python-1")  # type: ignore[arg-type]


def test_the_summary_has_a_row_of_figures_for_each_example(told: Callable[..., str]) -> None:
    made = outcome([finding(place) for place in (*EXPECTED.instances[1:], EXPECTED.lookalikes[0])])
    row = next(line for line in told(lambda report: report.summary([made])).splitlines() if "tearoom" in line)
    found, safe = len(EXPECTED.instances), len(EXPECTED.lookalikes) + 1
    assert row.split("javascript-1")[1].split() == f"{found - 1} of {found} {safe - 1} of {safe} 0 1.2".split()


def test_what_is_missed_and_what_is_wrongly_flagged_is_told(told: Callable[..., str]) -> None:
    made = outcome([finding(place) for place in (*EXPECTED.instances[1:], EXPECTED.lookalikes[0])])
    text = told(lambda report: report.outcome(made))
    assert f"missed: {EXPECTED.instances[0]}" in text
    assert f"wrongly flagged: {EXPECTED.lookalikes[0]}" in text
    assert all(
        f"weak too, but beyond what the engine can see: {place}: {place.note}" in text for place in EXPECTED.beyond
    )


def test_of_a_rule_it_shows_what_it_matches_and_how_much_is_left(told: Callable[..., str]) -> None:
    made = outcome([])
    long = Outcome(**{**vars(made), "yaml": RULE + "    x:\n" * RULE_LINES})
    text = told(lambda report: report.outcome(long))
    assert "    mode: taint\n" in text
    assert "words." not in text
    assert "category" not in text
    assert "... and 3 lines more: rsolv rules show javascript-1" in text


def test_findings_that_open_in_a_burst_are_told_in_one_line(told: Callable[..., str]) -> None:
    def burst(report: Report) -> None:
        for place in EXPECTED.instances:
            report.event("FindingOpened", str(place))
        report.event("ScanCompleted", "all done")

    first, second = told(burst).splitlines()
    assert first.endswith(f"FindingOpened     {len(EXPECTED.instances)} times, listed below")
    assert second.endswith("ScanCompleted     all done")


def test_of_a_fix_the_changed_lines_are_shown(told: Callable[..., str]) -> None:
    change = FileChange(path="a.js", before="a();\n  b(x);\n", after="a();\n  b(y);\n", language="javascript")
    assert told(lambda report: report.change(change)).split("\n") == ["a.js", "", "- b(x);", "+ b(y);", "", ""]


def test_with_json_nothing_else_is_said(told: Callable[..., str]) -> None:
    def all_of_it(report: Report) -> None:
        report.heading("Starting")
        report.event("ScanCompleted", "all done")
        report.outcome(outcome([]))
        report.summary([outcome([])])

    assert told(all_of_it) != ""
    assert told(all_of_it, quiet=True) == ""


def test_where_the_fix_has_changed_the_code_what_is_there_now_is_shown(
    told: Callable[..., str], tmp_path: Path
) -> None:
    mended = Place("a.js", 2, "query(`old`)", "mended")
    (tmp_path / "a.js").write_text("f();\n    query('new');\n", encoding="utf-8")
    changed = replace(EXPECTED, fixed=mended, lookalikes=(), instances=(), beyond=())
    example = replace(EXAMPLE, root=tmp_path, expected=changed)
    made = replace(outcome([]), example=example, comparison=compare([], changed))
    row = next(line for line in told(lambda report: report.outcome(made)).splitlines() if str(mended) in line)
    assert row.split() == [str(mended), "mended", "query('new');"]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsolv_ray.cli.console.WIDTH_OF_A_PIPE", 80)


@pytest.mark.usefixtures("narrow")
def test_on_a_narrow_terminal_there_is_no_code_and_nothing_wraps(told: Callable[..., str]) -> None:
    made = outcome([finding(place) for place in EXPECTED.instances])
    text = told(lambda report: (report.outcome(made), report.summary([made])))
    rows = [line for line in text.splitlines() if line.startswith((f"{EXPECTED.instances[0]} ", "tearoom "))]
    assert [row.split()[-1] for row in rows] == [EXPECTED.instances[0].note.split()[-1], "1.2"]
    assert "javascript-1" not in rows[1]


def test_where_a_line_is_too_wide_what_follows_is_indented() -> None:
    out = StringIO()
    line = Text("  60.4 s  RuleRejected      it flags nothing that an accepted rule does not flag")
    show_hanging(line, Console(file=out, width=50), 28)
    first, *rest = out.getvalue().splitlines()
    assert first.startswith("  60.4 s  RuleRejected      it ")
    assert rest
    assert all(one.startswith(" " * 28) and one[28] != " " and len(one) <= 50 for one in rest)


def test_why_a_place_has_no_patch_is_told(told: Callable[..., str]) -> None:
    made = outcome([finding(place) for place in EXPECTED.instances])
    assert "mend them by hand" in told(lambda report: report.outcome(made))
    able = replace(made, yaml=RULE + "    fix: f($X)\n")
    assert "has proved it" in told(lambda report: report.outcome(able))
    assert "has proved it" not in told(lambda report: report.outcome(replace(able, findings=[])))
