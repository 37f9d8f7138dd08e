"""What is a rule, and what has to come with it?

A rule is a Semgrep rule with its proof: at least one case that it must flag and one that it must not.
States and who may move between them: `TRANSITIONS`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rsolv_ray.model.fix import Cwe, Severity
from rsolv_ray.model.ids import CandidateId, FixId, RuleId
from rsolv_ray.model.noun import Count, JsonObject, Moment, Noun, Share


class Proposer(StrEnum):
    SYNTAX = "syntax"
    CLIENT = "client"
    ANTHROPIC = "anthropic"
    OPENAI = "openai"


class RuleState(StrEnum):
    DRAFT = "draft"
    MONITOR = "monitor"
    ACTIVE = "active"
    RETIRED = "retired"


TRANSITIONS: dict[RuleState, frozenset[RuleState]] = {
    RuleState.DRAFT: frozenset({RuleState.MONITOR, RuleState.RETIRED}),
    RuleState.MONITOR: frozenset({RuleState.ACTIVE, RuleState.RETIRED}),
    RuleState.ACTIVE: frozenset({RuleState.MONITOR, RuleState.RETIRED}),
    RuleState.RETIRED: frozenset({RuleState.MONITOR}),
}
SCANNING_STATES = (RuleState.MONITOR, RuleState.ACTIVE)


class Confidence(StrEnum):
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class CaseKind(StrEnum):
    FIRES = "fires"
    SILENT = "silent"


class CaseSource(StrEnum):
    FIX = "fix"
    CALLER = "caller"
    VARIANT = "variant"
    NEAR_MISS = "near_miss"
    TRIAGE = "triage"


class LineRange(Noun):
    """Lines counted from 1, both ends included."""

    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last line comes before the first")
        return self

    def touches(self, first: int, last: int) -> bool:
        return first <= self.last and last >= self.first


class Case(Noun):
    """Code with what a rule must do on it.

    `fires`: at least one finding, in `lines` where there are any (one of the ranges is enough).
    `silent`: no finding, in `lines` where there are any, else in the whole code.
    """

    kind: CaseKind
    path: str = Field(min_length=1, max_length=1000)
    language: str
    code: str
    lines: tuple[LineRange, ...] = ()
    source: CaseSource = CaseSource.FIX


class Candidate(Noun):
    """A possible rule for a fix, before judgement.

    `definition` is one whole Semgrep rule as a JSON object. `form` names the kind of generalisation that made it
    (`taint`, `call`, `ladder:3`, ...), `rank` orders candidates of one fix: the smaller, the more it is worth.
    """

    definition: JsonObject
    proposer: Proposer = Proposer.SYNTAX
    form: str = Field(default="", max_length=100)
    rank: int = 0

    @property
    def id(self) -> CandidateId:
        return CandidateId.of(
            {key: value for key, value in self.definition.items() if key not in ("id", "message", "metadata")}
        )


class Quality(Noun):
    """How good is a rule on its cases? Counts are of cases.

    `effectiveness` = 0.4 specificity + 0.6 coverage; `overall` = mean of structure, effectiveness and accuracy.
    """

    structure: Share
    effectiveness: Share
    accuracy: Share
    overall: Share
    tp: Count
    fn: Count
    tn: Count
    fp: Count
    precision: Share
    recall: Share
    f1: Share


class Density(Noun):
    """How often does a rule fire on clean code, where next to nothing that it flags is worth a finding?

    Of `lines` lines of clean code the engine read the `files` that hold what the rule needs, and `findings` were counted
    there. Where those would have been too many, `sampled`: `files` are some of `possible_files`, and `per_100k_lines` is
    an estimate for all lines with the standard error `margin`.
    """

    findings: Count
    lines: Annotated[int, Field(ge=1)]
    per_100k_lines: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
    margin: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 0.0
    sampled: bool = False
    files: Count = 0
    possible_files: Count = 0

    @property
    def words(self) -> str:
        """As in `1.2 findings in 100,000 lines of clean code (48 in 4,012,345)`."""
        counted = f"{self.findings:,} in {self.lines:,}"
        if self.sampled:
            counted = (
                f"an estimate, give or take {self.margin:,.1f}: {self.findings:,} in {self.files:,} of "
                f"{self.possible_files:,} files that could match"
            )
        return f"{self.per_100k_lines:,.1f} findings in 100,000 lines of clean code ({counted})"


class Rule(Noun):
    """A Semgrep rule with its proof. `density` is None where there was no clean code of its language to try it on."""

    id: RuleId
    version: Annotated[int, Field(ge=1)] = 1
    state: RuleState = RuleState.MONITOR
    proposer: Proposer = Proposer.SYNTAX
    form: str = ""
    languages: tuple[str, ...] = Field(min_length=1)
    severity: Severity = Severity.HIGH
    cwe: tuple[Cwe, ...] = ()
    message: str = Field(min_length=1)
    confidence: Confidence
    definition: JsonObject
    cases: tuple[Case, ...]
    quality: Quality
    density: Density | None = None
    recommendations: tuple[str, ...] = ()
    origin_fixes: tuple[FixId, ...] = Field(min_length=1)
    created_at: Moment

    @model_validator(mode="after")
    def _has_its_proof(self) -> Self:
        kinds = {case.kind for case in self.cases}
        if kinds != {CaseKind.FIRES, CaseKind.SILENT}:
            raise ValueError("a rule needs at least one case that it flags and one that it does not")
        if self.definition.get("id") != self.id:
            raise ValueError("the definition bears another id than the rule")
        return self

    @property
    def fix(self) -> str | None:
        """The rule's own autofix template, if it has one."""
        template = self.definition.get("fix")
        return template if isinstance(template, str) else None

    @property
    def mends(self) -> bool:
        """Whether the engine says what should stand in place of what the rule finds: by a template, or by a replacement in it."""
        return "fix" in self.definition or "fix-regex" in self.definition

    def summary(self) -> RuleSummary:
        return RuleSummary(
            **{name: getattr(self, name) for name in RuleSummary.model_fields if name != "has_fix"},
            has_fix=self.mends,
        )


class RuleSummary(Noun):
    """A rule without its definition and cases: what events and lists tell."""

    id: RuleId
    version: int
    state: RuleState
    proposer: Proposer
    form: str
    languages: tuple[str, ...]
    severity: Severity
    cwe: tuple[Cwe, ...]
    message: str
    confidence: Confidence
    quality: Quality
    density: Density | None = None
    recommendations: tuple[str, ...]
    origin_fixes: tuple[FixId, ...]
    created_at: Moment
    has_fix: bool


class RuleStep(Noun):
    """A rule came into a state, or a version of it was learned in one: why, by whom and when."""

    state: RuleState
    reason: str
    by: str
    at: Moment


class Accepted(Noun):
    """The verdict on a candidate that passed every gate."""

    verdict: Literal["accepted"] = "accepted"
    candidate: CandidateId
    rule: Rule


class Refused(Noun):
    """The verdict on a candidate that did not pass: the first gate that it failed, in words for people.

    `known_rule` is the rule of the org that finds already what the candidate finds, where that is why.
    """

    verdict: Literal["refused"] = "refused"
    candidate: CandidateId
    proposer: Proposer
    form: str
    gate: str
    reason: str
    known_rule: RuleId | None = None


Verdict = Annotated[Accepted | Refused, Field(discriminator="verdict")]
