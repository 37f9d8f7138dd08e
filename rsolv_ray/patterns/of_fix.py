"""What is to be remembered of a fix? The changed places of its vulnerable side and of its fixed side, as vectors.

Whole files would drown the weakness in code that has nothing to do with it: what is encoded are the changed lines
with `CONTEXT_LINES` around them, in the language of most of the change.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.ids import PatternId
from rsolv_ray.model.pattern import Pattern
from rsolv_ray.patterns.encoder import Encoder
from rsolv_ray.patterns.features import CodeSample
from rsolv_ray.patterns.tokens import MAX_CHARS

CONTEXT_LINES = 3
COMPARED_LINES = 2000
"""Comparing takes quadratic time at worst: a changed stretch longer than this counts as changed throughout."""


@dataclass(frozen=True, slots=True)
class _Region:
    """Changed lines of both sides, as half-open ranges counted from 0; one of the two may be empty."""

    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def size(self) -> int:
        return self.before[1] - self.before[0] + self.after[1] - self.after[0]


def pattern_of(fix: Fix, encoder: Encoder, now: datetime) -> Pattern:
    """The pattern of a fix: one per fix and encoder, so making it again names the same one."""
    language, before, after = changed_code(fix)
    vector, fixed_vector = encoder.encode([CodeSample(before, language), CodeSample(after, language)]).tolist()
    return Pattern(
        id=PatternId.of(fix.id, encoder.name),
        fix=fix.id,
        encoder=encoder.name,
        vector=tuple(vector),
        fixed_vector=tuple(fixed_vector),
        language=language,
        cwe=fix.cwe,
        snippet=before,
        created_at=now,
    )


def changed_code(fix: Fix) -> tuple[str, str, str]:
    """The language of most of the change, and the changed code in it before and after; at most 20,000 characters each."""
    compared = [(change, _Compared(change)) for change in fix.changes]
    sizes: Counter[str] = Counter()
    for change, sides in compared:
        sizes[change.language] += sum(region.size for region in sides.regions)
    language = min(sizes, key=lambda one: (-sizes[one], one))
    ours = [sides for change, sides in compared if change.language == language]
    before = _joined(piece for sides in ours for piece in sides.excerpts_before())
    return language, before, _joined(piece for sides in ours for piece in sides.excerpts_after())


class _Compared:
    """One file's two sides with the regions in which they differ."""

    def __init__(self, change: FileChange) -> None:
        self._before, self._after = change.before.splitlines(), change.after.splitlines()
        self.regions = tuple(_regions(self._before, self._after))

    def excerpts_before(self) -> Iterator[str]:
        return _excerpts(self._before, [region.before for region in self.regions])

    def excerpts_after(self) -> Iterator[str]:
        return _excerpts(self._after, [region.after for region in self.regions])


def _regions(before: Sequence[str], after: Sequence[str]) -> Iterator[_Region]:
    head = _common_head(before, after)
    tail = _common_head(before[head:][::-1], after[head:][::-1])
    ends = len(before) - tail, len(after) - tail
    if head == ends[0] and head == ends[1]:
        return
    if max(ends) - head > COMPARED_LINES:
        yield _Region((head, ends[0]), (head, ends[1]))
        return
    matcher = SequenceMatcher(None, before[head : ends[0]], after[head : ends[1]], autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            yield _Region((head + first, head + last), (head + new_first, head + new_last))


def _common_head(left: Sequence[str], right: Sequence[str]) -> int:
    most = min(len(left), len(right))
    return next((number for number in range(most) if left[number] != right[number]), most)


def _excerpts(lines: Sequence[str], ranges: Sequence[tuple[int, int]]) -> Iterator[str]:
    """The ranges with their context, those that touch taken together, each moved to the left margin."""
    widened: list[tuple[int, int]] = []
    for first, last in ranges:
        start, end = max(0, first - CONTEXT_LINES), min(len(lines), last + CONTEXT_LINES)
        if widened and start <= widened[-1][1]:
            widened[-1] = widened[-1][0], max(end, widened[-1][1])
        else:
            widened.append((start, end))
    for start, end in widened:
        yield textwrap.dedent("\n".join(lines[start:end]))


def _joined(pieces: Iterator[str]) -> str:
    return "\n".join(piece for piece in pieces if piece.strip())[:MAX_CHARS]
