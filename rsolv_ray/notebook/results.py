"""What came of a fix, a rule and a scan, as a cell shows them and as a researcher takes them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from rsolv_ray.cli.words import cycle_lines
from rsolv_ray.engine.rules.configuration import dump_rules
from rsolv_ray.model.cycle import Cycle, Outcome
from rsolv_ray.model.finding import ScanRecord
from rsolv_ray.model.report import ValidationReport
from rsolv_ray.model.rule import Rule
from rsolv_ray.notebook import markup, tables


class RuleView:
    """A rule with its proof; `noun` is the value itself."""

    def __init__(self, rule: Rule, judge: Callable[[Rule], ValidationReport]) -> None:
        self.noun = rule
        self.id = str(rule.id)
        self.yaml: str = dump_rules([rule.definition])
        self._judge = judge

    def prove(self) -> pd.DataFrame:
        """Run the rule on its cases now: what it must do on each, where it fired, and whether that is as it must be."""
        return tables.of_cases(self.noun.cases, self._judge(self.noun).cases)

    def __repr__(self) -> str:
        return "\n".join([*(f"{name}: {value}" for name, value in self._said().items()), "", self.yaml])

    def _repr_html_(self) -> str:
        return markup.fields(self._said()) + markup.code(self.yaml)

    def _said(self) -> dict[str, object]:
        rule, quality = self.noun, self.noun.quality
        return {
            "rule": f"{rule.id}, version {rule.version}, {rule.state}",
            "weakness": ", ".join(rule.cwe) or "not named",
            "message": rule.message,
            "confidence": rule.confidence,
            "on its cases": f"precision {quality.precision:.2f}, recall {quality.recall:.2f}, F1 {quality.f1:.2f} "
            f"({quality.tp + quality.fn} must be flagged, {quality.tn + quality.fp} must not)",
            "noise": rule.density.words if rule.density else "unknown: there was no clean code to try it on",
        }


class CycleResult:
    """What came of a fix. `rule` is None where none was learned; then `noun.reason` says why."""

    def __init__(self, cycle: Cycle, rule: RuleView | None) -> None:
        self.noun = cycle
        self.rule = rule
        self.id = str(cycle.id)
        self.learned = cycle.rule is not None

    @property
    def outcome(self) -> Outcome | None:
        """None while the cycle runs on."""
        return self.noun.outcome

    @property
    def refused(self) -> pd.DataFrame:
        """The candidates that did not pass, and the gate at which each failed."""
        rows = ((one.candidate, str(one.proposer), one.reason) for one in self.noun.rejected)
        return tables.frame(("candidate", "proposer", "reason"), rows, index="candidate")

    def __repr__(self) -> str:
        return "\n".join(lines_of(self.noun))

    def _repr_html_(self) -> str:
        return markup.of_cycle(self.noun)


class ScanResult:
    """A scan that ended. `findings` are all that it saw, new or known, whatever was said of them."""

    def __init__(self, record: ScanRecord, findings: pd.DataFrame) -> None:
        self.noun = record
        self.findings = findings

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {value}" for name, value in scan_fields(self.noun).items())

    def _repr_html_(self) -> str:
        return markup.fields(scan_fields(self.noun))


def scan_fields(record: ScanRecord) -> dict[str, object]:
    """A scan in a few words, by their names."""
    report = record.report
    if report is None:
        return {"scan": f"{record.status}, {len(record.scan.rules)} rules"}
    said: dict[str, object] = {
        "scan": record.status,
        "looked at": f"{report.files} files of {report.repositories} repositories, with {len(record.scan.rules)} rules",
        "findings": f"{report.findings} ({report.opened} new, {report.fixed} fixed, {report.reopened} back again)",
        "took": f"{report.duration_ms} ms",
    }
    return said | ({"errors": "; ".join(report.errors)} if report.errors else {})


def lines_of(cycle: Cycle) -> Sequence[str]:
    """A cycle as text."""
    return cycle_lines(cycle.model_dump(mode="json"))
