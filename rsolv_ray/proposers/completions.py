"""How is a model asked over Chat Completions, OpenAI's or another server's? One question, no tools, structured output where the server knows it."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import openai
from pydantic import Field, ValidationError

from rsolv_ray.model.noun import Count, Told
from rsolv_ray.proposers.reply import MOST_ANSWER, Ask, Reply, Silence, heard
from rsolv_ray.synthesis.llm import Question
from rsolv_ray.synthesis.llm.answer import SCHEMA

_UNKNOWN_FORMAT = "(HTTP 400)"


class _Message(Told):
    content: str | None = None
    refusal: str | None = None


class _Choice(Told):
    message: _Message
    finish_reason: str | None = None


class _Usage(Told):
    total_tokens: Count = 0


class _Completion(Told):
    choices: tuple[_Choice, ...] = Field(min_length=1)
    usage: _Usage | None = None


def completions_of(model: str, url: str, key: str, *, is_vendors: bool) -> Ask:
    """How to ask a model at an address. OpenAI's own takes the limit of an answer by a name that other servers do not know."""
    http = openai.DefaultHttpxClient(follow_redirects=False)
    client = openai.OpenAI(api_key=key, base_url=url, max_retries=0, http_client=http)
    limit = {"max_completion_tokens" if is_vendors else "max_tokens": MOST_ANSWER}
    return partial(_ask, client, model, limit)


def _ask(client: openai.OpenAI, model: str, limit: dict[str, int], question: Question, until: float) -> Reply | Silence:
    form = {"type": "json_schema", "json_schema": {"name": "rules", "strict": True, "schema": dict(SCHEMA)}}
    answer = _heard(client, model, question, until, {**limit, "response_format": form})
    if isinstance(answer, Silence) and answer.reason.endswith(_UNKNOWN_FORMAT):
        answer = _heard(client, model, question, until, dict(limit))
    if isinstance(answer, Silence):
        return answer
    try:
        completion = _Completion.model_validate(answer)
    except ValidationError:
        return Silence("the vendor's answer has another form than Chat Completions")
    choice, tokens = completion.choices[0], completion.usage.total_tokens if completion.usage else 0
    if choice.message.refusal or choice.finish_reason == "content_filter":
        return Silence("the model refused", tokens=tokens)
    if choice.finish_reason == "length":
        return Silence("the answer was cut off", tokens=tokens)
    return Reply(choice.message.content or "", tokens)


def _heard(client: openai.OpenAI, model: str, question: Question, until: float, more: dict[str, Any]) -> Any:
    def send() -> object:
        turns = [{"role": turn.role, "content": turn.text} for turn in question.turns]
        return client.chat.completions.with_streaming_response.create(
            model=model,
            messages=[{"role": "system", "content": question.task}, *turns],  # type: ignore[arg-type]
            timeout=max(0.1, until - time.monotonic()),
            **more,
        )

    return heard(send, openai, until)  # type: ignore[arg-type]
