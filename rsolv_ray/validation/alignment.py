"""Which text of the after side stands in place of a piece of the before side?

Both sides are read as words and signs; what is equal in the same order belongs together (Myers, An O(ND) difference algorithm, 1986,
in difflib's form). Layout says nothing, nor does the kind of quotes, nor a comma before a closing bracket.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from rsolv_ray.synthesis.code.edits import common_ends

__all__ = ["Aligned", "aligned", "difference", "gives"]

_TOKEN = re.compile(r"\w+|[^\w\s]")
_MOST_TOKENS = 4_000
"""Where more than this differs, all of it counts as one change."""
_CLOSING = frozenset(")]}")
_QUOTES = frozenset("\"'`")

Put = tuple[int, int, str | None]
"""Offsets from and to, and the text that is put there."""


class _Token(NamedTuple):
    """A word or a sign with its offsets. `of` is the number of the text that was put in, 0 for what was there before; `leads`:
    it is the first of its line."""

    text: str
    start: int
    end: int
    of: int = 0
    leads: bool = False


@dataclass(frozen=True)
class Aligned:
    """Two sides and their tokens; `edits` are the stretches that differ, as indexes from and to on either side."""

    before: str
    after: str
    old: tuple[_Token, ...]
    new: tuple[_Token, ...]
    edits: tuple[tuple[int, int, int, int], ...]

    def equal(self, start: int, end: int) -> bool:
        """Whether a piece of the before side, and what is next to it, stands on the after side as it is."""
        first, last = self._tokens(start, end)
        return not any((i < last and j > first) or (i == j and first <= i <= last) for i, j, _, _ in self.edits)

    def counterpart(self, start: int, end: int) -> tuple[int, int] | None:
        """Offsets on the after side of what stands in place of a piece; None where a change reaches beyond the piece."""
        first, last = self._tokens(start, end)
        if first == last or any(i < first < j or i < last < j for i, j, _, _ in self.edits):
            return None
        fresh = [self._mapped(first, is_start=True), self._mapped(last, is_start=False)]
        if fresh[0] >= fresh[1]:
            return None
        return self.new[fresh[0]].start, self.new[fresh[1] - 1].end

    def _tokens(self, start: int, end: int) -> tuple[int, int]:
        return (
            bisect_left(self.old, start, key=lambda token: token.start),
            bisect_right(self.old, end, key=lambda token: token.end),
        )

    def _mapped(self, index: int, *, is_start: bool) -> int:
        """The index on the after side where a token begins; what was put in at either end of the piece is taken with it."""
        passed = [m - j for i, j, _, m in self.edits if j < index or (j == index and not (is_start and i == j))]
        return index + (passed[-1] if passed else 0)


@lru_cache(maxsize=16)
def aligned(before: str, after: str) -> Aligned:
    """Remembered: each candidate of a fix asks for the same."""
    old, new = _tokens(before), _tokens(after)
    return Aligned(before, after, tuple(old), tuple(new), tuple(_edits(old, new)))


def difference(before: str, after: str) -> tuple[int, int, str]:
    """The one piece in which two texts differ, by whole words: offsets in the first, and what stands there in the second, with the
    layout before it."""
    old, new = _tokens(before), _tokens(after)
    first, last = common_ends([token.text for token in old], [token.text for token in new])
    begun, begun_there = (tokens[first - 1].end if first else 0 for tokens in (old, new))
    ended = old[len(old) - last - 1].end if len(old) - last > first else begun
    ended_there = new[len(new) - last - 1].end if len(new) - last > first else begun_there
    return begun, ended, after[begun_there:ended_there]


def gives(before: str, puts: Sequence[Put], after: str) -> bool:
    """Whether the texts, put in their places, stand on the after side there, too. Of texts that overlap the first is put."""
    if any(text is None or text == before[start:end] for start, end, text in puts):
        return False
    tokens: list[_Token] = []
    at = 0
    for number, (start, end, text) in enumerate(_apart(puts), start=1):
        tokens += [*_tokens(before[at:start]), *_tokens(text or "", number)]
        at = end
    got = _without_last_commas([*tokens, *_tokens(before[at:])])
    wanted = _without_last_commas(_tokens(after))
    return not any(_is_put(got, i, j) for i, j, _, _ in _edits(got, wanted))


def _is_put(got: Sequence[_Token], first: int, last: int) -> bool:
    """Whether a stretch, or where it is empty the gap there, is of what was put in."""
    if first == last:
        return 0 < first < len(got) and got[first - 1].of == got[first].of != 0
    return any(token.of for token in got[first:last])


def _apart(puts: Sequence[Put]) -> list[Put]:
    kept: list[Put] = []
    for put in sorted(puts, key=lambda one: (one[0], -one[1])):
        if not kept or put[0] >= kept[-1][1]:
            kept.append(put)
    return kept


def _tokens(text: str, of: int = 0) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    for one in _TOKEN.finditer(text):
        sign = '"' if one.group() in _QUOTES else one.group()
        found.append(_Token(sign, one.start(), one.end(), of, not found or "\n" in text[at : one.start()]))
        at = one.end()
    return found


def _without_last_commas(tokens: Sequence[_Token]) -> list[_Token]:
    following = [*(token.text for token in tokens[1:]), ""]
    return [one for one, then in zip(tokens, following, strict=True) if one.text != "," or then not in _CLOSING]


def _edits(old: Sequence[_Token], new: Sequence[_Token]) -> list[tuple[int, int, int, int]]:
    texts = [token.text for token in old], [token.text for token in new]
    first, last = common_ends(*texts)
    middle = texts[0][first : len(old) - last], texts[1][first : len(new) - last]
    if max(map(len, middle)) > _MOST_TOKENS:
        return [(first, len(old) - last, first, len(new) - last)]
    matcher = SequenceMatcher(None, *middle, autojunk=False)
    edits = [
        (i + first, j + first, k + first, m + first) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"
    ]
    return [
        _from_the_line(edit, floor, old, new)
        for edit, floor in zip(edits, [(0, 0), *((j, m) for _, j, _, m in edits)], strict=False)
    ]


def _from_the_line(
    edit: tuple[int, int, int, int], floor: tuple[int, int], old: Sequence[_Token], new: Sequence[_Token]
) -> tuple[int, int, int, int]:
    """Where lines were put in or taken away, the edit that begins with a line: `a; b.x(); b.y()` out of `a; b.y()` may as well be told
    as `x(); b.` that is put behind `b.`."""
    i, j, k, m = edit
    if (i == j) is (k == m):
        return edit
    start, end, tokens = (k, m, new) if i == j else (i, j, old)
    back = 0
    while not tokens[start - back].leads:
        if (
            min(i - back - floor[0], k - back - floor[1]) < 1
            or tokens[start - back - 1].text != tokens[end - back - 1].text
        ):
            return edit
        back += 1
    return i - back, j - back, k - back, m - back
