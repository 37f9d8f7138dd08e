"""What has become of a fix so far? The cycle as the API tells it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rsolv_ray.model.fix import Cwe
from rsolv_ray.model.ids import CycleId, FixId, LessonId, OrgId, ProposalId, RuleId, ScanId
from rsolv_ray.model.noun import Count, Moment, Noun
from rsolv_ray.model.pattern import PatternInsight
from rsolv_ray.model.prediction import Prediction
from rsolv_ray.model.rule import Confidence, Density, Proposer, Quality, RuleState

WorkId = CycleId | ScanId | LessonId
"""What an orchestrator drives: a cycle, a scan that stands for itself, or a lesson from people's words."""


class Step(StrEnum):
    SYNTHESIS = "synthesis"
    JUDGEMENT = "judgement"
    PATTERN = "pattern"
    CLASSIFICATION = "classification"
    SCAN = "scan"
    PROPOSALS = "proposals"
    LESSON = "lesson"


CYCLE_STEPS = tuple(step for step in Step if step is not Step.LESSON)


class StepStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Outcome(StrEnum):
    LEARNED = "learned"
    NO_RULE = "no_rule"
    PARTIAL = "partial"


class StepState(Noun):
    status: StepStatus = StepStatus.PENDING
    description: str = ""
    attempts: Count = 0
    elapsed_ms: Count | None = None


class LearnedRule(Noun):
    """What a fix taught. `parents`: the rule that was known and the new one, where the two became this version of the first."""

    id: RuleId
    version: Annotated[int, Field(ge=1)]
    state: RuleState
    confidence: Confidence
    quality: Quality
    density: Density | None = None
    recommendations: tuple[str, ...] = ()
    parents: tuple[RuleId, ...] = ()


class RejectedCandidate(Noun):
    candidate: str
    proposer: Proposer
    reason: str
    known_rule: RuleId | None = None


class CycleScan(Noun):
    id: ScanId
    repositories: Count
    findings: Count
    duration_ms: Count


class Classified(Noun):
    prediction: Prediction
    known_label: str | None
    training_samples: Count = 0
    model_accuracy: float | None = None
    disagreement: bool


class Cycle(Noun):
    """The work that one accepted fix set off. `outcome` is None while it runs; `title` and `cwe` are the fix's."""

    id: CycleId
    fix: FixId
    org: OrgId
    title: str | None = None
    cwe: tuple[Cwe, ...] = ()
    outcome: Outcome | None = None
    reason: str | None = None
    received_at: Moment
    finished_at: Moment | None = None
    steps: dict[Step, StepState]
    rule: LearnedRule | None = None
    rejected: tuple[RejectedCandidate, ...] = ()
    pattern: PatternInsight | None = None
    classification: Classified | None = None
    scan: CycleScan | None = None
    additional_matches: Count = 0
    proposals: tuple[ProposalId, ...] = ()

    @property
    def known_rule(self) -> RuleId | None:
        """The rule that was there already and finds what this fix mended: why it taught no new one. None elsewhere."""
        if self.outcome is not Outcome.NO_RULE:
            return None
        return next((one.known_rule for one in self.rejected if one.known_rule), None)
