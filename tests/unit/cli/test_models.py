"""A language model is asked where the command names one, and not else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import rsolv
from tests.unit.proposers.test_proposing import AFTER, BEFORE, GOOD
from tests.unit.proposers.vendor import completion, refused, rules, vendor


@pytest.fixture
def sides(tmp_path: Path) -> list[str]:
    for name, code in (("before.py", BEFORE), ("after.py", AFTER)):
        (tmp_path / name).write_text(code)
    return ["--before", str(tmp_path / "before.py"), "--after", str(tmp_path / "after.py"), "--cwe", "CWE-89"]


def test_a_named_model_is_asked_and_what_it_cost_is_told_on_stderr(
    sides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with vendor(completion(rules(GOOD), tokens=1234)) as here:
        monkeypatch.setenv("RSOLV_OPENAI_URL", f"{here.url}/v1")
        told = rsolv("synthesize", *sides, "--proposer", "openai:a-model", "--json")
    assert "openai:a-model: 1,234 tokens in 1 questions" in told.stderr
    assert "openai" in told.stdout
    assert told.exit_code == 0


def test_a_model_that_fails_is_told_and_the_rules_come_all_the_same(
    sides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with vendor(refused(404)) as here:
        monkeypatch.setenv("RSOLV_OPENAI_URL", f"{here.url}/v1")
        told = rsolv("synthesize", *sides, "--proposer", "openai:gone")
    assert "openai:gone: there is no such model (HTTP 404)" in told.stderr
    assert told.exit_code == 0


def test_no_model_is_asked_by_itself(sides: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with vendor(completion("x")) as here:
        monkeypatch.setenv("RSOLV_OPENAI_URL", f"{here.url}/v1")
        rsolv("synthesize", *sides)
        assert here.asked == []


def test_what_names_no_model_is_refused_before_anything_is_sent(sides: list[str]) -> None:
    told = rsolv("synthesize", *sides, "--proposer", "claude")
    assert told.exit_code == 2
    assert "anthropic:MODEL or openai:MODEL" in told.stderr


def test_a_batch_asks_no_model() -> None:
    assert rsolv("synthesize", "--batch", "--proposer", "openai:a").exit_code == 2
