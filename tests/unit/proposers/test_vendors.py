"""What vendors say on the wire becomes an answer, or a reason why there is none; never an exception, never a wait without end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from rsolv_ray.model.errors import Rejected
from rsolv_ray.proposers.models import ModelName, Models
from rsolv_ray.proposers.reply import MOST_BYTES, Reply, Silence
from rsolv_ray.synthesis.llm import Question, Turn
from rsolv_ray.synthesis.llm.answer import SCHEMA
from tests.unit.proposers.vendor import Said, Vendor, completion, message, refused, vendor

QUESTION = Question("write rules", (Turn("user", '{"a": 1}'), Turn("assistant", "no"), Turn("user", "again")))
OTHER = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
both = pytest.mark.parametrize(("kind", "answer"), [("anthropic", message), ("openai", completion)])


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")
    monkeypatch.setenv("OPENAI_API_KEY", "o-key")


def ask(kind: str, here: Vendor, *, within_s: float = 5.0) -> Reply | Silence:
    models = Models(names=(f"{kind}:a-model",), anthropic_url=here.url, openai_url=f"{here.url}/v1")
    ((_, way),) = models.asks()
    assert callable(way)
    return way(QUESTION, time.monotonic() + within_s)


def silence(kind: str, said: Said, *, within_s: float = 5.0) -> Silence:
    with vendor(said) as here:
        answer = ask(kind, here, within_s=within_s)
    assert isinstance(answer, Silence)
    return answer


@both
def test_an_answer_comes_with_what_it_cost(kind: str, answer: Callable[[str], Said]) -> None:
    with vendor(answer("hello")) as here:
        assert ask(kind, here) == Reply("hello", 1200)


def test_anthropic_is_asked_without_tools_for_output_of_our_form() -> None:
    with vendor(message("x")) as here:
        ask("anthropic", here)
    asked, headers = here.asked[0], here.headers[0]
    assert (here.paths, asked["model"], asked["system"]) == (["/v1/messages"], "a-model", "write rules")
    assert "a-key" in headers.get("x-api-key", "") + headers.get("authorization", "")
    assert asked["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
    assert [turn["role"] for turn in asked["messages"]] == ["user", "assistant", "user"]
    assert "tools" not in asked
    assert asked["max_tokens"] == 4000


def test_chat_completions_are_asked_without_tools_for_output_of_our_form() -> None:
    with vendor(completion("x")) as here:
        ask("openai", here)
    asked, headers = here.asked[0], here.headers[0]
    assert (here.paths, headers["authorization"], asked["model"]) == (
        ["/v1/chat/completions"],
        "Bearer o-key",
        "a-model",
    )
    assert asked["response_format"]["json_schema"]["schema"] == SCHEMA
    assert [turn["role"] for turn in asked["messages"]] == ["system", "user", "assistant", "user"]
    assert "tools" not in asked
    assert asked["max_tokens"] == 4000


def test_a_server_that_knows_no_structured_output_is_asked_without() -> None:
    with vendor(refused(400), completion("plain")) as here:
        assert ask("openai", here) == Reply("plain", 1200)
    assert ["response_format" in one for one in here.asked] == [True, False]


@pytest.mark.parametrize(
    ("kind", "said", "reason"),
    [
        ("anthropic", message("", stop="refusal"), "the model refused"),
        ("openai", completion(None, refusal="I cannot"), "the model refused"),
        ("openai", completion("x", finish="content_filter"), "the model refused"),
        ("anthropic", message("{", stop="max_tokens"), "the answer was cut off"),
        ("openai", completion("{", finish="length"), "the answer was cut off"),
    ],
)
def test_a_refusal_and_a_cut_answer_are_told_and_have_cost_something(kind: str, said: Said, reason: str) -> None:
    told = silence(kind, said)
    assert (told.reason, told.wait_s, told.tokens) == (reason, None, 1200)


@both
@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'"x"', b"", b"\xff\xfe", b'{"content": 3, "choices": 3}', b"[" * 100_000]
)
def test_what_is_no_answer_of_the_vendor_is_told(kind: str, answer: object, body: bytes) -> None:
    assert "vendor's answer" in silence(kind, Said(body)).reason


@both
def test_an_answer_that_is_too_long_is_not_read_to_its_end(kind: str, answer: object) -> None:
    assert str(MOST_BYTES) in silence(kind, Said(b'{"x": "' + b"a" * (MOST_BYTES + 1))).reason


@both
def test_a_server_that_does_not_answer_is_given_up_in_time(kind: str, answer: Callable[[str], Said]) -> None:
    late = answer("x")
    late.after_s = 1.0
    began = time.monotonic()
    assert "in time" in silence(kind, late, within_s=0.3).reason
    assert time.monotonic() - began < 2.5


@both
def test_a_server_that_answers_byte_by_byte_is_given_up_in_time(kind: str, answer: Callable[[str], Said]) -> None:
    slow = answer("x" * 500)
    slow.dribble_s = 0.01
    assert "in time" in silence(kind, slow, within_s=0.4).reason


@both
@pytest.mark.parametrize(
    ("status", "header", "wait_s"),
    [
        (429, "7", 7.0),
        (429, "0.25", 0.25),
        (429, "Wed, 21 Oct 2026 07:28:00 GMT", 2.0),
        (503, None, 2.0),
        (529, "3", 3.0),
    ],
)
def test_a_busy_vendor_says_how_long_to_wait(
    kind: str, answer: object, status: int, header: str | None, wait_s: float
) -> None:
    told = silence(kind, refused(status, **({"retry_after": header} if header else {})))
    assert (told.wait_s, f"HTTP {status}" in told.reason) == (wait_s, True)


@both
@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "the key is refused"), (403, "may not"), (404, "no such model"), (413, "refused the question")],
)
def test_what_waiting_does_not_mend_is_not_waited_for(kind: str, answer: object, status: int, reason: str) -> None:
    told = silence(kind, refused(status))
    assert (told.wait_s, reason in told.reason) == (None, True)


@both
def test_a_redirect_is_not_followed_with_the_key(kind: str, answer: Callable[[str], Said]) -> None:
    with vendor(answer("stolen")) as thief, vendor(Said({}, 307, {"Location": "x"})) as here:
        here.says[0].headers["Location"] = f"{thief.url}/v1/messages"
        assert isinstance(ask(kind, here), Silence)
        assert thief.asked == []


@both
def test_a_vendor_that_is_away_is_told(kind: str, answer: Callable[[str], Said]) -> None:
    with vendor(answer("x")) as here:
        pass
    told = ask(kind, here)
    assert isinstance(told, Silence)
    assert "cannot be reached" in told.reason


def test_no_key_is_ever_part_of_a_reason() -> None:
    for kind in OTHER:
        for said in (refused(401), refused(500), Said(b"x"), Said(b"a-key o-key")):
            assert "-key" not in silence(kind, said).reason


@pytest.mark.parametrize("kind", ["anthropic", "openai"])
def test_without_a_key_nobody_is_asked(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OTHER[kind])
    ((name, why),) = Models(names=(f"{kind}:a-model",)).asks()
    assert (str(name), why) == (f"{kind}:a-model", f"there is no key: set {OTHER[kind]}")


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with vendor(completion("x")) as here:
        assert ask("openai", here) == Reply("x", 1200)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsolv_ray.proposers.models.find_spec", lambda _: None)
    ((_, why),) = Models(names=("openai:a-model",)).asks()
    assert why == "the package openai is missing: install rsolv-ray[llm]"


@pytest.mark.parametrize("text", ["", "claude", "mistral:x", "openai:", "openai:a b", ":x"])
def test_what_names_no_model_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="names no language model"):
        ModelName.read(text)


def test_the_schema_is_one_that_vendors_take() -> None:
    """Structured output asks for closed objects whose properties are all required."""
    text = json.dumps(SCHEMA)
    assert (
        text.count('"additionalProperties": false') == text.count('"type": "object"') == text.count('"required"') == 2
    )
