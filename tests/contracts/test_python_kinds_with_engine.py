"""Does a fix in Python find the same weakness by another hand, and nothing where the code is right?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.engine.proof import Learned, learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from tests.contracts.python_kinds import KINDS

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def _learned(engine: Engine, name: str) -> Learned:
    kind = KINDS[name]
    change = {"path": "shop.py", "before": kind.before, "after": kind.after}
    return learn(engine, Fix.model_validate({"changes": [change], "cwe": [kind.cwe]}), now=NOW)


@pytest.mark.parametrize("name", KINDS)
def test_a_fix_finds_its_siblings_and_spares_what_is_right(engine: Engine, name: str) -> None:
    kind = KINDS[name]
    rules = [rule.definition for rule in _learned(engine, name).rules]
    assert rules
    texts = [SourceText(f"t{at}.py", "python", code) for at, code in enumerate(kind.siblings + kind.spared)]
    found = {match.target for match in engine.run_texts(rules, texts).matches}
    assert found == set(range(len(kind.siblings)))
