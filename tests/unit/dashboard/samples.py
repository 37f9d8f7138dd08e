"""What do the pages' tests look at? An org with a rule, three findings and a patch, in the house's own files."""

from __future__ import annotations

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.model.batch import Batch, ScanResult
from rsolv_ray.model.finding import Finding, Proposal, Repository, RepositoryKind, Scan, ScanReport, ScanTrigger, Span
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import OrgId, ProposalId, ScanId
from rsolv_ray.model.org import IssuedKey, Org, Principal
from rsolv_ray.model.rule import Rule
from tests.unit.store.samples import NOW, RULE, rule

HOSTILE = "run('<img src=x onerror=alert(1)>' % user)  # adm\u202ein"
FIX = Fix(
    changes=(FileChange(path="app/db.py", before="run(1 % x)\n", after="run(1, x)\n", language="python"),), title="<b>"
)
REPOSITORY = Repository(
    id=Repository.id_of("/srv/shop", None), name="shop", kind=RepositoryKind.PATH, location="/srv/shop", added_at=NOW
)


def finding(number: int, *, snippet: str = HOSTILE) -> Finding:
    fingerprint, path = f"v1:{number:032x}", f"src/<i>{number}.py"
    return Finding(
        id=Finding.id_of(REPOSITORY.id, fingerprint, path),
        fingerprint=fingerprint,
        rule=RULE,
        rule_version=1,
        repository=REPOSITORY.id,
        path=path,
        span=Span(start_line=7, start_column=1, end_line=7, end_column=4),
        snippet=snippet,
        message="built <SQL>",
        severity="high",  # type: ignore[arg-type]
        metavariables={"$X": "<u>"},
    )


FOUND = tuple(finding(number) for number in range(3))
PATCH = Proposal(
    id=ProposalId.of(FOUND[0].id),
    finding=FOUND[0].id,
    rule=RULE,
    repository=REPOSITORY.id,
    path=FOUND[0].path,
    diff="--- a/x\n+++ b/x\n@@ -1 +1 @@\n-<old>\n+<new>\n",
    created_at=NOW,
)


def learned(*, version: int = 1) -> Rule:
    return rule(version=version).model_copy(update={"origin_fixes": (FIX.id,), "message": "built <SQL>"})


async def fill(house: House, org: OrgId) -> None:
    """Let the org have received a fix, learned a rule in two versions, and found three places, one with a patch."""
    scan = Scan(
        id=ScanId.of(1), trigger=ScanTrigger.MANUAL, rules=(RULE,), repositories=(REPOSITORY.id,), started_at=NOW
    )
    report = ScanReport(repositories=1, files=3, findings=3)
    result = ScanResult(scan=scan.id, findings=FOUND, covered=((RULE, REPOSITORY.id),), report=report)
    await house.receive_fix(org, FIX)
    for verb, noun in (
        ("add_repository", REPOSITORY),
        ("commit", Batch(rules=(learned(),))),
        ("commit", Batch(rules=(learned(version=2),))),
        ("start_scan", scan),
        ("complete_scan", result),
        ("commit", Batch(proposals=(PATCH,))),
    ):
        await house._tell(org, verb, noun)


def visitor(key: IssuedKey, org: Org) -> Visitor:
    one = key.key
    return Visitor(Principal(key=one.id, org=one.org, scopes=one.scopes), org, (org,))
