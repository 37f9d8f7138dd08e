"""What did a rule give on a file, as far as neither the rule's name nor the file's matters?

An answer is the places where a rule fires in some content, with all that findings tell of them. So the findings of a
file that was renamed, or of a rule that was given another id, are made from what is known, without reading the file.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

from rsolv_ray.engine.match import Match
from rsolv_ray.engine.reading import EVERY_RULE, Reading
from rsolv_ray.engine.scan import LONGEST_SNIPPET
from rsolv_ray.fingerprints import fingerprint
from rsolv_ray.model.finding import Finding, Repository, Span
from rsolv_ray.model.rule import Rule

__all__ = ["Firing", "Firings", "findings_of", "firing_of", "packed", "unpacked"]

_LONGEST_METAVARIABLE = 500
_LONGEST_MESSAGE = 5_000


@dataclass(frozen=True, slots=True)
class Firing:
    """One match. `span` is first line and column, last line and column; `waived` are the rules that a comment waives
    there, `EVERY_RULE` for all; `tokens` and `enclosing` are what a fingerprint is made of."""

    span: tuple[int, int, int, int]
    snippet: str
    message: str
    metavariables: dict[str, str]
    tokens: str
    enclosing: tuple[str, ...]
    waived: tuple[str, ...] = ()


Firings = tuple[Firing, ...]
"""An answer: all places where one rule fires in one content, in order."""


def firing_of(match: Match, reading: Reading) -> Firing:
    """What is to be known of a match."""
    at = match.span
    return Firing(
        span=(at.start_line, at.start_column, at.end_line, at.end_column),
        snippet=reading.lines_of(match)[:LONGEST_SNIPPET],
        message=match.message[:_LONGEST_MESSAGE],
        metavariables={name: text[:_LONGEST_METAVARIABLE] for name, text in match.metavariables.items()},
        tokens=reading.tokens_of(match),
        enclosing=reading.around(match),
        waived=tuple(sorted(reading.waived_at(match))),
    )


def findings_of(answer: Sequence[Firing], rule: Rule, repository: Repository, path: str) -> Iterator[Finding]:
    """The findings of a rule in one file, but for what its comments waive. `answer` has all its places, in order."""
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for place in answer:
        like = (place.tokens, place.enclosing)
        ordinal = seen[like]
        seen[like] += 1
        if {EVERY_RULE, str(rule.id)}.isdisjoint(place.waived):
            yield _finding(place, rule, repository, path, fingerprint(str(rule.id), *like, ordinal))


def packed(answer: Sequence[Firing]) -> bytes:
    """An answer as bytes (zlib, RFC 1950, of JSON)."""
    rows = [astuple(place) for place in answer]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), 1)


def unpacked(data: bytes) -> Firings:
    """The answer that was packed.

    Raises:
        zlib.error, ValueError, TypeError: no answer was packed as these.
    """
    return tuple(
        Firing(tuple(span), snippet, message, metavariables, tokens, tuple(enclosing), tuple(waived))
        for span, snippet, message, metavariables, tokens, enclosing, waived in json.loads(zlib.decompress(data))
    )


def _finding(place: Firing, rule: Rule, repository: Repository, path: str, print_: str) -> Finding:
    first, column, last, end = place.span
    return Finding(
        id=Finding.id_of(repository.id, print_, path),
        fingerprint=print_,
        rule=rule.id,
        rule_version=rule.version,
        repository=repository.id,
        path=path,
        span=Span(start_line=first, start_column=column, end_line=last, end_column=end),
        snippet=place.snippet,
        message=place.message,
        severity=rule.severity,
        cwe=rule.cwe,
        metavariables=place.metavariables,
    )
