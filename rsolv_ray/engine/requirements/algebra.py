"""How are requirements put together so that they stay small?

A conjunction may drop any member and still be an over-approximation; a disjunction may not, but for members that another
one implies. Both are kept flat and without repeats, and a requirement that would grow too large is thinned out.
"""

from __future__ import annotations

from collections.abc import Iterable

from rsolv_ray.model.requirement import EVERY_FILE, NO_FILE, AllOf, AnyOf, Part, Requirement, Word

# More words in one requirement cost more than they spare.
_MOST_LEAVES = 400
_MOST_COMPARED = 200


def all_of(members: Iterable[Requirement]) -> Requirement:
    """All of these hold. The dearest ones are left out where they would be too many together."""
    flat = {inner: None for member in members for inner in (member.of if isinstance(member, AllOf) else (member,))}
    if NO_FILE in flat:
        return NO_FILE
    kept = list[Requirement]()
    spent = 0
    for member in sorted(flat, key=lambda member: (_leaves(member), -_weight(member), member.model_dump_json())):
        spent += _leaves(member)
        if spent > _MOST_LEAVES:
            break
        if not any(_implies(other, member) for other in kept[:_MOST_COMPARED]):
            kept.append(member)
    return kept[0] if len(kept) == 1 else AllOf(of=tuple(kept))


def any_of(members: Iterable[Requirement]) -> Requirement:
    """At least one of these holds: EVERY_FILE where one of them is, or where they are too many."""
    flat = {inner: None for member in members for inner in (member.of if isinstance(member, AnyOf) else (member,))}
    if EVERY_FILE in flat or sum(map(_leaves, flat)) > _MOST_LEAVES:
        return EVERY_FILE
    kept = list[Requirement]()
    for member in sorted(flat, key=lambda member: (_leaves(member), _weight(member), member.model_dump_json())):
        if not any(_implies(member, other) for other in kept[:_MOST_COMPARED]):
            kept.append(member)
    return kept[0] if len(kept) == 1 else AnyOf(of=tuple(kept))


def _weight(requirement: Requirement) -> int:
    """How much a single word asks for: one that another implies weighs less."""
    if isinstance(requirement, AllOf | AnyOf):
        return 0
    return 4 * len(requirement.text) + 2 * isinstance(requirement, Word) + (not requirement.ignore_case)


def _leaves(requirement: Requirement) -> int:
    if isinstance(requirement, AllOf | AnyOf):
        return sum(map(_leaves, requirement.of))
    return 1


def _implies(strong: Requirement, weak: Requirement) -> bool:
    """Does every file that meets `strong` surely meet `weak`? No more than what is plain to see is told."""
    if strong == weak:
        return True
    if isinstance(weak, AnyOf):
        options = strong.of if isinstance(strong, AnyOf) else (strong,)
        return all(any(_implies(option, other) for other in weak.of) for option in options)
    if isinstance(strong, AnyOf):
        return all(_implies(option, weak) for option in strong.of)
    if isinstance(weak, AllOf):
        return all(_implies(strong, member) for member in weak.of)
    if isinstance(strong, AllOf):
        return any(_implies(member, weak) for member in strong.of)
    return _leaf_implies(strong, weak)


def _leaf_implies(strong: Word | Part, weak: Word | Part) -> bool:
    if strong.ignore_case and not weak.ignore_case:
        return False
    have, want = (strong.text.lower(), weak.text.lower()) if weak.ignore_case else (strong.text, weak.text)
    return want in have if isinstance(weak, Part) else isinstance(strong, Word) and want == have
