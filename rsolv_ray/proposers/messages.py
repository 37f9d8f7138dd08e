"""How is a model asked over Anthropic's Messages API? One question, no tools, structured output (https://platform.claude.com/docs)."""

from __future__ import annotations

import time
from functools import partial
from typing import cast

import anthropic
from anthropic.types import MessageParam
from pydantic import Field, ValidationError

from rsolv_ray.model.noun import Count, Told
from rsolv_ray.proposers.reply import MOST_ANSWER, Ask, Reply, Silence, heard
from rsolv_ray.synthesis.llm import Question
from rsolv_ray.synthesis.llm.answer import SCHEMA


class _Block(Told):
    type: str
    text: str = ""


class _Usage(Told):
    input_tokens: Count = 0
    output_tokens: Count = 0


class _Message(Told):
    content: tuple[_Block, ...]
    stop_reason: str | None = None
    usage: _Usage = Field(default_factory=_Usage)


def messages_of(model: str, url: str, key: str) -> Ask:
    """How to ask a model at an address."""
    http = anthropic.DefaultHttpxClient(follow_redirects=False)
    client = anthropic.Anthropic(api_key=key, base_url=url, max_retries=0, http_client=http)
    return partial(_ask, client, model)


def _ask(client: anthropic.Anthropic, model: str, question: Question, until: float) -> Reply | Silence:
    turns = cast("list[MessageParam]", [{"role": turn.role, "content": turn.text} for turn in question.turns])

    def send() -> object:
        return client.messages.with_streaming_response.create(
            model=model,
            max_tokens=MOST_ANSWER,
            system=question.task,
            messages=turns,
            output_config={"format": {"type": "json_schema", "schema": dict(SCHEMA)}},
            timeout=max(0.1, until - time.monotonic()),
        )

    answer = heard(send, anthropic, until)  # type: ignore[arg-type]  # the SDKs' modules and responses are what `heard` asks for
    if isinstance(answer, Silence):
        return answer
    try:
        message = _Message.model_validate(answer)
    except ValidationError:
        return Silence("the vendor's answer has another form than the Messages API")
    tokens = message.usage.input_tokens + message.usage.output_tokens
    if message.stop_reason in ("refusal", "max_tokens", "model_context_window_exceeded"):
        return Silence(
            {"refusal": "the model refused"}.get(message.stop_reason, "the answer was cut off"), tokens=tokens
        )
    return Reply("".join(block.text for block in message.content if block.type == "text"), tokens)
