"""What does the HTTP face stand in front of in these tests? A house in memory, with two orgs and a key of each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from rsolv_ray.api.app import build
from rsolv_ray.model.finding import (
    Finding,
    FindingRecord,
    FindingState,
    Proposal,
    ProposalRecord,
    ProposalState,
    Repository,
    Span,
)
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import ProposalId, RuleId, ScanId
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.rule import Case, CaseKind, Confidence, Quality, Rule
from rsolv_ray.settings import Settings
from tests.unit.api.memory_house import NOW, MemoryHouse, secret_of


@pytest.fixture
def house() -> MemoryHouse:
    """Orgs `acme` and `other`; keys `reader`, `writer`, `steward` (all of acme), `stranger` (of other), `admin`."""
    made = MemoryHouse()
    acme, other = made.add_org("acme"), made.add_org("other")
    made.add_key("admin", None, Scope.ADMIN)
    made.add_key("reader", acme, Scope.READ)
    made.add_key("writer", acme, Scope.READ, Scope.WRITE)
    made.add_key("steward", acme, Scope.READ, Scope.WRITE, Scope.MANAGE)
    made.add_key("stranger", other, Scope.READ, Scope.WRITE, Scope.MANAGE)
    return made


@pytest.fixture
def acme(house: MemoryHouse) -> Org:
    return next(org for org in house.all_orgs.values() if org.name == "acme")


@pytest.fixture
def settings() -> Settings:
    return Settings(max_body_bytes=100_000, rate_limit_per_minute=60, max_streams=2, key_cache_s=5.0)


@pytest.fixture
def app(house: MemoryHouse, settings: Settings) -> FastAPI:
    return build(house, settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://rsolv.test") as made:
        yield made


@pytest.fixture
def bearing() -> Callable[[str], dict[str, str]]:
    """The headers of a request with the key of that name."""
    return lambda name: {"Authorization": f"Bearer {secret_of(name)}"}


@pytest.fixture
def fix_body() -> dict:
    before = "def get(db, name):\n    db.execute(\"select * from t where n = '%s'\" % name)\n"
    after = 'def get(db, name):\n    db.execute("select * from t where n = ?", (name,))\n'
    return {"changes": [{"path": "app/db.py", "before": before, "after": after}], "cwe": ["CWE-89"]}


@pytest.fixture
def rule(house: MemoryHouse, acme: Org) -> Rule:
    """A rule of acme."""
    made = Rule(
        id=RuleId("python-cwe-89-abc"),
        languages=("python",),
        cwe=("CWE-89",),
        message="SQL is built from strings",
        confidence=Confidence.HIGH,
        definition={
            "id": "python-cwe-89-abc",
            "languages": ["python"],
            "severity": "ERROR",
            "message": "SQL is built from strings",
            "pattern": "$DB.execute($SQL % ...)",
        },
        cases=(
            Case(kind=CaseKind.FIRES, path="a.py", language="python", code="db.execute(q % n)"),
            Case(kind=CaseKind.SILENT, path="a.py", language="python", code="db.execute(q, n)"),
        ),
        quality=Quality(
            structure=1, effectiveness=1, accuracy=1, overall=1, tp=1, fn=0, tn=1, fp=0, precision=1, recall=1, f1=1
        ),
        origin_fixes=("fix_0123456789abcdef01234567",),
        created_at=NOW,
    )
    house.all_rules[acme.id, made.id] = made
    return made


@pytest.fixture
def finding(house: MemoryHouse, acme: Org, rule: Rule) -> FindingRecord:
    """A finding of acme, with one proposal."""
    place = Repository.id_of("/srv/shop", None)
    fingerprint = "v1:" + "0" * 32
    found = Finding(
        id=Finding.id_of(place, fingerprint, "a.py"),
        fingerprint=fingerprint,
        rule=rule.id,
        rule_version=1,
        repository=place,
        path="a.py",
        span=Span(start_line=1, end_line=1),
        snippet="db.execute(q % n)",
        message=rule.message,
        severity=Severity.HIGH,
    )
    scan = ScanId.of("first")
    made = FindingRecord(finding=found, state=FindingState.OPEN, first_seen=NOW, changed_at=NOW, scan=scan)
    house.all_findings[acme.id, found.id] = made
    patch = Proposal(
        id=ProposalId.of(found.id),
        finding=found.id,
        rule=rule.id,
        repository=place,
        path="a.py",
        diff="--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-db.execute(q % n)\n+db.execute(q, n)\n",
        created_at=NOW + timedelta(seconds=1),
    )
    record = ProposalRecord(proposal=patch, state=ProposalState.OFFERED, changed_at=NOW)
    house.all_proposals[acme.id, patch.id] = record
    return made
