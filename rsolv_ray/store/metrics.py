"""How much has an org learned, and what came of it?"""

from __future__ import annotations

from datetime import datetime

from rsolv_ray.model.cycle import Outcome
from rsolv_ray.model.finding import TriageLabel
from rsolv_ray.store.connection import as_stored
from rsolv_ray.store.file import OrgFile
from rsolv_ray.store.queries import load

_SQL = load("metrics")
_COUNTED = {
    "fixes_received": "FixReceived",
    "rules_generated": "RuleAccepted",
    "rules_merged": "RuleMerged",
    "lessons_learned": "LessonLearned",
    "candidates_rejected": "RuleRejected",
    "patterns_learned": "PatternStored",
    "cycles_completed": "CycleCompleted",
    "commands_abandoned": "CommandAbandoned",
    "scans_completed": "ScanCompleted",
    "findings_opened": "FindingOpened",
    "findings_fixed": "FindingFixed",
    "findings_reopened": "FindingReopened",
    "findings_triaged": "FindingTriaged",
}


class LearningMetrics(OrgFile):
    """Counts over an org's log and states."""

    def tokens_spent(self, since: datetime) -> int:
        """How many tokens asking language models has cost since a moment."""
        (tokens,) = self._db.row(_SQL["tokens"], since=as_stored(since)) or (0,)
        return int(tokens)

    def learning_metrics(self, since: datetime | None) -> dict[str, float]:
        """What happened since a moment, or at all, with how rules and findings stand now.

        Counts, unless the name ends in `_rate` (0 to 1) or `_ms`; rates and times are left out where nothing was
        measured.
        """
        moment = None if since is None else as_stored(since)
        happened = dict(self._db.rows(_SQL["events"], since=moment))
        counts = {name: float(happened.get(event, 0)) for name, event in _COUNTED.items()}
        counts["proposals_offered"] = self._count("patches", moment)
        counts["fixes_applied"] = self._count("applied", moment)
        return {**counts, **self._standing(), **self._cycles(moment), **self._triage(moment)}

    def _count(self, question: str, since: datetime | None) -> float:
        (count,) = self._db.row(_SQL[question], since=since) or (0,)
        return float(count)

    def _standing(self) -> dict[str, float]:
        rules, findings = dict(self._db.rows(_SQL["rules"])), dict(self._db.rows(_SQL["findings"]))
        return {
            "rules_active": float(rules.get("active", 0)),
            "rules_monitor": float(rules.get("monitor", 0)),
            "findings_open": float(findings.get("open", 0) + findings.get("reopened", 0)),
        }

    def _cycles(self, since: datetime | None) -> dict[str, float]:
        rows = {outcome: (count, ms) for outcome, count, ms in self._db.rows(_SQL["outcomes"], since=since)}
        ended, median_ms = rows.get(None, (0, None))
        learned, _ = rows.get(Outcome.LEARNED, (0, None))
        counts = {"cycles_learned": float(learned)}
        return {**counts, "learned_rate": learned / ended, "cycle_median_ms": median_ms} if ended else counts

    def _triage(self, since: datetime | None) -> dict[str, float]:
        said = dict(self._db.rows(_SQL["triage"], since=since))
        wrong, right = said.get(TriageLabel.FALSE_POSITIVE, 0), said.get(TriageLabel.TRUE_POSITIVE, 0)
        return {"false_positive_rate": wrong / (wrong + right)} if wrong + right else {}
