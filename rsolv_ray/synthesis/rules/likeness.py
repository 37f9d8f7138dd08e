"""How alike are two rules in what they say?"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.rules.anti_unify import tokens

TOLD = frozenset({"id", "message", "metadata", "severity", "fix"})
"""What a rule says beside its patterns, in every form."""
_RULED_OUT = ("pattern-not", "pattern-sanitizers")


def likeness(one: JsonObject, other: JsonObject) -> float:
    """0 to 1: the share of words in the patterns of two definitions that both have; metavariables count as one word."""
    ours, theirs = _vocabulary(one), _vocabulary(other)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def texts(value: JsonValue, key: str = "", *, found_alone: bool = False) -> Iterator[str]:
    """The texts of a rule's patterns, and of its `fix`; not its regular expressions, nor what is told to people.

    `found_alone`: without what must not be there, and without the `fix`.
    """
    if isinstance(value, str):
        if key != "regex":
            yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one, key, found_alone=found_alone)
    elif isinstance(value, dict):
        for name, one in value.items():
            is_told = name in TOLD and (name != "fix" or found_alone)
            if not is_told and not (found_alone and name.startswith(_RULED_OUT)):
                yield from texts(one, name, found_alone=found_alone)


def _vocabulary(definition: JsonObject) -> frozenset[tuple[str, int]]:
    """The words and signs of all patterns, each occurrence for itself."""
    counted: dict[str, int] = {}
    patterns: JsonObject = {key: value for key, value in definition.items() if key.startswith("pattern")}
    for text in texts(patterns, found_alone=True):
        for token in tokens(text):
            if token.kind != "space":
                word = "$" if token.is_metavariable else token.text
                counted[word] = counted.get(word, 0) + 1
    return frozenset((word, number) for word, count in counted.items() for number in range(count))
