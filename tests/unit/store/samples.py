"""What do the store's tests write? Small nouns that are right in themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rsolv_ray.model.batch import ScanResult, Writer
from rsolv_ray.model.events import LessonLearned
from rsolv_ray.model.finding import (
    Finding,
    Proposal,
    Repository,
    RepositoryKind,
    Scan,
    ScanReport,
    ScanTrigger,
    Span,
)
from rsolv_ray.model.fix import FileChange, Fix, Severity
from rsolv_ray.model.ids import CycleId, FixId, OrgId, PatternId, ProposalId, RepositoryId, RuleId, ScanId
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.model.rule import Case, CaseKind, Confidence, Quality, Rule, RuleState

ORG = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")
OTHER = OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3E")
BANK = Writer(kind="bank/0", generation=3)
WRITER = Writer(kind="orchestrator/0", generation=5)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RULE = RuleId("python-cwe-89-0123456789")
REPOSITORY = Repository.id_of("/srv/shop", None)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def fix(number: int = 0) -> Fix:
    return Fix(
        changes=(FileChange(path="app/db.py", before=f"run({number} % x)", after=f"run({number}, x)", language="py"),)
    )


def lesson(text: str = "shorter is not better") -> LessonLearned:
    return LessonLearned(lesson=text)


def rule(name: RuleId = RULE, *, version: int = 1, state: RuleState = RuleState.MONITOR) -> Rule:
    return Rule(
        id=name,
        version=version,
        state=state,
        languages=("python",),
        cwe=("CWE-89",),
        message="built SQL",
        confidence=Confidence.HIGH,
        definition={"id": name, "pattern": f"execute($A % $B, {version})"},
        cases=tuple(Case(kind=kind, path="a.py", language="python", code="x") for kind in CaseKind),
        quality=Quality(
            structure=1,
            effectiveness=0.75,
            accuracy=1,
            overall=0.9,
            tp=1,
            fn=0,
            tn=1,
            fp=0,
            precision=1,
            recall=1,
            f1=1,
        ),
        origin_fixes=(fix().id,),
        created_at=NOW,
    )


def pattern(number: int = 0, *, encoder: str = "hashed-1") -> Pattern:
    return Pattern(
        id=PatternId.of(number, encoder),
        fix=FixId.of(number),
        encoder=encoder,
        vector=(0.5, -0.25, float(number)),
        fixed_vector=(0.125, 0.0, 1.0),
        language="python",
        cwe=("CWE-89",),
        snippet="execute(a % b)",
        created_at=NOW,
    )


def repository(name: str = "shop", location: str = "/srv/shop") -> Repository:
    return Repository(
        id=Repository.id_of(location, None), name=name, kind=RepositoryKind.PATH, location=location, added_at=NOW
    )


def finding(
    number: int = 0,
    *,
    path: str | None = None,
    line: int = 1,
    rule: RuleId = RULE,
    repository: RepositoryId = REPOSITORY,
    severity: Severity = Severity.HIGH,
) -> Finding:
    fingerprint, where = f"v1:{number:032x}", path or f"src/f{number}.py"
    return Finding(
        id=Finding.id_of(repository, fingerprint, where),
        fingerprint=fingerprint,
        rule=rule,
        rule_version=1,
        repository=repository,
        path=where,
        span=Span(start_line=line, start_column=5, end_line=line, end_column=20),
        snippet="execute(a % b)",
        message="built SQL",
        severity=severity,
        metavariables={"$A": "a"},
    )


def scan(number: int = 0, *, cycle: CycleId | None = None, rules: tuple[RuleId, ...] = (RULE,)) -> Scan:
    return Scan(
        id=ScanId.of(number),
        trigger=ScanTrigger.MANUAL,
        cycle=cycle,
        rules=rules,
        repositories=(REPOSITORY,),
        started_at=NOW,
    )


def result(
    number: int,
    *findings: Finding,
    covered: tuple[tuple[RuleId, RepositoryId], ...] = ((RULE, REPOSITORY),),
    unread: tuple[tuple[RepositoryId, str], ...] = (),
) -> ScanResult:
    return ScanResult(
        scan=ScanId.of(number),
        findings=findings,
        covered=covered,
        unread=unread,
        report=ScanReport(repositories=1, files=9, findings=len(findings), duration_ms=1200),
    )


def proposal(found: Finding, number: int = 0) -> Proposal:
    return Proposal(
        id=ProposalId.of(found.id, number),
        finding=found.id,
        rule=found.rule,
        repository=found.repository,
        path=found.path,
        diff="--- a/x\n+++ b/x\n",
        created_at=NOW,
    )
