"""What do an org's findings look like in SARIF's terms?

A finding is a result; what people said of it is a suppression, what a scan made of it a baseline state, a patch that is
offered a fix. A fix goes in only where the diff still shows the lines that the finding stands on: one that was made for
an older text would be put in the wrong place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote

from rsolv_ray.engine.sarif.log import SOURCE_ROOT, Notice, Repair, Report, Result, Root, Suppression
from rsolv_ray.engine.sarif.replacements import lines_before, replacements
from rsolv_ray.engine.sarif.rules import RuleText, of_summary
from rsolv_ray.engine.scan import LONGEST_SNIPPET
from rsolv_ray.model.finding import (
    Finding,
    FindingRecord,
    FindingState,
    Proposal,
    Repository,
    RepositoryKind,
    ScanRecord,
    ScanStatus,
    TriageLabel,
)
from rsolv_ray.model.ids import FindingId, RepositoryId, ScanId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import RuleSummary

_SPARED = {TriageLabel.FALSE_POSITIVE: "a false positive", TriageLabel.IGNORED: "not to be looked at"}


@dataclass(frozen=True, slots=True)
class Told:
    """What of an org is told. `rules` and `offers` (patches that are offered) may hold more than the findings name, or
    less; `repositories` are those that were looked at. "New" is what came, or came back, in the scan `latest`; `more`
    says what is left out, if anything is."""

    org: str
    findings: Sequence[FindingRecord]
    rules: Sequence[RuleSummary]
    repositories: Sequence[Repository]
    offers: Sequence[Proposal]
    latest: ScanId | None
    more: str | None = None


def of_findings(told: Told, repository: Repository | None = None) -> Report:
    """The findings of an org, or of one of its repositories."""
    return _report(told, repository.name if repository else None)


def of_scan(told: Told, record: ScanRecord) -> Report:
    """What one scan found, and what kept it from looking everywhere."""
    report = _report(told, told.repositories[0].name if len(told.repositories) == 1 else None)
    errors = record.report.errors if record.report else ("The scan was given up without a report.",)
    return replace(
        report,
        notices=(*(Notice("engine-error", error) for error in errors), *report.notices),
        is_successful=record.status is ScanStatus.DONE,
        began=record.scan.started_at,
        ended=record.finished_at,
        properties={"scan": record.scan.id, "trigger": record.scan.trigger},
    )


def _report(told: Told, repository: str | None) -> Report:
    roots = _roots(told)
    offers: defaultdict[FindingId, list[Proposal]] = defaultdict(list)
    for offer in told.offers:
        offers[offer.finding].append(offer)
    return Report(
        category="".join(f"{quote(part, safe='')}/" for part in ("rsolv", told.org, repository) if part),
        rules=_rules(told),
        results=[
            _result(one, roots[one.finding.repository].base, offers[one.finding.id], told.latest)
            for one in told.findings
        ],
        roots=list(roots.values()),
        notices=[Notice("results-cut", told.more, level="warning")] if told.more else [],
    )


def _rules(told: Told) -> list[RuleText]:
    """The rules that the findings name. One that is not known any more is told with the words of its findings."""
    known = {rule.id: of_summary(rule) for rule in told.rules}
    named = {one.finding.rule: one.finding for one in told.findings}
    return [
        known.get(rule) or RuleText(rule, finding.message, finding.severity, finding.cwe)
        for rule, finding in sorted(named.items())
    ]


def _roots(told: Told) -> dict[RepositoryId, Root]:
    """Each repository's top folder. A single one is what tools know as the source root; several bear their names."""
    known = {one.id: one for one in told.repositories}
    every = sorted({*known, *(one.finding.repository for one in told.findings)})
    if len(every) == 1:
        return {every[0]: _root(known.get(every[0]), SOURCE_ROOT)}
    return {one: _root(known.get(one), known[one].name if one in known else one) for one in every}


def _root(repository: Repository | None, base: str) -> Root:
    if repository is None:
        return Root(base, "The top folder of a repository that is not registered any more.")
    about = f"The top folder of the repository {repository.name}."
    is_fetched = repository.kind is RepositoryKind.GIT
    return Root(base, about, uri=repository.location if is_fetched else None, branch=repository.branch)


def _result(record: FindingRecord, base: str, offers: Sequence[Proposal], latest: ScanId | None) -> Result:
    finding = record.finding
    return Result(
        rule=finding.rule,
        message=finding.message,
        severity=finding.severity,
        path=finding.path,
        base=base,
        span=finding.span,
        fingerprint=finding.fingerprint,
        identity=finding.id,
        lines=finding.snippet if len(finding.snippet) < LONGEST_SNIPPET else None,
        baseline=_baseline(record, latest),
        suppression=_suppression(record),
        repairs=[
            Repair(
                f"Patch {offer.id}: it was parsed, and scanned silent, before it was offered.", replacements(offer.diff)
            )
            for offer in sorted(offers, key=lambda offer: offer.id)
            if _fits(offer, finding)
        ],
        properties=_properties(record, offers),
    )


def _properties(record: FindingRecord, offers: Sequence[Proposal]) -> JsonObject:
    finding, triage = record.finding, record.triage
    made: JsonObject = {
        "state": record.state,
        "ruleVersion": finding.rule_version,
        "firstSeen": record.first_seen.isoformat(),
    }
    if finding.metavariables:
        made["metavariables"] = {**finding.metavariables}
    if triage:
        made["triage"] = triage.label
    if offers:
        made["proposals"] = [*sorted(offer.id for offer in offers)]
    return made


def _baseline(record: FindingRecord, latest: ScanId | None) -> Literal["new", "unchanged", "absent"]:
    if record.state is FindingState.FIXED:
        return "absent"
    is_here = record.state in (FindingState.OPEN, FindingState.REOPENED)
    return "new" if is_here and record.scan == latest else "unchanged"


def _suppression(record: FindingRecord) -> Suppression | None:
    triage = record.triage
    if record.state is not FindingState.TRIAGED or triage is None or triage.label not in _SPARED:
        return None
    return Suppression("external", triage.reason or f"Somebody said that this is {_SPARED[triage.label]}.")


def _fits(offer: Proposal, finding: Finding) -> bool:
    """Does the diff show the lines that the finding stands on, where it stands?"""
    shown, first = lines_before(offer.diff), finding.span.start_line
    lines = finding.snippet.split("\n")
    return all(shown.get(first + at) == line for at, line in enumerate(lines))
