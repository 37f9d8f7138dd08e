"""What is answered to a question or a request, beyond the nouns themselves?"""

from __future__ import annotations

from pydantic import Field

from rsolv_ray.model.ids import CycleId, FixId
from rsolv_ray.model.noun import Count, JsonObject, Moment, Noun
from rsolv_ray.model.rule import CaseKind, Density, Quality


class Receipt(Noun):
    """A fix is durable. `known`: it had been received before, and nothing was written."""

    cycle: CycleId
    fix: FixId
    known: bool
    sequence: int


class CaseResult(Noun):
    """What a rule did on one case. `lines` are the first lines of its findings, counted from 1."""

    index: Count
    kind: CaseKind
    path: str
    passed: bool
    lines: tuple[int, ...] = ()


class ValidationReport(Noun):
    """Any rule on any cases. `valid`: the schema and the engine take it; `quality` is None where it was not run.

    `density` is how loud it is on clean code of its first language; None where there is none, or the rule is not valid.

    `missing_fields` are required fields that the rule lacks; `problems` is everything that keeps it from being valid.
    """

    valid: bool
    problems: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    structure_score: float = Field(ge=0.0, le=1.0)
    quality: Quality | None = None
    cases: tuple[CaseResult, ...] = ()
    density: Density | None = None
    recommendations: tuple[str, ...] = ()
    elapsed_ms: Count = 0


class OrgMetrics(Noun):
    """An org's counts now, and by period. Values are counts unless the name ends in `_rate` (0 to 1) or `_ms`."""

    at: Moment
    now: dict[str, float]
    daily: dict[str, float] = Field(default_factory=dict)
    weekly: dict[str, float] = Field(default_factory=dict)
    monthly: dict[str, float] = Field(default_factory=dict)


class Readiness(Noun):
    """Can the service do its main job? `detail` names each part with `ready` or what is wrong with it."""

    ready: bool
    detail: dict[str, str] = Field(default_factory=dict)


class TreeNode(Noun):
    """A supervised process, or a supervisor with its children, as it is now."""

    id: str
    kind: str
    state: str
    restart: str = ""
    generation: int | None = None
    pid: int | None = None
    restarts_left: int | None = None
    last_exit: str | None = None
    children: tuple[JsonObject, ...] = ()
