"""What has a scan seen so far, and what does that come to in the end?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rsolv_ray.engine.scan import FileScan
from rsolv_ray.model.batch import ScanResult
from rsolv_ray.model.finding import Finding, Repository, Scan, ScanReport
from rsolv_ray.model.ids import RepositoryId
from rsolv_ray.model.rule import Rule
from rsolv_ray.scanning.planning import Plan
from rsolv_ray.scanning.tally import Tally

ERRORS_TOLD = 50
MOST_FINDINGS = 10_000
"""So many findings of one rule are kept, over all that a scan looks at."""


@dataclass(frozen=True, slots=True)
class News:
    """What came since the last time: findings; of `total` pieces of work `done` are through, with `so_far` findings."""

    findings: tuple[Finding, ...]
    done: int
    total: int
    so_far: int


@dataclass
class Seen:
    """What the tasks of one scan gave. `gaps` are repositories that could not be read; `late` counts by repository the
    files that the time did not suffice for; `tally` knows the rules that fired too
    often to be run on."""

    findings: list[Finding] = field(default_factory=list[Finding])
    errors: dict[str, None] = field(default_factory=dict[str, None])
    gaps: set[RepositoryId] = field(default_factory=set[RepositoryId])
    unread: dict[tuple[RepositoryId, str], None] = field(default_factory=dict[tuple[RepositoryId, str], None])
    late: dict[str, int] = field(default_factory=lambda: defaultdict[str, int](int))
    tally: Tally = field(default_factory=lambda: Tally(MOST_FINDINGS))
    files: int = 0
    skipped: int = 0
    known: int = 0
    done: int = 0
    total: int = 0
    _told: tuple[int, int, int] = (0, 0, 0)

    @contextmanager
    def piece(self) -> Iterator[None]:
        """A piece of work, from when it is known of to its end."""
        self.total += 1
        yield
        self.done += 1

    def plan(self, repository: Repository, plan: Plan) -> None:
        """What is known of a repository before anything is run."""
        self.files += plan.files
        self.skipped += plan.ruled_out
        self.known += plan.recalled
        self._add(repository, plan.known)

    def part(self, repository: Repository, part: FileScan, *, late: int = 0) -> None:
        """What one part of a plan gave; for `late` of its files the time did not suffice."""
        if late:
            self.late[repository.name] += late
        self._add(repository, part)

    def lost(self, repository: Repository, error: str) -> None:
        """A repository that cannot be read at all."""
        self.gaps.add(repository.id)
        self.errors[f"{repository.name}: {error}"] = None

    def news(self) -> News | None:
        """What came since this was asked last; None where nothing did."""
        now = (len(self.findings), self.done, self.total)
        if now == self._told:
            return None
        before, self._told = self._told, now
        return News(tuple(self.findings[before[0] :]), self.done, self.total, len(self.findings))

    def result(
        self, scan: Scan, rules: Sequence[Rule], repositories: Sequence[Repository], elapsed_s: float, budget_s: float
    ) -> ScanResult:
        """All of it. Only repositories that could be read count as scanned, and by rules that were run to the end."""
        read = [one for one in repositories if one.id not in self.gaps]
        return ScanResult(
            scan=scan.id,
            findings=tuple(self.findings),
            covered=tuple((rule.id, one.id) for rule in rules if rule.id not in self.tally.loud for one in read),
            unread=tuple(self.unread),
            report=ScanReport(
                repositories=len(read),
                files=self.files,
                skipped=self.skipped,
                known=self.known,
                unread=len(self.unread),
                findings=len(self.findings),
                duration_ms=round(elapsed_s * 1000),
                errors=self._errors(budget_s),
            ),
        )

    def _add(self, repository: Repository, part: FileScan) -> None:
        part = self.tally.take(part)
        self.findings += part.findings
        self.unread |= {(repository.id, path): None for path in part.unread}
        self.errors |= {f"{repository.name}: {error}": None for error in part.errors}

    def _errors(self, budget_s: float) -> tuple[str, ...]:
        """What was late first, then the others, as many as people read."""
        late = [
            f"{name}: {count} files were not scanned within {budget_s:g} s: scan again to go on"
            for name, count in self.late.items()
        ]
        told = [*late, *self.errors]
        more = len(told) - ERRORS_TOLD
        return (*told[:ERRORS_TOLD], *((f"and {more} more",) if more > 0 else ()))
