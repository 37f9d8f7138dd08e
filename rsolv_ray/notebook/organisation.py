"""What does a researcher ask of an org, and what may be done there? Synchronous; waits are shown as they go."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from pydantic import ValidationError

from rsolv_ray.actors.client import House
from rsolv_ray.cli.fixes import in_words
from rsolv_ray.model.cycle import Cycle
from rsolv_ray.model.errors import Rejected, Unavailable
from rsolv_ray.model.events import Recorded
from rsolv_ray.model.finding import FindingRecord, FindingState, Repository, ScanRecord, ScanStatus, Triage, TriageLabel
from rsolv_ray.model.fix import Fix, Severity, canonical_cwe
from rsolv_ray.model.ids import CycleId, FindingId, Id, RuleId
from rsolv_ray.model.org import Org
from rsolv_ray.model.page import Page
from rsolv_ray.model.report import ValidationReport
from rsolv_ray.model.rule import Rule, RuleState
from rsolv_ray.notebook import markup, tables
from rsolv_ray.notebook.board import Board
from rsolv_ray.notebook.knowledge import IntelligenceView, Patterns
from rsolv_ray.notebook.loop import Loop
from rsolv_ray.notebook.results import CycleResult, RuleView, ScanResult, lines_of, scan_fields
from rsolv_ray.notebook.scan_work import ScanWork, scan_has_ended, scan_shown

BY = "notebook"
PAGE = 100
MOST_FINDINGS = 1_000_000
NEWS_S = 10.0

T = TypeVar("T")
Named = TypeVar("Named", bound=Id)
Word = TypeVar("Word", bound=StrEnum)
Samples = Mapping[str, str]
"""Code by path."""


class Organisation:
    """One org of a running system. Lists are pandas DataFrames; every method raises the families of `model/errors.py`."""

    def __init__(self, house: House, loop: Loop, org: Org) -> None:
        self._house, self._loop = house, loop
        self.noun = org
        self.id, self.name = org.id, str(org.name)

    # Learning

    def learn(
        self,
        *,
        before: str,
        after: str,
        path: str,
        cwe: str | Sequence[str] = (),
        title: str | None = None,
        severity: str = "high",
        fires: Samples | None = None,
        silent: Samples | None = None,
        scan: bool = True,
        show: bool = True,
        wait_s: float = 300.0,
    ) -> CycleResult:
        """Send a fix (a file or function before and after) and wait until its cycle has ended, showing its steps if `show`.

        `fires` and `silent` are more code that the rule must and must not flag. A fix that was sent before gives its
        first cycle. After `wait_s` seconds the cycle is given as it is, with `outcome` None, and goes on by itself.

        Raises:
            Rejected: this is no fix; the message says why.
        """
        names = [cwe] if isinstance(cwe, str) else cwe
        context = {"fires": _samples(fires), "silent": _samples(silent)}
        try:
            body = {"changes": [{"path": path, "before": before, "after": after}], "severity": _one_of(Severity, severity),
                    "cwe": [canonical_cwe(name) for name in names], "title": title, "context": context, "scan": scan}  # fmt: skip
            fix = Fix.model_validate(body)
        except ValidationError as error:
            raise Rejected(in_words(error)) from error
        except ValueError as error:
            raise Rejected(str(error)) from error
        receipt = self._run(self._house.receive_fix(self.id, fix))
        cycle = self._watched(
            lambda: self._house.cycle(self.id, receipt.cycle), _cycle_shown if show else None, _has_ended, wait_s
        )
        return self._told(cycle)

    def cycle(self, cycle: str) -> CycleResult:
        return self._told(self._run(self._house.cycle(self.id, _id(CycleId, cycle))))

    # Rules

    def rules(self, state: str | None = None, *, limit: int = 1000) -> pd.DataFrame:
        """The rules, newest first: all, or those in one of draft, monitor, active, retired."""
        states = None if state is None else frozenset({_one_of(RuleState, state)})
        return tables.of_rules(self._all(lambda n, at: self._house.rules(self.id, states, n, at), limit))

    def rule(self, rule: str, version: int | None = None) -> RuleView:
        return RuleView(self._run(self._house.rule(self.id, _id(RuleId, rule), version)), self._judge)

    def approve(self, rule: str, *, reason: str) -> RuleView:
        """Make a rule in `monitor` an active one, which may fail builds."""
        return self._moved(rule, RuleState.ACTIVE, reason)

    def retire(self, rule: str, *, reason: str) -> RuleView:
        """Scan with a rule no more."""
        return self._moved(rule, RuleState.RETIRED, reason)

    # Scans, findings, proposals

    def scan(self, folder: str | Path | None = None, *, wait_s: float = 600.0) -> ScanResult:
        """Scan with the org's rules: a folder, which is registered first if it is not yet, or all its repositories.

        The system reads the folder, so it has to be below one of its allowed roots (`System.roots`).

        Raises:
            Rejected: the folder is not allowed. Conflict: there is nothing to scan, or no rule to scan with.
            Unavailable: the scan failed, or has not ended after `wait_s` seconds.
        """
        chosen = None if folder is None else [self.add_repository(folder).id]
        before = self._run(self._house.last_sequence(self.id))
        scan = self._run(self._house.start_scan(self.id, repositories=chosen)).scan
        work = ScanWork(self._house, self.id, scan.id, after=before)
        self._watched(work.so_far, scan_shown, scan_has_ended, wait_s)
        record = self._run(self._house.scan(self.id, scan.id))
        if record.status is not ScanStatus.DONE:
            raise Unavailable(f"scan {scan.id} is {record.status}: {scan_fields(record)}")
        return self._scanned(record)

    def add_repository(self, folder: str | Path, *, name: str | None = None) -> Repository:
        """Register a folder of the machine that the system runs on; one that is registered stays as it is."""
        place = Path(folder).expanduser().resolve()
        return self._run(self._house.add_repository(self.id, name or place.name, str(place), None))

    def repositories(self) -> pd.DataFrame:
        return tables.of_repositories(self._run(self._house.repositories(self.id)))

    def findings(self, state: str | None = None, *, limit: int = 1000) -> pd.DataFrame:
        """The findings by place: all, or those in one of open, fixed, triaged, reopened."""
        states = None if state is None else frozenset({_one_of(FindingState, state)})
        return self._table(self._found(states, limit))

    def triage(self, finding: str, label: str, *, reason: str | None = None) -> pd.DataFrame:
        """Say what a finding is (true_positive, false_positive or ignored); returns its row."""
        said = Triage(label=_one_of(TriageLabel, label), reason=reason, by=BY)
        record = self._run(self._house.triage(self.id, _id(FindingId, finding), said))
        return self._table([record])

    def proposals(self, *, limit: int = 1000) -> pd.DataFrame:
        """The patches that are offered, newest first, each with its unified diff."""
        return tables.of_proposals(self._all(lambda n, at: self._house.proposals(self.id, limit=n, cursor=at), limit))

    # What is known

    def intelligence(self) -> IntelligenceView:
        """What the org has learned, with its score, as it is now."""
        return IntelligenceView(self._run(self._house.intelligence(self.id)))

    def patterns(self) -> Patterns:
        """The vulnerable code of all fixes, as vectors."""
        return Patterns(self._run(self._house.patterns(self.id)))

    def events(self, *, after: int = 0, types: Sequence[str] | None = None, limit: int = 1000) -> pd.DataFrame:
        """The org's log after a sequence number, oldest first."""
        wanted = None if types is None else frozenset(types)
        asked = self._house.events_after(self.id, after, wait_s=0.0, types=wanted, limit=limit)
        found: tuple[Recorded, ...] = self._run(asked)
        return tables.of_events(found)

    def __repr__(self) -> str:
        return f"<org {self.name}>"

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    def _all(self, page: Callable[[int, str | None], Coroutine[Any, Any, Page[T]]], limit: int) -> list[T]:
        """The items of a list, page after page, at most `limit`."""
        found: list[T] = []
        cursor: str | None = None
        while len(found) < limit:
            answer = self._run(page(min(PAGE, limit - len(found)), cursor))
            found += answer.items
            cursor = answer.next_cursor
            if cursor is None:
                break
        return found

    def _watched(
        self,
        look: Callable[[], Awaitable[T]],
        shown: Callable[[T], tuple[str, list[str]]] | None,
        ended: Callable[[T], bool],
        wait_s: float,
    ) -> T:
        """Look and show, again whenever the org's log has grown, until it has ended or `wait_s` seconds are over."""
        deadline = time.monotonic() + wait_s
        board = Board()
        while True:
            last, seen = self._run(self._looked(look))
            if shown is not None:
                board.show(*shown(seen))
            left = deadline - time.monotonic()
            if ended(seen) or left <= 0:
                return seen
            self._run(self._house.events_after(self.id, last, wait_s=min(left, NEWS_S), limit=1))

    async def _looked(self, look: Callable[[], Awaitable[T]]) -> tuple[int, T]:
        last = await self._house.last_sequence(self.id)
        return last, await look()

    def _found(self, states: frozenset[FindingState] | None = None, limit: int = 1000) -> list[FindingRecord]:
        return self._all(lambda n, at: self._house.findings(self.id, states=states, limit=n, cursor=at), limit)

    def _scanned(self, record: ScanRecord) -> ScanResult:
        seen = self._run(self._house.scan_findings(self.id, record.scan.id, MOST_FINDINGS))
        return ScanResult(record, self._table(seen))

    def _table(self, found: Sequence[FindingRecord]) -> pd.DataFrame:
        names = {str(one.id): one.name for one in self._run(self._house.repositories(self.id))}
        return tables.of_findings(found, names)

    def _told(self, cycle: Cycle) -> CycleResult:
        rule = self.rule(cycle.rule.id, cycle.rule.version) if cycle.rule else None
        return CycleResult(cycle, rule)

    def _moved(self, rule: str, to: RuleState, reason: str) -> RuleView:
        moved = self._run(self._house.change_rule_state(self.id, _id(RuleId, rule), to, reason=reason, by=BY))
        return RuleView(moved, self._judge)

    def _judge(self, rule: Rule) -> ValidationReport:
        return self._run(self._house.validate_rule(rule.definition, rule.cases))


def _samples(code: Samples | None) -> list[dict[str, str]]:
    return [{"path": path, "code": text} for path, text in (code or {}).items()]


def _one_of(kind: type[Word], value: str) -> Word:
    try:
        return kind(value)
    except ValueError as error:
        raise Rejected(f"{value!r} is none of {', '.join(kind)}") from error


def _id(kind: type[Named], text: str) -> Named:
    try:
        return kind(text)
    except ValueError as error:
        raise Rejected(str(error)) from error


def _cycle_shown(cycle: Cycle) -> tuple[str, list[str]]:
    return markup.of_cycle(cycle), list(lines_of(cycle))


def _has_ended(cycle: Cycle) -> bool:
    return cycle.outcome is not None
