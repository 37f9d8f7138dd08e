"""Which word of a text or a name stands for something weak, and which others are as weak?

Weak things have their names wherever they are used, in every language: `md5`, `ECB`, `SSLv3`, in texts (`"AES/ECB/PKCS5Padding"`), in constants
(`ssl.PROTOCOL_SSLv3`), in functions (`hashlib.md5`). They come in groups (`catalogue/weaknesses.toml`): what is wrong with one is wrong with all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rsolv_ray.synthesis.catalogue.weaknesses import WORDS

_BEFORE = r"(?:^|[^A-Za-z0-9]|(?<=[a-z])(?=[A-Z]))"
_AFTER = r"(?=$|[^A-Za-z0-9._-]|[-._](?![0-9])|[A-Z][a-z]|with)"


def _loose(word: str) -> str:
    """A word as it may be written: `sha-1` and `sha_1`."""
    return re.escape(word).replace(r"\-", "[-_]?").replace(r"\.", "[._]?")


def _any(words: Iterable[str]) -> str:
    return "(?i:" + "|".join(_loose(word) for word in sorted(words, key=lambda one: (-len(one), one))) + ")"


_GROUPS = {name: re.compile(f"{_BEFORE}({_any(words)}){_AFTER}") for name, words in WORDS.weak.items()}


@dataclass(frozen=True)
class Weak:
    """A weak word in a text: where it stands, and the words of its group, in small letters."""

    word: str
    start: int
    end: int
    group: frozenset[str]

    def anywhere(self, spared: Iterable[str]) -> str | None:
        """A regular expression of texts that hold a word of the group, none of those that stand in the spared texts."""
        left = self._left(spared)
        return rf"(?s)^(?:.*[^A-Za-z0-9]|.*[a-z](?=[A-Z])|)(?:{_any(left)}){_AFTER}" if left else None

    def in_its_place(self, text: str, spared: Iterable[str]) -> str | None:
        """A regular expression of the same text with any word of the group in that place."""
        left = self._left(spared)
        return f"^{re.escape(text[: self.start])}{_any(left)}{re.escape(text[self.end :])}$" if left else None

    def _left(self, spared: Iterable[str]) -> list[str]:
        """The words of the group, where the one shown may be told: no spared text holds it."""
        texts = list(spared)
        found = [
            word
            for word in sorted(self.group)
            if not any(re.search(f"{_BEFORE}(?i:{_loose(word)}){_AFTER}", one) for one in texts)
        ]
        return found if any(re.fullmatch(_loose(word), self.word, re.IGNORECASE) for word in found) else []


def weak_in(text: str) -> Weak | None:
    """The first weak word of a text or a name, or None."""
    found = [(match, WORDS.weak[name]) for name, pattern in _GROUPS.items() if (match := pattern.search(text))]
    if not found:
        return None
    match, group = min(found, key=lambda one: (one[0].start(1), -one[0].end(1)))
    return Weak(match[1], match.start(1), match.end(1), group)
