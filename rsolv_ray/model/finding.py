"""Where does a rule fire, and what is offered against it?"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from rsolv_ray.model.fix import Cwe, Severity
from rsolv_ray.model.ids import CycleId, FindingId, ProposalId, RepositoryId, RuleId, ScanId
from rsolv_ray.model.noun import Count, Moment, Noun

Fingerprint = Annotated[str, Field(pattern=r"^v[0-9]+:[0-9a-f]{32}$")]


class FindingState(StrEnum):
    OPEN = "open"
    FIXED = "fixed"
    TRIAGED = "triaged"
    REOPENED = "reopened"


class TriageLabel(StrEnum):
    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"
    IGNORED = "ignored"


class Span(Noun):
    """A place in a file: lines and columns counted from 1, the end column exclusive (as Semgrep counts)."""

    start_line: Annotated[int, Field(ge=1)]
    start_column: Annotated[int, Field(ge=1)] = 1
    end_line: Annotated[int, Field(ge=1)]
    end_column: Annotated[int, Field(ge=1)] = 1


class Finding(Noun):
    """A place that a monitor or active rule flags. Identity is (repository, fingerprint, path)."""

    id: FindingId
    fingerprint: Fingerprint
    rule: RuleId
    rule_version: int
    repository: RepositoryId
    path: str
    span: Span
    snippet: str = Field(max_length=20_000)
    message: str
    severity: Severity
    cwe: tuple[Cwe, ...] = ()
    metavariables: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_named_for_its_identity(self) -> Self:
        if self.id != self.id_of(self.repository, self.fingerprint, self.path):
            raise ValueError("a finding's id is a digest of (repository, fingerprint, path)")
        return self

    @staticmethod
    def id_of(repository: RepositoryId, fingerprint: str, path: str) -> FindingId:
        return FindingId.of(repository, fingerprint, path)


class Triage(Noun):
    """A person's word on a finding."""

    label: TriageLabel
    reason: str | None = Field(default=None, max_length=2000)
    by: str = Field(default="", max_length=200)


class FindingRecord(Noun):
    """A finding as the store knows it now."""

    finding: Finding
    state: FindingState
    triage: Triage | None = None
    first_seen: Moment
    changed_at: Moment
    scan: ScanId


class FindingStep(Noun):
    """A finding came into a state. `triage` is the person's word that it bore from then on, if one was said."""

    state: FindingState
    triage: Triage | None = None
    at: Moment


class FindingCounts(Noun):
    """How a rule's findings stand: `open` counts those that are open or back, the labels those that bear them now."""

    open: Count = 0
    fixed: Count = 0
    true_positive: Count = 0
    false_positive: Count = 0
    ignored: Count = 0

    @property
    def total(self) -> int:
        return self.open + self.fixed + self.true_positive + self.false_positive + self.ignored


class ScanTrigger(StrEnum):
    NEW_RULE = "new_rule"
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    WEBHOOK = "webhook"
    BACKFILL = "backfill"


class ScanStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Scan(Noun):
    """One run of rules over repositories. `cycle` is the cycle that asked for it, if one did."""

    id: ScanId
    trigger: ScanTrigger
    cycle: CycleId | None = None
    rules: tuple[RuleId, ...]
    repositories: tuple[RepositoryId, ...]
    started_at: Moment


class ScanReport(Noun):
    """What a scan gave. Counts; `duration_ms` is wall time.

    `files` are those that were looked at; of these `skipped` cannot be matched by any of the rules, as the token index
    tells, and of `known` all that the others find was known from earlier scans. `unread` were not looked at whole.
    """

    repositories: Count = 0
    files: Count = 0
    skipped: Count = 0
    known: Count = 0
    unread: Count = 0
    findings: Count = 0
    opened: Count = 0
    fixed: Count = 0
    reopened: Count = 0
    duration_ms: Count = 0
    errors: tuple[str, ...] = ()


class ScanRecord(Noun):
    """A scan as the store knows it now."""

    scan: Scan
    status: ScanStatus
    report: ScanReport | None = None
    finished_at: Moment | None = None
    proposals: Count = 0


class RepositoryKind(StrEnum):
    PATH = "path"
    GIT = "git"


class Repository(Noun):
    """A repository of an org: a folder under an allowed root, or a git URL. `name` is unique in the org."""

    id: RepositoryId
    name: str = Field(min_length=1, max_length=200)
    kind: RepositoryKind
    location: str = Field(min_length=1, max_length=2000)
    branch: str | None = Field(default=None, max_length=200)
    added_at: Moment

    @staticmethod
    def id_of(location: str, branch: str | None) -> RepositoryId:
        return RepositoryId.of(location, branch)


class ProposalState(StrEnum):
    OFFERED = "offered"
    APPLIED = "applied"
    MERGED = "merged"
    REJECTED = "rejected"
    REVERTED = "reverted"


PROPOSAL_TRANSITIONS: dict[ProposalState, frozenset[ProposalState]] = {
    ProposalState.OFFERED: frozenset({ProposalState.APPLIED, ProposalState.REJECTED}),
    ProposalState.APPLIED: frozenset({ProposalState.MERGED, ProposalState.REJECTED, ProposalState.REVERTED}),
    ProposalState.MERGED: frozenset({ProposalState.REVERTED}),
    ProposalState.REJECTED: frozenset(),
    ProposalState.REVERTED: frozenset(),
}


class Proposal(Noun):
    """A patch for one finding: a unified diff that was parsed, and re-scanned silent, before it was offered.

    `rule_version` is the version of the rule that mended it; patches from before that was kept do not tell."""

    id: ProposalId
    finding: FindingId
    rule: RuleId
    rule_version: Annotated[int, Field(ge=1)] | None = None
    repository: RepositoryId
    path: str
    diff: str = Field(min_length=1)
    created_at: Moment


class ProposalRecord(Noun):
    proposal: Proposal
    state: ProposalState
    changed_at: Moment
