"""How many tries may a regular expression take on a short text?

Ways that neither double without end nor grow with a power multiply all the same where repetitions are counted:
`(?:a?){20}a{20}` goes 2^20 ways through twenty characters. What a matcher tries from one place on, for a text that does not
match, is the number of beginnings of paths: by length, with one vector over all positions. The text is one that makes
them many: runs of one character, of two in turn, and one that takes the worst character each time. Others may be worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from rsolv_ray.engine.rules.pcre.nodes import Either, Node, Repeat
from rsolv_ray.engine.rules.pcre.nodes import Sequence as InSequence
from rsolv_ray.engine.rules.pcre.paths import Effort, Paths

LENGTH = 100
"""So many characters the text has."""
MOST_TRIES = 500_000
"""The engine was seen to give up from 1,050,000 on."""

# So many characters are tried, those that most ways lead to, and so many of them in pairs.
_ALONE = 6
_IN_PAIRS = 3
# One step costs as much as so many looks at a way, and for so many ways one more.
_STEP = 5
_WAYS_PER_STEP = 200

_Tries = NDArray[np.float64]


def tries_at_most(node: Node) -> float:
    """A bound from above that costs next to nothing to find: all choices, times all ways to share LENGTH characters out."""
    choices, endless = _choices(node)
    return choices * comb(LENGTH + min(endless, LENGTH), min(endless, LENGTH))


def _choices(node: Node) -> tuple[float, int]:
    """The product of the choices of what stands one after the other, and how many repetitions without an end do."""
    match node:
        case InSequence(parts):
            each = [_choices(part) for part in parts]
            return _capped(prod(choices for choices, _ in each)), sum(endless for _, endless in each)
        case Either(branches):
            each = [_choices(branch) for branch in branches]
            return _capped(sum(choices for choices, _ in each)), max((endless for _, endless in each), default=0)
        case Repeat(body, least, most, False):
            choices, endless = _choices(body)
            if most is None:  # its last round is one loop, through which no text has two ways: that was refused before
                return _repeated(choices, min(least, LENGTH), min(least, LENGTH)), endless * least + 1
            if most >= LENGTH and choices <= 1:
                return 1.0, endless * LENGTH + 1
            return _repeated(choices, min(least, LENGTH), min(most, LENGTH)), endless * min(most, LENGTH)
        case _:
            return 1.0, 0


def _repeated(choices: float, least: int, most: int) -> float:
    if choices <= 1:
        return most - least + 1.0
    return _capped(sum(min(choices, 1e3) ** times for times in range(least, most + 1)))


def _capped(choices: float) -> float:
    return min(choices, 1e12)


def tries_of(paths: Paths, characters: Sequence[int], effort: Effort) -> float:
    """The tries on the worst text that was found, or more than MOST_TRIES, where it stops.

    Args:
        characters: one for each way in which the positions tell characters apart.
    """
    steps = sorted((step for bit in characters if (step := _Step.of(paths, bit))), key=len, reverse=True)[:_ALONE]
    words: list[Sequence[_Step]] = [[step] for step in steps]
    words += combinations(steps[:_IN_PAIRS], 2)
    words.append(steps)
    worst = 0.0
    for word in words:
        greedy = word is words[-1]
        for tries in _growing(word, len(paths.sets), effort, greedy=greedy):
            worst = max(worst, tries)
            if worst > MOST_TRIES:
                return worst
    return worst


def _growing(steps: Sequence[_Step], positions: int, effort: Effort, *, greedy: bool) -> Iterator[float]:
    """The most tries from any position, for texts of 1, 2, ... characters: `steps` in turn, or the worst each time."""
    tries, before = np.ones(positions), np.zeros(positions)
    for at in range(LENGTH if steps else 0):
        some = steps if greedy else [steps[at % len(steps)]]
        effort.spend(sum(_STEP + len(step) // _WAYS_PER_STEP for step in some))
        after = max((step.before(tries) for step in some), key=lambda each: (each.max(), each.sum()))
        yield float(after.max())
        if np.array_equal(after, before if len(steps) == 2 else tries):
            return
        tries, before = after, tries


@dataclass(frozen=True, slots=True)
class _Step:
    """The ways over one character: from positions, to positions, how many."""

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    ways: _Tries

    def __len__(self) -> int:
        return len(self.ways)

    @classmethod
    def of(cls, paths: Paths, bit: int) -> _Step:
        """The ways over this character that a match does not end."""
        found = [
            (source, target, ways)
            for source, after in enumerate(paths.ways)
            if source not in paths.ends
            for target, ways in after.items()
            if target not in paths.ends and paths.sets[target] >> bit & 1
        ]
        sources, targets, ways = zip(*found, strict=True) if found else ((), (), ())
        return cls(np.array(sources, np.int64), np.array(targets, np.int64), np.array(ways, np.float64))

    def before(self, tries: _Tries) -> _Tries:
        """The tries with this character before the text that `tries` are for."""
        onward = np.bincount(self.sources, self.ways * tries[self.targets], len(tries))
        return 1.0 + onward.astype(np.float64)
