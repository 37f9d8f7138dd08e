"""Which words must a file hold so that a rule can fire in it at all?

A requirement is an over-approximation: a file that does not meet it is never matched, one that meets it may be. A word is
a maximal run of the characters `A-Z a-z 0-9 _`; every other byte, also of characters beyond ASCII, parts words.
Source: the prefilter of Semgrep (Analyze_rule.ml), and Cox, "Regular Expression Matching with a Trigram Index" (2012).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field

from rsolv_ray.model.noun import Noun

WordText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]


class Word(Noun):
    """The file holds this very word; with `ignore_case`, in any mixture of upper and lower case letters."""

    kind: Literal["word"] = "word"
    text: WordText
    ignore_case: bool = False


class Part(Noun):
    """Some word of the file contains this text, or is it."""

    kind: Literal["part"] = "part"
    text: WordText
    ignore_case: bool = False


class AllOf(Noun):
    """Each of these holds; of none, every file meets it."""

    kind: Literal["all"] = "all"
    of: tuple[Requirement, ...]


class AnyOf(Noun):
    """At least one of these holds; of none, no file meets it."""

    kind: Literal["any"] = "any"
    of: tuple[Requirement, ...]


Requirement = Annotated[Word | Part | AllOf | AnyOf, Field(discriminator="kind")]
EVERY_FILE = AllOf(of=())
NO_FILE = AnyOf(of=())


def meets(words: Collection[str], requirement: Requirement) -> bool:
    """Does a file with these words meet the requirement? `words` is best a set."""
    match requirement:
        case AllOf(of=members):
            return all(meets(words, member) for member in members)
        case AnyOf(of=members):
            return any(meets(words, member) for member in members)
        case Word(text=text, ignore_case=False):
            return text in words
        case Word(text=text):
            return any(word.lower() == text.lower() for word in words)
        case Part(text=text, ignore_case=False):
            return any(text in word for word in words)
        case Part(text=text):
            return any(text.lower() in word.lower() for word in words)
