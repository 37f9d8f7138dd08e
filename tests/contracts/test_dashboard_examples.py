"""Do the examples of the dashboard's form teach what they promise?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.dashboard.pages.learn import fix_of
from rsolv_ray.dashboard.pages.learn_examples import EXAMPLES
from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.rule import Confidence


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_teaches_a_rule_of_high_confidence(name: str) -> None:
    learned = learn(Engine(), fix_of(EXAMPLES[name]), now=datetime(2026, 11, 21, tzinfo=UTC))
    assert [rule.confidence for rule in learned.rules] == [Confidence.HIGH]
