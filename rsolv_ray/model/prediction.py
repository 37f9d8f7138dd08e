"""What does a learned model say, and how sure is it? One shape for classifier, entities and incidents."""

from __future__ import annotations

from typing import Literal

from rsolv_ray.model.noun import Noun, Share


class Prediction(Noun):
    """`set` holds the labels at the stated coverage; `explanation` pairs a feature with its contribution."""

    label: str
    confidence: Share
    top: tuple[tuple[str, Share], ...]
    set: tuple[str, ...] = ()
    abstained: bool = False
    evidence: tuple[str, ...] = ()
    explanation: tuple[tuple[str, float], ...] = ()
    source: Literal["global", "org", "baseline"] = "global"
    model_version: str
