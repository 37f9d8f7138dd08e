"""Findings for the tests of what is told in SARIF."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rsolv_ray.engine.diff import unified_diff
from rsolv_ray.engine.sarif.findings import Told
from rsolv_ray.model.finding import (
    Finding,
    FindingRecord,
    FindingState,
    Proposal,
    Repository,
    RepositoryKind,
    Span,
    Triage,
)
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import ProposalId, RuleId, ScanId
from rsolv_ray.model.rule import RuleSummary
from tests.unit.engine.samples import rule

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FIRST, LATEST = ScanId.of("first"), ScanId.of("latest")
RULE = RuleId("python-cwe-89-abc")
MESSAGE = (
    "A database statement is built by putting values into its text: a value that holds SQL of its own changes what the "
    "statement does. Instead, leave placeholders in the statement and pass the values as parameters."
)
BEFORE = 'def get(db, n):\n    q = "é"\n    return db.execute("select %s" % n)\n'
AFTER = BEFORE.replace('"select %s" % n', '"select ?", (n,)')


def repository(name: str = "shop", location: str = "https://github.com/acme/shop.git") -> Repository:
    kind = RepositoryKind.GIT if location.startswith("https:") else RepositoryKind.PATH
    return Repository(
        id=Repository.id_of(location, "main"), name=name, kind=kind, location=location, branch="main", added_at=NOW
    )


SHOP = repository()


def summary(name: RuleId = RULE, **changes: Any) -> RuleSummary:
    whole = rule(id=name).summary().model_copy(update={"message": MESSAGE, "cwe": ("CWE-89", "CWE-564")})
    return whole.model_copy(update=changes)


def record(
    path: str = "app/db.py",
    *,
    number: int = 0,
    place: Repository = SHOP,
    state: FindingState = FindingState.OPEN,
    triage: Triage | None = None,
    scan: ScanId = LATEST,
    **changes: Any,
) -> FindingRecord:
    print_ = f"v1:{number:032x}"
    given: dict[str, Any] = {
        "rule": RULE,
        "rule_version": 2,
        "path": path,
        "span": Span(start_line=3, start_column=12, end_line=3, end_column=39),
        "snippet": '    return db.execute("select %s" % n)',
        "message": MESSAGE,
        "severity": Severity.HIGH,
        "cwe": ("CWE-89",),
        "metavariables": {"$N": "n"},
        **changes,
    }
    found = Finding(id=Finding.id_of(place.id, print_, path), fingerprint=print_, repository=place.id, **given)
    return FindingRecord(finding=found, state=state, triage=triage, first_seen=NOW, changed_at=NOW, scan=scan)


def offer(of: FindingRecord, before: str = BEFORE, after: str = AFTER) -> Proposal:
    found = of.finding
    return Proposal(
        id=ProposalId.of(found.id, after),
        finding=found.id,
        rule=found.rule,
        repository=found.repository,
        path=found.path,
        diff=unified_diff(found.path, before, after),
        created_at=NOW,
    )


def told(*findings: FindingRecord, **changes: Any) -> Told:
    given: dict[str, Any] = {
        "org": "acme",
        "findings": findings,
        "rules": (summary(),),
        "repositories": (SHOP,),
        "offers": (),
        "latest": LATEST,
        **changes,
    }
    return Told(**given)
