"""What is written together? The unit of work that an org's bank commits: all of it or nothing."""

from __future__ import annotations

from pydantic import Field

from rsolv_ray.model.cycle import WorkId
from rsolv_ray.model.events import Event
from rsolv_ray.model.finding import Finding, Proposal, ScanReport
from rsolv_ray.model.ids import RepositoryId, RuleId, ScanId
from rsolv_ray.model.noun import Count, Noun
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.model.rule import Rule


class Writer(Noun):
    """Who writes: a kind of process and its generation. The store refuses a generation older than one it has seen of the kind."""

    kind: str = Field(min_length=1, max_length=100)
    generation: int = Field(ge=0)


class Batch(Noun):
    """Events with the nouns they tell of. `once` names the batch: a second one of the same name changes nothing.

    `opens` and `closes` mark works (cycles and free-standing scans) as to be driven, or driven to their end.
    """

    once: str | None = Field(default=None, max_length=300)
    events: tuple[Event, ...] = ()
    rules: tuple[Rule, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    opens: tuple[WorkId, ...] = ()
    closes: tuple[WorkId, ...] = ()
    cause: int | None = None


class ScanPart(Noun):
    """What a scan has found since its last part, while it goes on. `once` names the part: it is taken in once.

    `done` of `total` pieces of work are through, with `so_far` findings in all.
    """

    once: str = Field(max_length=300)
    scan: ScanId
    findings: tuple[Finding, ...]
    done: Count
    total: Count
    so_far: Count


class ScanResult(Noun):
    """What a scan found. `covered` are the pairs of rule and repository that were looked at whole: of these alone may
    an open finding that was not seen again be called fixed. `unread` are files that could not be read or understood
    whole: nothing in them is called fixed."""

    scan: ScanId
    findings: tuple[Finding, ...]
    covered: tuple[tuple[RuleId, RepositoryId], ...]
    unread: tuple[tuple[RepositoryId, str], ...] = ()
    report: ScanReport
