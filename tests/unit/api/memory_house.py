"""What does the HTTP face stand in front of where the real house is not needed? A house in memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from rsolv_ray.cycle_view import cycle_of
from rsolv_ray.intelligence import intelligence_of
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.errors import Conflict, NotFound
from rsolv_ray.model.events import FixReceived, Recorded
from rsolv_ray.model.explanation import ExplainedProposal, Explanation
from rsolv_ray.model.finding import (
    FindingRecord,
    FindingState,
    ProposalRecord,
    Repository,
    RepositoryKind,
    Scan,
    ScanRecord,
    ScanStatus,
)
from rsolv_ray.model.ids import FindingId, KeyId, OrgId, ProposalId, RuleId, ScanId
from rsolv_ray.model.learning import DayFacts, LearningFacts
from rsolv_ray.model.org import ApiKey, AuditEntry, IssuedKey, Org, Principal, Scope
from rsolv_ray.model.page import Page
from rsolv_ray.model.report import OrgMetrics, Readiness, Receipt, TreeNode, ValidationReport
from rsolv_ray.model.rule import TRANSITIONS, Rule
from rsolv_ray.telemetry import Sample

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_ULID = "01JD3Z6Q4T8V5W2X9Y7A1B0C"


def secret_of(name: str) -> str:
    return f"rsk_{name:_<32}"


class MemoryHouse:
    """The questions of a `House`, answered from dictionaries. `asked` tells which were put."""

    def __init__(self) -> None:
        self.all_orgs: dict[OrgId, Org] = {}
        self.secrets: dict[str, Principal] = {}
        self.issued: list[tuple[OrgId | None, ApiKey]] = []
        self.log: dict[OrgId, list[Recorded]] = {}
        self.all_rules: dict[tuple[OrgId, RuleId], Rule] = {}
        self.all_findings: dict[tuple[OrgId, FindingId], FindingRecord] = {}
        self.all_proposals: dict[tuple[OrgId, ProposalId], ProposalRecord] = {}
        self.all_repositories: dict[OrgId, list[Repository]] = {}
        self.all_scans: dict[tuple[OrgId, ScanId], ScanRecord] = {}
        self.asked: list[tuple[str, object]] = []
        self.readiness = Readiness(ready=True, detail={"control": "ready"})
        self.breaks: Exception | None = None
        self.news = asyncio.Event()

    def add_org(self, name: str) -> Org:
        org = Org(id=OrgId(f"{_ULID}{len(self.all_orgs):02d}"), name=name, created_at=NOW)
        self.all_orgs[org.id] = org
        self.log[org.id] = []
        self.all_repositories[org.id] = []
        return org

    def add_key(self, name: str, org: Org | None, *scopes: Scope) -> None:
        key = KeyId(f"{_ULID}{50 + len(self.secrets)}")
        self.secrets[secret_of(name)] = Principal(key=key, org=org.id if org else None, scopes=frozenset(scopes))

    def tell(self, org: OrgId, event: object) -> None:
        self.log[org].append(Recorded(org=org, sequence=len(self.log[org]) + 1, at=NOW, event=event))
        self.news.set()

    async def authenticate(self, secret):
        self.asked.append(("authenticate", secret))
        return self.secrets.get(secret)

    async def create_org(self, name, title, *, by):
        if any(org.name == name for org in self.all_orgs.values()):
            raise Conflict(f"there is an org {name!r} already")
        org = self.add_org(name)
        self.all_orgs[org.id] = org.model_copy(update={"title": title})
        return self.all_orgs[org.id]

    async def orgs(self, limit, cursor):
        first = int(cursor or 0)
        items = list(self.all_orgs.values())[first : first + limit]
        more = first + limit < len(self.all_orgs)
        return Page(items=tuple(items), next_cursor=str(first + limit) if more else None)

    async def org(self, ref):
        self.asked.append(("org", ref))
        for org in self.all_orgs.values():
            if ref in (org.id, org.name):
                return org
        raise NotFound("the store's own words")

    async def delete_org(self, org, *, by):
        del self.all_orgs[org]

    async def issue_key(self, org, name, scopes, *, expires_at, by):
        key = ApiKey(id=KeyId(f"{_ULID}90"), org=org, name=name, scopes=scopes, created_at=NOW, expires_at=expires_at)
        self.issued.append((org, key))
        return IssuedKey(key=key, secret=secret_of(name))

    async def keys(self, org):
        return tuple(key for owner, key in self.issued if owner == org)

    async def revoke_key(self, key, *, org, by):
        if not any(owner == org and known.id == key for owner, known in self.issued):
            raise NotFound(f"there is no key {key}")
        self.issued = [(owner, known) for owner, known in self.issued if known.id != key]

    async def audit(self, after, limit):
        entries = [
            AuditEntry(sequence=n, at=NOW, actor="cli", action="org.create", subject=f"org-{n}") for n in range(1, 4)
        ]
        return tuple(entry for entry in entries if entry.sequence > after)[:limit]

    async def receive_fix(self, org, fix):
        if self.breaks:
            raise self.breaks
        self.asked.append(("receive_fix", fix))
        known = any(recorded.event.cycle == fix.cycle for recorded in self.log[org])
        if not known:
            paths = tuple(change.path for change in fix.changes)
            self.tell(org, FixReceived(cycle=fix.cycle, fix=fix.id, cwe=fix.cwe, languages=fix.languages, paths=paths))
        return Receipt(cycle=fix.cycle, fix=fix.id, known=known, sequence=len(self.log[org]))

    async def cycle(self, org, cycle) -> Cycle:
        history = [recorded for recorded in self.log[org] if getattr(recorded.event, "cycle", None) == cycle]
        if not history:
            raise NotFound(f"there is no cycle {cycle}")
        return cycle_of(history)

    async def cycles(self, org, limit, cursor):
        return Page(items=tuple([await self.cycle(org, recorded.event.cycle) for recorded in self.log[org]][:limit]))

    async def wait_for_cycle(self, org, cycle, wait_s):
        self.asked.append(("wait_for_cycle", wait_s))
        return await self.cycle(org, cycle)

    async def rules(self, org, states, limit, cursor):
        rules = [rule for (owner, _), rule in self.all_rules.items() if owner == org]
        return Page(items=tuple(rule.summary() for rule in rules if states is None or rule.state in states))

    async def rule(self, org, rule, version=None):
        known = self.all_rules.get((org, rule))
        if known is None or version not in (None, known.version):
            raise NotFound(f"there is no rule {rule}")
        return known

    async def change_rule_state(self, org, rule, to, *, reason, by):
        known = await self.rule(org, rule)
        if to not in TRANSITIONS[known.state]:
            raise Conflict(f"a rule cannot go from {known.state} to {to}")
        self.all_rules[org, rule] = known.model_copy(update={"state": to})
        return self.all_rules[org, rule]

    async def validate_rule(self, definition, cases):
        self.asked.append(("validate_rule", (definition, cases)))
        return ValidationReport(valid=True, structure_score=1.0)

    async def findings(self, org, *, states, labels, unresolved, rule, repository, severity, limit, cursor):
        self.asked.append(("findings", (states, labels, unresolved, rule, repository, severity, limit, cursor)))
        mine = [record for (owner, _), record in self.all_findings.items() if owner == org]
        return Page(items=tuple(one for one in mine if states is None or one.state in states))

    async def finding(self, org, finding):
        if (org, finding) not in self.all_findings:
            raise NotFound(f"there is no finding {finding}")
        return self.all_findings[org, finding]

    async def triage(self, org, finding, triage):
        record = await self.finding(org, finding)
        update = {"state": FindingState.TRIAGED, "triage": triage}
        self.all_findings[org, finding] = record.model_copy(update=update)
        return self.all_findings[org, finding]

    async def proposals(self, org, *, states, finding, limit, cursor):
        mine = [record for (owner, _), record in self.all_proposals.items() if owner == org]
        return Page(items=tuple(one for one in mine if finding in (None, one.proposal.finding)))

    async def scan_findings(self, org, scan, limit):
        mine = [record for (owner, _), record in self.all_findings.items() if owner == org and record.scan == scan]
        return tuple(mine[:limit])

    async def offers_for(self, org, findings):
        mine = [record for (owner, _), record in self.all_proposals.items() if owner == org]
        return tuple(one.proposal for one in mine if one.state == "offered" and one.proposal.finding in findings)

    async def proposal(self, org, proposal):
        if (org, proposal) not in self.all_proposals:
            raise NotFound(f"there is no proposal {proposal}")
        return self.all_proposals[org, proposal]

    async def explained_proposal(self, org, proposal):
        record = await self.proposal(org, proposal)
        finding, rule = (await self.finding(org, record.proposal.finding)).finding, record.proposal.rule
        why = Explanation(
            proposal=proposal, finding=finding.id, path=finding.path, line=1, rule=rule, message=finding.message
        )
        return ExplainedProposal(**dict(record), explanation=why)

    async def set_proposal_state(self, org, proposal, to, *, reason, branch=None):
        self.asked.append(("set_proposal_state", (proposal, to, reason, branch)))
        known = await self.proposal(org, proposal)
        self.all_proposals[org, proposal] = known.model_copy(update={"state": to})
        return self.all_proposals[org, proposal]

    async def add_repository(self, org, name, location, branch):
        if self.breaks:
            raise self.breaks
        made = Repository(
            id=Repository.id_of(location, branch),
            name=name,
            kind=RepositoryKind.PATH,
            location=location,
            branch=branch,
            added_at=NOW,
        )
        self.all_repositories[org].append(made)
        return made

    async def repositories(self, org):
        return tuple(self.all_repositories[org])

    async def remove_repository(self, org, repository):
        self.all_repositories[org] = [one for one in self.all_repositories[org] if one.id != repository]

    async def start_scan(self, org, *, repositories, rules, trigger):
        self.asked.append(("start_scan", (repositories, rules)))
        places = tuple(one.id for one in self.all_repositories[org])
        scan = Scan(id=ScanId.of(org), trigger=trigger, rules=rules or (), repositories=places, started_at=NOW)
        self.all_scans[org, scan.id] = ScanRecord(scan=scan, status=ScanStatus.RUNNING)
        return self.all_scans[org, scan.id]

    async def scan(self, org, scan):
        if (org, scan) not in self.all_scans:
            raise NotFound(f"there is no scan {scan}")
        return self.all_scans[org, scan]

    async def scans(self, org, limit, cursor):
        return Page(items=tuple(record for (owner, _), record in self.all_scans.items() if owner == org))

    async def events_after(self, org, sequence, *, wait_s, types=None, limit=500):
        self.asked.append(("events_after", sequence))
        if self.breaks:
            raise self.breaks
        self.news.clear()
        late = [one for one in self.log[org] if one.sequence > sequence and (types is None or one.name in types)]
        if not late:
            try:
                await asyncio.wait_for(self.news.wait(), wait_s)
            except TimeoutError:
                return ()
            return await self.events_after(org, sequence, wait_s=wait_s, types=types, limit=limit)
        return tuple(late[:limit])

    async def last_sequence(self, org):
        return len(self.log[org])

    async def metrics(self, org):
        return OrgMetrics(at=NOW, now={"rules_generated": 3.0})

    async def intelligence(self, org):
        day = DayFacts(day=NOW.replace(hour=0, minute=0, second=0), rules=3, patterns=4)
        facts = LearningFacts(began_at=NOW, days=(day,), fixes_ended=4, fixes_taught=3, patterns={"CWE-89": 4})
        return intelligence_of(facts, NOW)

    async def samples(self):
        return {"bank/0": (Sample("rsolv_scan_files", "rsolv_scan_files_total", (), 7.0),)}

    async def ready(self):
        return self.readiness

    async def tree(self):
        return [TreeNode(id="root", kind="supervisor", state="up")]
