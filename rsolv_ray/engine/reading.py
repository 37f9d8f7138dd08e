"""What stands in a file where rules fire?

Its lines, the fingerprints of the matches in it, and the comments `nosemgrep` and `nosemgrep: <rule-id>`, which waive a
match on their line, or on the next one where they stand alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from rsolv_ray.engine.match import Match
from rsolv_ray.fingerprints import Outline, fingerprint, normalised

EVERY_RULE = "*"
_NOSEM = re.compile(r"\bnosem(?:grep)?\b(?:\s*:\s*(?P<ids>[\w.-]+(?:\s*,\s*[\w.-]+)*))?", re.IGNORECASE)
_COMMENT_ALONE = re.compile(r"^\s*[^\w\s]+\s*nosem", re.IGNORECASE)


class Reading:
    """One file in a known language: where it is, to be read when something of it is asked for, or what it holds. What is
    no UTF-8 reads as U+FFFD."""

    def __init__(self, file: Path | bytes, language: str) -> None:
        self._file, self._language = file, language

    @cached_property
    def source(self) -> str:
        data = self._file if isinstance(self._file, bytes) else self._file.read_bytes()
        return data.decode("utf-8", "replace")

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.split("\n")

    @cached_property
    def _outline(self) -> Outline:
        return Outline(self.source, self._language)

    def fingerprinted(self, matches: Sequence[Match]) -> Iterator[tuple[Match, str]]:
        """The matches with their fingerprints. They have to be all that rules gave in this file, in its order: equal
        ones are told apart by how many come before."""
        seen: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
        for match in matches:
            tokens, enclosing = self.tokens_of(match), self.around(match)
            ordinal = seen[match.rule, tokens, enclosing]
            seen[match.rule, tokens, enclosing] += 1
            yield match, fingerprint(match.rule, tokens, enclosing, ordinal)

    def still_holds(self, matches: Sequence[Match]) -> bool:
        """Does the file still have all that was matched where it was matched?"""
        try:
            return all(self.source[one.start : one.end] == one.text for one in matches)
        except OSError:
            return False

    def tokens_of(self, match: Match) -> str:
        """The matched code as fingerprints take it."""
        return normalised(match.text, self._language)

    def around(self, match: Match) -> tuple[str, ...]:
        """Names of the definitions around a match, from the outside in."""
        return self._outline.around(match.span.start_line)

    def lines_of(self, match: Match) -> str:
        """The whole lines that a match stands on."""
        return "\n".join(self._lines[match.span.start_line - 1 : match.span.end_line])

    def waives(self, match: Match) -> bool:
        """Does a comment say that this rule is not to be heeded there?"""
        return not {EVERY_RULE, match.rule}.isdisjoint(self.waived_at(match))

    def waived_at(self, match: Match) -> frozenset[str]:
        """Ids of the rules that comments say are not to be heeded there; `EVERY_RULE` stands for all of them."""
        first = match.span.start_line
        above = self._lines[first - 2] if first > 1 and _COMMENT_ALONE.match(self._lines[first - 2]) else ""
        return frozenset().union(*map(_waived, (*self._lines[first - 1 : first], above)))


def _waived(line: str) -> frozenset[str]:
    found = _NOSEM.search(line)
    if found is None:
        return frozenset()
    ids = found["ids"]
    return frozenset({EVERY_RULE} if ids is None else re.split(r"\s*,\s*", ids))
