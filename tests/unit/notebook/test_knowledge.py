"""How intelligence and patterns become tables and plots: the numbers that are drawn are those that are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from matplotlib.axes import Axes

from rsolv_ray.model.errors import Conflict, Rejected
from rsolv_ray.model.ids import FixId, PatternId
from rsolv_ray.model.intelligence import Card, Intelligence, Point, Score, ScorePart, Series, Share, Velocity
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.notebook.knowledge import IntelligenceView, Patterns
from rsolv_ray.notebook.system import System
from rsolv_ray.patterns.encoder import Encoder
from rsolv_ray.patterns.features import CodeSample

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = datetime(2026, 3, 10, tzinfo=UTC)
CODE = {
    "CWE-89": 'def find(cursor, name):\n    cursor.execute("select * from t where n = %s" % name)\n',
    "CWE-78": "import os\ndef remove(path):\n    os.system('rm -r ' + path)\n",
    "CWE-502": "import yaml\ndef load(text):\n    return yaml.load(text)\n",
}


@pytest.fixture
def known() -> Intelligence:
    """Two days: 1 then 2 rules, 2 then 4 patterns."""

    def series(name: str, *values: float) -> Series:
        points = tuple(Point(at=TODAY - timedelta(days=1 - at), value=value) for at, value in enumerate(values))
        return Series(name=name, title=name, points=points)

    return Intelligence(
        at=NOW,
        score=Score(
            value=55,
            parts=(
                ScorePart(name="coverage", title="Fixes that taught", value=0.5, weight=0.6, told="1 of 2", n=2),
                ScorePart(name="proof", title="Proof", value=0.625, weight=0.4, told="<b>proven</b>", n=1),
            ),
        ),
        cards=(
            Card(name="rules", title="Rules", value=3, unit="count", delta=3, window="this month", better="more"),
            Card(name="false_positive_rate", title="FP", value=0, unit="rate", delta=None, window="", n=0, better="less"),
        ),
        velocity=Velocity(per_week=3, before=0, window_days=7),
        learning=(
            series("rules_per_day", 1, 2), series("patterns_per_day", 2, 4),
            series("rules_total", 1, 3), series("patterns_total", 2, 6),
        ),
        distribution=(Share(name="CWE-89 SQL injection", count=4), Share(name="CWE-78 OS command injection", count=2)),
    )  # fmt: skip


@pytest.fixture
def patterns() -> list[Pattern]:
    encoder = Encoder(64, "cpu")
    made = []
    for number, (cwe, code) in enumerate(CODE.items()):
        vector = tuple(encoder.encode([CodeSample(code, "python")]).tolist()[0])
        fix = FixId(f"fix_{number:024d}")
        made.append(
            Pattern(
                id=PatternId.of(fix),
                fix=fix,
                encoder=encoder.name,
                vector=vector,
                fixed_vector=vector,
                language="python",
                cwe=(cwe,),
                snippet=code,
                created_at=NOW,
            )
        )
    return made


def widths(axes: Axes, label: str) -> list[float]:
    return [bar.get_width() for group in axes.containers if group.get_label() == label for bar in group]


def heights(axes: Axes, label: str) -> list[float]:
    return [bar.get_height() for group in axes.containers if group.get_label() == label for bar in group]


def test_the_points_of_a_score_are_its_parts_by_their_weight(known: Intelligence) -> None:
    view = IntelligenceView(known)
    assert list(view.parts["points"]) == [30.0, 25.0]
    axes = view.plot_score()
    assert axes.get_title() == "Intelligence score: 55 of 100"
    assert widths(axes, "reached") == [25.0, 30.0]
    assert widths(axes, "possible") == [40.0, 60.0]


def test_a_rate_of_which_nothing_was_measured_is_missing(known: Intelligence) -> None:
    values = IntelligenceView(known).cards["value"]
    assert values["rules"] == 3
    assert np.isnan(values["false_positive_rate"])


def test_the_days_are_drawn_with_a_fortnight_at_least(known: Intelligence) -> None:
    axes = IntelligenceView(known).plot_learning()
    assert heights(axes, "rules accepted") == [0.0] * 12 + [1.0, 2.0]
    assert heights(axes, "patterns stored") == [0.0] * 12 + [2.0, 4.0]


def test_growth_is_drawn_from_the_totals(known: Intelligence) -> None:
    rules, patterns = IntelligenceView(known).plot_growth().get_lines()
    assert list(rules.get_ydata())[-2:] == [1.0, 3.0]
    assert list(patterns.get_ydata())[-2:] == [2.0, 6.0]


def test_the_most_frequent_weakness_is_on_top(known: Intelligence) -> None:
    axes = IntelligenceView(known).plot_distribution()
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "CWE-89 SQL injection"


def test_every_plot_has_a_title_and_names_its_axes(known: Intelligence, patterns: list[Pattern]) -> None:
    view = IntelligenceView(known)
    drawn = [view.plot_score(), view.plot_learning(), view.plot_growth(), view.plot_distribution()]
    for axes in [*drawn, Patterns(patterns).plot_map()]:
        assert axes.get_title()
        assert axes.get_xlabel()


def test_what_is_told_is_shown_as_text_not_as_markup(known: Intelligence) -> None:
    html = IntelligenceView(known)._repr_html_()
    assert "&lt;b&gt;proven&lt;/b&gt;" in html
    assert "<b>proven" not in html


def test_an_org_that_knows_nothing_can_be_drawn(system: System) -> None:
    view = system.org("acme").intelligence()
    assert view.score == 0
    for axes in (view.plot_score(), view.plot_learning(), view.plot_growth(), view.plot_distribution()):
        axes.figure.canvas.draw()


def test_the_code_that_a_pattern_was_made_of_is_most_similar_to_it(patterns: list[Pattern]) -> None:
    found = Patterns(patterns).similar(CODE["CWE-78"], "app/clean.py")
    assert found["cwe"].iloc[0] == "CWE-78"
    assert found["similarity"].iloc[0] == pytest.approx(1.0, abs=1e-5)
    assert found["similarity"].is_monotonic_decreasing


def test_nothing_is_similar_where_nothing_is_known() -> None:
    assert Patterns([]).similar("x = 1", "a.py").empty


def test_a_language_that_is_not_known_is_refused(patterns: list[Pattern]) -> None:
    with pytest.raises(Rejected, match=r"the language of 'a\.xyz' is not known"):
        Patterns(patterns).similar("x", "a.xyz")


def test_vectors_of_two_encoders_are_not_compared(patterns: list[Pattern]) -> None:
    other = patterns[0].model_copy(update={"encoder": "other-64"})
    with pytest.raises(Conflict, match="vectors of different encoders do not compare: hash-v1-64, other-64"):
        _ = Patterns([other, *patterns[1:]]).vectors
    with pytest.raises(Conflict, match="were made by other-64"):
        Patterns([other]).similar("x = 1", "a.py")


def test_a_map_needs_three_patterns(patterns: list[Pattern]) -> None:
    with pytest.raises(Conflict, match="a map needs 3 patterns, there are 2"):
        Patterns(patterns[:2]).plot_map()


def test_a_map_has_a_point_for_each_pattern_and_a_sign_for_each_weakness(patterns: list[Pattern]) -> None:
    axes = Patterns(patterns).plot_map()
    assert sum(len(group.get_offsets()) for group in axes.collections) == 3
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(CODE)
