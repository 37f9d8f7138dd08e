"""What does an org know, as a researcher looks at it? Its intelligence and its patterns, as tables, vectors and plots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from rsolv_ray.model.errors import Conflict, Rejected
from rsolv_ray.model.intelligence import Intelligence
from rsolv_ray.model.languages import language_of
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.notebook import markup, plots, tables

LEAST_FOR_A_MAP = 3
"""Two points lie on a line in any case."""


class IntelligenceView:
    """An org's intelligence at one moment; `noun` is the value itself. Definitions: docs/metrics.md."""

    def __init__(self, known: Intelligence) -> None:
        self.noun = known
        self.score: int = known.score.value
        self.parts: pd.DataFrame = tables.of_score(known)
        self.cards: pd.DataFrame = tables.of_cards(known)
        self.learning: pd.DataFrame = tables.of_learning(known)
        self.distribution: pd.DataFrame = tables.of_distribution(known)

    def plot_score(self, axes: Axes | None = None) -> Axes:
        """What each part gives of the score."""
        return plots.of_score(self.parts, self.score, axes)

    def plot_learning(self, axes: Axes | None = None) -> Axes:
        """Rules accepted and patterns stored per day."""
        return plots.of_learning(self.learning, axes)

    def plot_growth(self, axes: Axes | None = None) -> Axes:
        """All rules and patterns, day by day."""
        return plots.of_growth(self.learning, axes)

    def plot_distribution(self, axes: Axes | None = None) -> Axes:
        """Patterns by weakness."""
        return plots.of_distribution(self.distribution, axes)

    def __repr__(self) -> str:
        rows = [f"  {part.title}: {part.value:.2f} x {part.weight:.2f} ({part.told})" for part in self.noun.score.parts]
        return "\n".join([f"intelligence score {self.score} of 100", *rows])

    def _repr_html_(self) -> str:
        rows = [
            (part.title, f"{100 * part.value * part.weight:.0f} of {100 * part.weight:.0f}", part.told)
            for part in self.noun.score.parts
        ]
        return markup.heading(f"Intelligence score: {self.score} of 100") + markup.table(
            ("part", "points", "told"), rows
        )


class Patterns:
    """The patterns of an org: the vulnerable code of its fixes, as unit vectors."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.nouns = tuple(patterns)
        self.table: pd.DataFrame = tables.of_patterns(patterns)

    @cached_property
    def vectors(self) -> np.ndarray:
        """Float32 of shape (patterns, dimensions), rows of length 1 in the order of `table`.

        Raises:
            Conflict: they were made by more than one encoder, and do not compare.
        """
        encoders = {one.encoder for one in self.nouns}
        if len(encoders) > 1:
            raise Conflict(f"vectors of different encoders do not compare: {', '.join(sorted(encoders))}")
        return np.array([one.vector for one in self.nouns], dtype=np.float32)

    def similar(self, code: str, path: str) -> pd.DataFrame:
        """The table, with the cosine similarity (-1 to 1) to `code`, the most similar first.

        Raises:
            Rejected: the language is not known by the name `path`.
            Conflict: the patterns were made by another encoder than this version's.
        """
        language = language_of(path)
        if language is None:
            raise Rejected(f"the language of {path!r} is not known by its name")
        similarity = self.vectors @ self._encoded(code, language) if self.nouns else np.zeros(0)
        return self.table.assign(similarity=similarity).sort_values("similarity", ascending=False)

    def plot_map(self, axes: Axes | None = None) -> Axes:
        """The vectors on their first two principal components, by weakness: near points are similar code.

        Raises:
            Conflict: there are fewer than three patterns.
        """
        if len(self.nouns) < LEAST_FOR_A_MAP:
            raise Conflict(
                f"a map needs {LEAST_FOR_A_MAP} patterns, there are {len(self.nouns)}: learn from more fixes"
            )
        from sklearn.decomposition import PCA

        components = PCA(n_components=2, svd_solver="full")
        places = components.fit_transform(self.vectors)
        names = [", ".join(one.cwe) or "not named" for one in self.nouns]
        return plots.of_map(places, names, components.explained_variance_ratio_.tolist(), axes)

    def _encoded(self, code: str, language: str) -> np.ndarray:
        from rsolv_ray.patterns.encoder import Encoder
        from rsolv_ray.patterns.features import CodeSample

        encoder = Encoder(self.vectors.shape[1], "cpu")
        if encoder.name != self.nouns[0].encoder:
            raise Conflict(f"the patterns were made by {self.nouns[0].encoder}, this version has {encoder.name}")
        return encoder.encode([CodeSample(code, language)]).numpy()[0]

    def __len__(self) -> int:
        return len(self.nouns)

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        html: str = self.table.to_html(max_rows=20)
        return html
