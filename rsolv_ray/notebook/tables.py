"""How does a researcher get a table? Each noun as a row of a pandas DataFrame, the same columns even where it is empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from rsolv_ray.model.events import Recorded
from rsolv_ray.model.finding import FindingRecord, ProposalRecord, Repository
from rsolv_ray.model.intelligence import Intelligence
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.model.report import CaseResult
from rsolv_ray.model.rule import Case, CaseKind, RuleSummary


def frame(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, index: str | None = None) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=pd.Index(columns))
    return made.set_index(index) if index else made


def of_rules(rules: Iterable[RuleSummary]) -> pd.DataFrame:
    """Precision and recall are those on the rule's own cases."""
    columns = ("rule", "state", "version", "cwe", "languages", "severity", "confidence", "precision", "recall",
               "has_fix", "message", "created_at")  # fmt: skip
    rows = (
        (str(one.id), str(one.state), one.version, ", ".join(one.cwe), ", ".join(one.languages), str(one.severity),
         str(one.confidence), one.quality.precision, one.quality.recall, one.has_fix, one.message, one.created_at)
        for one in rules
    )  # fmt: skip
    return frame(columns, rows, index="rule")


def of_findings(records: Iterable[FindingRecord], names: Mapping[str, str]) -> pd.DataFrame:
    """`names` are those of repositories by their ids."""
    columns = ("finding", "state", "triage", "severity", "cwe", "repository", "path", "line", "code", "rule")
    rows = (
        (str(one.finding.id), str(one.state), str(one.triage.label) if one.triage else "", str(one.finding.severity),
         ", ".join(one.finding.cwe), names.get(one.finding.repository, str(one.finding.repository)), one.finding.path,
         one.finding.span.start_line, one.finding.snippet.strip(), str(one.finding.rule))
        for one in records
    )  # fmt: skip
    return frame(columns, rows, index="finding").sort_values(["repository", "path", "line"])


def of_proposals(records: Iterable[ProposalRecord]) -> pd.DataFrame:
    columns = ("proposal", "state", "path", "rule", "finding", "diff")
    rows = (
        (str(one.proposal.id), str(one.state), one.proposal.path, str(one.proposal.rule), str(one.proposal.finding),
         one.proposal.diff)
        for one in records
    )  # fmt: skip
    return frame(columns, rows, index="proposal")


def of_repositories(repositories: Iterable[Repository]) -> pd.DataFrame:
    columns = ("name", "kind", "location", "branch", "added_at")
    rows = ((one.name, str(one.kind), one.location, one.branch or "", one.added_at) for one in repositories)
    return frame(columns, rows, index="name")


def of_cases(cases: Sequence[Case], results: Sequence[CaseResult]) -> pd.DataFrame:
    """Each case of a rule with what the rule did on it. `lines` are where it fired, counted from 1."""
    columns = ("must", "case", "fired_on_lines", "passed", "code")
    rows = (
        ("fire" if cases[one.index].kind is CaseKind.FIRES else "stay silent", str(cases[one.index].source),
         ", ".join(map(str, one.lines)), one.passed, cases[one.index].code)
        for one in results
    )  # fmt: skip
    return frame(columns, rows)


def of_patterns(patterns: Iterable[Pattern]) -> pd.DataFrame:
    columns = ("pattern", "cwe", "language", "code", "encoder", "created_at")
    rows = (
        (str(one.id), ", ".join(one.cwe), one.language, one.snippet.strip(), one.encoder, one.created_at)
        for one in patterns
    )
    return frame(columns, rows, index="pattern")


def of_events(events: Iterable[Recorded]) -> pd.DataFrame:
    columns = ("sequence", "at", "event", "cause", "content")
    rows = ((one.sequence, one.at, one.name, one.cause, one.event.model_dump(mode="json")) for one in events)
    return frame(columns, rows, index="sequence")


def of_score(known: Intelligence) -> pd.DataFrame:
    """`points` is what the part gives of the score, out of 100 times its weight."""
    columns = ("part", "title", "value", "weight", "points", "told")
    rows = (
        (one.name, one.title, one.value, one.weight, 100 * one.value * one.weight, one.told)
        for one in known.score.parts
    )
    return frame(columns, rows, index="part")


def of_cards(known: Intelligence) -> pd.DataFrame:
    """A rate of which nothing was measured is missing."""
    columns = ("card", "title", "value", "unit", "delta", "window", "n")
    rows = (
        (one.name, one.title, None if one.unit == "rate" and not one.n else one.value, one.unit, one.delta, one.window,
         one.n)
        for one in known.cards
    )  # fmt: skip
    return frame(columns, rows, index="card")


def of_learning(known: Intelligence) -> pd.DataFrame:
    """One row a day (UTC), one column a series."""
    series = {one.name: {point.at: point.value for point in one.points} for one in known.learning}
    made = pd.DataFrame(series)
    made.index = pd.DatetimeIndex(pd.to_datetime(made.index, utc=True), name="day")
    return made


def of_distribution(known: Intelligence) -> pd.DataFrame:
    return frame(("weakness", "patterns"), ((one.name, one.count) for one in known.distribution), index="weakness")
