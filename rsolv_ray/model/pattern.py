"""What is remembered of a fix's code, and has something like it been seen before?"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rsolv_ray.model.fix import Cwe
from rsolv_ray.model.ids import FixId, PatternId
from rsolv_ray.model.noun import Count, Moment, Noun

Similarity = Annotated[float, Field(ge=-1.0, le=1.0)]


class Insight(StrEnum):
    NOVEL = "novel"
    EMERGING = "emerging"
    RECURRING = "recurring"


class Pattern(Noun):
    """A fix's vulnerable code as a unit vector of float32, with its facts. `encoder` names what made the vector."""

    id: PatternId
    fix: FixId
    encoder: str
    vector: tuple[float, ...]
    fixed_vector: tuple[float, ...]
    language: str
    cwe: tuple[Cwe, ...] = ()
    snippet: str = Field(max_length=20_000)
    created_at: Moment


class Neighbour(Noun):
    pattern: PatternId
    similarity: Similarity


class PatternInsight(Noun):
    """How a pattern stands among those known before it; `count` is how many were similar."""

    id: PatternId
    insight: Insight
    count: Count
    similar: tuple[Neighbour, ...] = ()
    message: str


class Analysed(Noun):
    """A fix's pattern, and how it stands among those of its org."""

    pattern: Pattern
    insight: PatternInsight
