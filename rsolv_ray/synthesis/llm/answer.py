"""What is taken of a language model's answer? Rules in the form that was asked for; all else is told as what is wrong with it.

Of a rule only what it matches is kept, and two short sentences: name, languages, severity and metadata are ours, as for any candidate.
"""

from __future__ import annotations

import json
import re

from pydantic import Field, JsonValue, ValidationError

from rsolv_ray.model.fix import Fix
from rsolv_ray.model.noun import JsonObject, Told
from rsolv_ray.model.rule import Candidate, Proposer
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.rules.semgrep_rule import Draft, candidate

LONGEST_ANSWER = 60_000
MOST_OFFERS = 3
RANK = 33
"""After the strong forms of the syntax proposer, before those of the last resort: a model's rule is taken where it adds something."""
SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "rules": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("what", "instead", "rule")},
                "required": ["what", "instead", "rule"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["rules"],
    "additionalProperties": False,
}
"""The form of an answer as JSON Schema, in the part of it that vendors take for structured output."""

_MATCHES = frozenset({
    "mode", "pattern", "patterns", "pattern-either", "pattern-regex", "pattern-sources", "pattern-sinks", "pattern-sanitizers",
    "pattern-propagators", "fix",
})  # fmt: skip
_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n```", re.DOTALL)


class Offer(Told):
    """A rule as a model offers it. `rule` is the text of a Semgrep rule, which nobody has looked at yet."""

    what: str = Field(max_length=2000)
    instead: str = Field(max_length=2000)
    rule: str = Field(min_length=2, max_length=20_000)


class _Answer(Told):
    rules: tuple[Offer, ...]


def offers(text: str) -> tuple[Offer, ...] | str:
    """The rules that an answer offers, at most three; a text says why it cannot be read."""
    if len(text) > LONGEST_ANSWER:
        return f"the answer is longer than {LONGEST_ANSWER:,} characters"
    fenced = _FENCED.search(text)
    try:
        value: JsonValue = json.loads(fenced[1] if fenced else text)
        answer = _Answer.model_validate(value)
    except RecursionError:
        return "the answer is nested too deep"
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        return f"the answer has not the form that was asked for: {place or 'the whole'}: {error.errors()[0]['msg']}"
    except ValueError as error:
        return f"the answer is no JSON: {error}"
    return answer.rules[:MOST_OFFERS] or "the answer offers no rule"


def candidate_of(offer: Offer, definition: JsonObject, fix: Fix, proposer: Proposer, model: str) -> Candidate:
    """A candidate from an offer whose rule was read and found well formed."""
    language = next(change.language for change in fix.changes if change.before.strip() and change.language in NOTATIONS)
    body = {key: value for key, value in definition.items() if key in _MATCHES}
    draft = Draft(body, f"llm:{model}"[:100], RANK, _sentence(offer.what), _sentence(offer.instead))
    return candidate(draft, fix, language).model_copy(update={"proposer": proposer})


def _sentence(text: str) -> str | None:
    """A line of at most 200 characters without what begins markup or an interpolation; None where nothing is left."""
    words = " ".join("".join(one for one in text if one.isprintable() and one not in "<>$").split())
    return words[:200].rstrip(" .:") or None
