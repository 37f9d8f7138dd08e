"""What has a scan changed? The findings known before it against those that it saw.

A place that is not known is new; one that was fixed is back; one that was looked for and not seen is fixed. Before a
new one counts as new: if exactly one finding of its repository and fingerprint was looked for and not seen, the file
was renamed, and the finding lives on under its new id with its state and triage. What a person has dismissed (false
positive, ignored) stays dismissed whether it is seen or not. No input, no output, no clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rsolv_ray.model.finding import Finding, FindingState, Span, TriageLabel
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FindingId, RepositoryId, RuleId

RENAMED = "renamed"
_LIVE = frozenset({FindingState.OPEN, FindingState.REOPENED, FindingState.TRIAGED})
_DISMISSED = frozenset({TriageLabel.FALSE_POSITIVE, TriageLabel.IGNORED})


@dataclass(frozen=True, slots=True)
class Known:
    """A finding as it was before the scan. `state` is a finding's state, or `renamed` for one that lives on elsewhere."""

    id: FindingId
    fingerprint: str
    rule: RuleId
    repository: RepositoryId
    path: str
    severity: Severity
    state: str
    label: str | None
    reason: str | None
    said_by: str | None
    sequence: int
    span: Span

    @property
    def is_live(self) -> bool:
        return self.state in _LIVE

    @property
    def is_dismissed(self) -> bool:
        return self.state == FindingState.TRIAGED and self.label in _DISMISSED


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a scan has changed. `moved` are known findings whose lines are others now."""

    seen: tuple[Finding, ...]
    opened: tuple[Finding, ...]
    reopened: tuple[tuple[Known, Finding], ...]
    renamed: tuple[tuple[Known, Finding], ...]
    moved: tuple[Finding, ...]
    fixed: tuple[Known, ...]


def reconcile(
    known: Mapping[FindingId, Known],
    found: Sequence[Finding],
    covered: Collection[tuple[RuleId, RepositoryId]],
    unread: Collection[tuple[RepositoryId, str]] = (),
) -> Reconciled:
    """Compare what was known with what was found; only pairs in `covered` were looked at whole, and no file in `unread`."""
    seen = {finding.id: finding for finding in found}
    before = {name: known[name] for name in seen if name in known and known[name].state != RENAMED}
    whole, gaps = frozenset(covered), frozenset(unread)
    unseen = [
        one
        for one in known.values()
        if one.is_live
        and one.id not in seen
        and (one.rule, one.repository) in whole
        and (one.repository, one.path) not in gaps
    ]
    new = [finding for name, finding in seen.items() if name not in before]
    renamed = _renames(unseen, new)
    gone, come = {old.id for old, _ in renamed}, {finding.id for _, finding in renamed}
    return Reconciled(
        seen=tuple(seen.values()),
        opened=tuple(finding for finding in new if finding.id not in come),
        reopened=tuple((one, seen[name]) for name, one in before.items() if one.state == FindingState.FIXED),
        renamed=renamed,
        moved=tuple(seen[name] for name, one in before.items() if one.span != seen[name].span),
        fixed=tuple(one for one in unseen if one.id not in gone and not one.is_dismissed),
    )


def _renames(unseen: Sequence[Known], new: Sequence[Finding]) -> tuple[tuple[Known, Finding], ...]:
    """Pairs of what was left over and the new finding that it became. Of several copies, the first by path."""
    left: dict[tuple[RepositoryId, str], list[Known]] = defaultdict(list)
    for one in unseen:
        left[one.repository, one.fingerprint].append(one)
    pairs: dict[FindingId, tuple[Known, Finding]] = {}
    for finding in sorted(new, key=lambda one: one.path):
        match left.get((finding.repository, finding.fingerprint), []):
            case [old] if old.id not in pairs:
                pairs[old.id] = (old, finding)
            case _:
                pass
    return tuple(pairs.values())
