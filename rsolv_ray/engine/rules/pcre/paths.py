"""Along which paths may a matcher go through a regular expression?

The positions of its characters, and how many ways lead from one to the next (Glushkov's automaton, with ways counted up
to two). More than one way for the same text is what makes a matcher that goes back take long: see `regex_danger`.
Source: N. Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers by Using
Ambiguity of NFA", CIAA 2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rsolv_ray.engine.rules.pcre.nodes import Atomic, Boundary, Chars, Check, Either, Node, Repeat, Sequence, Unknown

MOST_POSITIONS = 1500
# A part of up to so many characters, copies told apart.
_MOST_COPIED = 400


class TooManyPathsError(ValueError):
    """There are more paths than are looked at."""


class Effort:
    """How much more work is done: one step is a way looked at, about a microsecond."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def spend(self, steps: int) -> None:
        """Raises TooManyPathsError where so much is not left."""
        self._left -= steps
        if self._left < 0:
            raise TooManyPathsError


@dataclass(slots=True)
class Paths:
    """`sets[p]` are the characters at position p, `ways[p][q]` is 1, or 2 for more than one way from p to q.

    `ends` are the positions after which the whole has matched, whatever comes: a matcher never goes back beyond one.
    """

    sets: list[int] = field(default_factory=list[int])
    ways: list[dict[int, int]] = field(default_factory=list[dict[int, int]])
    ends: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Span:
    """A part: ways in by first position, ways out by last; `empty` ways past it; `free` where no condition stands there.

    `last` maps a position to (ways, whether one of them meets no condition).
    """

    first: Mapping[int, int]
    last: Mapping[int, tuple[int, bool]]
    empty: int
    free: bool


_NOTHING = _Span({}, {}, 1, free=True)
_CONDITION = _Span({}, {}, 1, free=False)


def paths_of(node: Node, effort: Effort, *, endless_from: int) -> Paths:
    """The paths through a node. A repetition that may go on to `endless_from` times or more counts as without an end.

    Raises:
        TooManyPathsError: there are too many of them.
    """
    builder = _Builder(effort, endless_from)
    whole = builder.span(node)
    builder.paths.ends = frozenset(position for position, (_, free) in whole.last.items() if free)
    return builder.paths


def inner_parts(node: Node) -> Iterator[Node]:
    """The node, and every part of it that a matcher goes through on its own: bodies of conditions and atomic groups."""
    yield node
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Sequence(parts) | Either(parts):
                waiting.extend(parts)
            case Check(body) if body is not None:
                yield body
                waiting.append(body)
            case Atomic(body) | Repeat(body, _, _, True):
                yield body
                waiting.append(body)
            case Repeat(body):
                waiting.append(body)
            case _:
                pass


class _Builder:
    def __init__(self, effort: Effort, endless_from: int) -> None:
        self.paths = Paths()
        self._effort = effort
        self._endless_from = endless_from

    def span(self, node: Node) -> _Span:
        match node:
            case Chars(characters):
                return self._position(characters)
            case Sequence(parts):
                whole = _NOTHING
                for part in parts:
                    whole = self._then(whole, self.span(part))
                return whole
            case Either(branches):
                return _either([self.span(branch) for branch in branches])
            case Atomic() | Repeat(possessive=True) | Boundary():
                # One way and no other, or a place that no other way passes: it stands as a character like none else.
                return self._then(self._position(0), _CONDITION)
            case Check() | Unknown():
                return _CONDITION
            case Repeat(body, least, most):
                return self._repeat(body, least, most)

    def _position(self, characters: int) -> _Span:
        self._effort.spend(1)
        position = len(self.paths.sets)
        if position >= MOST_POSITIONS:
            raise TooManyPathsError
        self.paths.sets.append(characters)
        self.paths.ways.append({})
        return _Span({position: 1}, {position: (1, True)}, 0, free=False)

    def _then(self, left: _Span, right: _Span) -> _Span:
        self._join(left.last, right.first)
        first = dict(left.first)
        if left.empty:
            for position, ways in right.first.items():
                first[position] = min(2, first.get(position, 0) + ways * left.empty)
        last = dict(right.last)
        if right.empty:
            for position, (ways, free) in left.last.items():
                last[position] = (min(2, ways * right.empty), free and right.free)
        return _Span(first, last, min(2, left.empty * right.empty), left.free and right.free)

    def _join(self, last: Mapping[int, tuple[int, bool]], first: Mapping[int, int]) -> None:
        self._effort.spend(len(last) * len(first))
        for before, (out, _) in last.items():
            for after, into in first.items():
                self.paths.ways[before][after] = min(2, self.paths.ways[before].get(after, 0) + out * into)

    def _repeat(self, body: Node, least: int, most: int | None) -> _Span:
        size = _size(body)
        self._effort.spend(size)
        endless = most is None or (most >= self._endless_from and most > least)
        copies = min(least if endless else (most or 0), max(2, min(64, _MOST_COPIED // max(1, size))))
        required = min(least, copies)
        if endless and required == 0:
            return self._endless(body, may_be_left_out=True)
        whole = _NOTHING
        for at in range(required):
            is_last = endless and at == required - 1
            whole = self._then(whole, self._endless(body, may_be_left_out=False) if is_last else self.span(body))
        return whole if endless else self._then(whole, self._optional(body, copies - required))

    def _endless(self, body: Node, *, may_be_left_out: bool) -> _Span:
        once = self.span(body)
        self._join(once.last, once.first)
        empty = min(2, once.empty + may_be_left_out)
        return _Span(once.first, once.last, empty, once.free or may_be_left_out)

    def _optional(self, body: Node, times: int) -> _Span:
        """`(body(body(...)?)?)?`: a copy is tried only after the one before it."""
        whole = _NOTHING
        for _ in range(times):
            once = self._then(self.span(body), whole)
            whole = _Span(once.first, once.last, min(2, once.empty + 1), free=True)
        return whole


def _either(spans: list[_Span]) -> _Span:
    first = {position: ways for span in spans for position, ways in span.first.items()}
    last = {position: ways for span in spans for position, ways in span.last.items()}
    return _Span(
        first, last, min(2, sum(span.empty for span in spans)), any(span.empty and span.free for span in spans)
    )


def _size(node: Node) -> int:
    match node:
        case Sequence(parts) | Either(parts):
            return sum(map(_size, parts))
        case Repeat(body, least, most):
            return _size(body) * max(1, min(most or least, 64))
        case Atomic(body):
            return _size(body)
        case _:
            return 1
