"""What is a regular expression made of, as far as the ways of a matcher depend on it?

Characters, choices, repetitions and conditions. Captures are forgotten, and whether a repetition is greedy.
"""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableError(ValueError):
    """It is no PCRE, or one in a form that is not known here."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set: bit n stands for the character n, bit 256 for all that are above 255."""

    mask: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; nothing at all where it is empty."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """So many times; `most` is None where there is no end. A possessive one gives nothing back."""

    body: Node
    least: int
    most: int | None
    possessive: bool = False


@dataclass(frozen=True, slots=True)
class Atomic:
    """A part that is matched in one way and no other."""

    body: Node


@dataclass(frozen=True, slots=True)
class Check:
    """A condition on a place that takes no text: an anchor, or a look ahead or behind with its body."""

    body: Node | None = None


@dataclass(frozen=True, slots=True)
class Boundary:
    """The edge of a word, which no two places inside a word share."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Text that is not known before the match: what a group matched, or a group that is called."""


Node = Chars | Sequence | Either | Repeat | Atomic | Check | Boundary | Unknown
