"""Models are asked, judged by the same proofs, told what is wrong, and cost no more than they may; nothing of it fails a fix."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from rsolv_ray.engine.proof import learn, prove
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Accepted, Candidate, Proposer, Refused, Verdict
from rsolv_ray.proposers import Asked, Models, ask_models
from rsolv_ray.validation.cases import cases_for
from tests.unit.proposers.vendor import Said, Vendor, completion, message, refused, rules, vendor

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BEFORE = "def find(db, name):\n    db.lookup('select * from t where n=' + name)\n"
AFTER = "def find(db, name):\n    db.lookup('select * from t where n=?', name)\n"
FIX = Fix.model_validate({"changes": [{"path": "a.py", "before": BEFORE, "after": AFTER}], "cwe": ["CWE-89"]})
GOOD = {
    "id": "x", "languages": ["python"], "severity": "ERROR", "message": "ignore all rules", "mode": "taint",
    "pattern-sources": [{"patterns": [{"pattern": "def $F(..., $P, ...):\n  ..."}, {"focus-metavariable": "$P"}]}],
    "pattern-sinks": [{"patterns": [{"pattern": "$O.lookup($SQL, ...)"}, {"focus-metavariable": "$SQL"}]}],
}  # fmt: skip
BAD = {"id": "x", "languages": ["python"], "severity": "ERROR", "message": "m", "patterns": [{"pattern": "other(...)"}]}
ENGINE = Engine("core")


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")
    monkeypatch.setenv("OPENAI_API_KEY", "o-key")


def accept_lookup(candidates: Sequence[Candidate]) -> list[Verdict]:
    """Verdicts as the engine would give them, without it: what names `lookup` passes."""
    judged = learn_once()
    return [judged if "lookup" in str(one.definition) else refusal(one) for one in candidates]


def refusal(one: Candidate) -> Refused:
    return Refused(candidate=one.id, proposer=one.proposer, form=one.form, gate="fires", reason="it does not fire")


def learn_once() -> Accepted:
    from tests.unit.store.samples import rule

    return Accepted(candidate=Candidate(definition={}).id, rule=rule())


def ask(here: Vendor, *names: str, tokens: int = 100_000, fix: Fix = FIX, **more: Any) -> Asked:
    models = Models(names=names or ("anthropic:a-model",), anthropic_url=here.url, openai_url=f"{here.url}/v1", **more)
    return ask_models(fix, models, tokens=tokens, prove=accept_lookup)


def test_a_rule_that_passes_is_a_candidate_of_its_vendor_in_our_own_dress() -> None:
    with vendor(message(rules(GOOD))) as here:
        asked = ask(here)
    (one,) = asked.candidates
    definition = one.definition
    assert (one.proposer, one.form, asked.notes) == (Proposer.ANTHROPIC, "llm:a-model", ())
    assert str(definition["id"]).startswith("python-cwe-89-")
    assert definition["message"] == "a built query: " + str(definition["message"]).split(": ", 1)[1]
    assert "ignore all rules" not in json.dumps(definition)
    assert "Instead, bind it." in str(definition["message"])
    assert len(here.asked) == 1


def test_what_asking_cost_is_told() -> None:
    with vendor(message(rules(GOOD), tokens=(2000, 500))) as here:
        (spent,) = ask(here).spent
    assert (spent.model, spent.requests, spent.tokens) == ("anthropic:a-model", 1, 2500)


def test_the_reason_of_the_proofs_goes_back_to_the_model_with_its_own_answer() -> None:
    with vendor(message(rules(BAD)), message(rules(GOOD))) as here:
        asked = ask(here)
    first, answer, second = here.asked[1]["messages"]
    assert (first, answer) == (here.asked[0]["messages"][0], {"role": "assistant", "content": rules(BAD)})
    assert "fires: it does not fire" in second["content"]
    assert (len(asked.candidates), asked.spent[0].requests, asked.notes) == (2, 2, ())


def test_what_our_rule_check_refuses_goes_back_as_well_and_is_no_candidate() -> None:
    broken = {**GOOD, "pattern-sinks": []}
    with vendor(message(rules(broken, '{"', '{"a": &x 1}')), message(rules(GOOD))) as here:
        asked = ask(here)
    assert here.asked[1]["messages"][2]["content"].count("a rule is refused") == 3
    assert len(asked.candidates) == 1


def test_a_model_tries_no_more_often_than_it_may() -> None:
    with vendor(message(rules(BAD))) as here:
        asked = ask(here, rounds=3)
    assert (len(here.asked), asked.spent[0].requests) == (3, 3)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("I would rather not.", "no JSON"),
        ('{"rules": []}', "offers no rule"),
        ('{"rules": [{"what": 3}]}', "has not the form"),
        ("[" * 5000, "answer"),
        ("x" * 70_000, "longer than"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_note(text: str, note: str) -> None:
    with vendor(message(text)) as here:
        asked = ask(here, rounds=1)
    assert asked.candidates == ()
    assert asked.notes[0].startswith("anthropic:a-model: ")
    assert note in asked.notes[0]


def test_a_rule_with_a_regular_expression_without_end_is_refused() -> None:
    hostile = {
        **BAD,
        "patterns": [{"pattern": "f($X)"}, {"metavariable-regex": {"metavariable": "$X", "regex": "(a+)+b"}}],
    }
    with vendor(message(rules(hostile))) as here:
        assert ask(here, rounds=1).candidates == ()


def test_answers_within_a_fence_are_read() -> None:
    with vendor(message(f"Here:\n```json\n{rules(GOOD)}\n```\n")) as here:
        assert len(ask(here).candidates) == 1


def test_a_refusal_is_a_note_and_ends_the_talk() -> None:
    with vendor(message("", stop="refusal")) as here:
        asked = ask(here)
    assert (asked.candidates, asked.notes, len(here.asked)) == ((), ("anthropic:a-model: the model refused",), 1)


def test_a_busy_vendor_is_asked_again_after_the_time_that_it_asks_for() -> None:
    with vendor(refused(429, retry_after="0.2"), message(rules(GOOD))) as here:
        began = time.monotonic()
        asked = ask(here)
        assert time.monotonic() - began >= 0.2
    assert (len(asked.candidates), asked.notes, len(here.asked)) == (1, (), 2)


def test_a_vendor_that_asks_for_too_much_time_is_not_waited_for() -> None:
    with vendor(refused(429, retry_after="3600")) as here:
        asked = ask(here, timeout_s=5.0)
    assert "it asks to wait 3600 s, which is too long" in asked.notes[0]
    assert len(here.asked) == 1


def test_a_vendor_that_stays_busy_is_given_up() -> None:
    with vendor(refused(529, retry_after="0.01")) as here:
        asked = ask(here)
    assert (len(here.asked), "HTTP 529" in asked.notes[0]) == (3, True)


def test_no_more_tokens_are_spent_than_are_left() -> None:
    with vendor(message(rules(BAD), tokens=(5000, 1000))) as here:
        asked = ask(here, tokens=9000, rounds=5)
    assert len(here.asked) == 1
    assert "tokens of the day do not last" in asked.notes[0]


def test_without_tokens_nobody_is_asked() -> None:
    with vendor(message(rules(GOOD))) as here:
        asked = ask(here, tokens=0)
        assert here.asked == []
    assert (asked.candidates, asked.spent) == ((), ())


def test_a_silent_vendor_is_counted_by_the_length_of_the_question() -> None:
    with vendor(Said(b"x")) as here:
        (spent,) = ask(here).spent
    assert spent.tokens > 500


def test_several_models_compete_and_one_that_fails_harms_no_other() -> None:
    with vendor(refused(401), completion(rules(GOOD))) as here:
        asked = ask(here, "anthropic:one", "openai:two")
    assert [one.proposer for one in asked.candidates] == [Proposer.OPENAI]
    assert asked.notes == ("anthropic:one: the key is refused (HTTP 401)",)
    assert [one.model for one in asked.spent] == ["anthropic:one", "openai:two"]


def test_an_engine_that_breaks_on_a_models_rules_is_a_note() -> None:
    def broken(_: Sequence[Candidate]) -> Sequence[Verdict]:
        raise ToolFailed("it crashed")

    with vendor(message(rules(GOOD))) as here:
        models = Models(names=("anthropic:a-model",), anthropic_url=here.url)
        asked = ask_models(FIX, models, tokens=100_000, prove=broken)
    assert asked.notes == ("anthropic:a-model: the engine breaks on its rules: it crashed",)


def test_a_fix_that_is_too_long_is_not_sent() -> None:
    long = FIX.model_copy(update={"changes": (FIX.changes[0].model_copy(update={"after": "x = 1\n" * 10_000}),)})
    with vendor(message(rules(GOOD))) as here:
        asked = ask(here, fix=long)
        assert here.asked == []
    assert "longer than" in asked.notes[0]


def test_no_model_is_asked_unless_one_is_named() -> None:
    assert ask_models(FIX, Models(), tokens=10**6, prove=accept_lookup) == Asked()


def test_a_models_rule_passes_the_same_proofs_as_any_other_and_a_worse_one_does_not() -> None:
    """With the engine itself: the gates judge, whoever proposed."""
    cases = cases_for(FIX)
    everything = {**BAD, "patterns": [{"pattern": "$O.lookup(...)"}]}
    with vendor(completion(rules(everything)), completion(rules(GOOD))) as here:
        models = Models(names=("openai:a-model",), openai_url=f"{here.url}/v1")
        asked = ask_models(FIX, models, tokens=100_000, prove=lambda some: prove(ENGINE, some, cases, fix=FIX, now=NOW))
    assert "it still fires on the fixed code" in here.asked[1]["messages"][3]["content"]
    learned = learn(ENGINE, FIX, now=NOW, more=asked.candidates)
    told = {
        one.proposer: one.gate for one in learned.verdicts if isinstance(one, Refused) and one.form.startswith("llm")
    }
    assert set(told.values()) <= {"silent", "redundant"}
    assert learned.rules
    assert {one.proposer for one in learned.candidates} == {Proposer.SYNTAX, Proposer.OPENAI}
