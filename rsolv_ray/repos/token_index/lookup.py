"""Which documents of a segment meet a requirement?

What costs least is looked at first, and nothing more once no document is left. Words are found at once; parts of words and words
in any case need a search through all words.
"""

from __future__ import annotations

import numpy as np

from rsolv_ray.model.requirement import AllOf, AnyOf, Part, Requirement, Word
from rsolv_ray.repos.token_index.segments import Mask, Segment


def meeting(segment: Segment, requirement: Requirement) -> Mask:
    """For each document of the segment: may it meet the requirement? Exact, but for documents that hold longer words than are kept."""
    match requirement:
        case Word(text=text, ignore_case=False):
            return segment.that_hold(text)
        case Word(text=text):
            return segment.that_hold_in_any_case(text)
        case Part(text=text, ignore_case=ignore_case):
            return segment.that_contain(text, ignore_case=ignore_case)
        case AllOf(of=members):
            return _all(segment, members)
        case AnyOf(of=members):
            return _any(segment, members)


def _all(segment: Segment, members: tuple[Requirement, ...]) -> Mask:
    found = np.ones(len(segment.documents), dtype=bool)
    for member in sorted(members, key=_cost):
        if not found.any():
            break
        found &= meeting(segment, member)
    return found


def _any(segment: Segment, members: tuple[Requirement, ...]) -> Mask:
    found = np.zeros(len(segment.documents), dtype=bool)
    for member in members:
        found |= meeting(segment, member)
    return found


def _cost(requirement: Requirement) -> int:
    match requirement:
        case Word(ignore_case=False):
            return 0
        case AllOf() | AnyOf():
            return 1
        case Word() | Part():
            return 2
