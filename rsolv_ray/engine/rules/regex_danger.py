"""May a regular expression take a matcher for ever?

Semgrep's matcher goes back and tries another way whenever it meets no match. Where it has many ways through one text it
reaches its limit of tries and answers, without a word, that nothing matches anywhere in the file: a rule with `(a+)+b`
is a rule that whoever writes the code can switch off. Refused are: ways that double with every character (one text that
leads from a place back to it in two ways, as in `(a+)+`, `(a|a)*`, `(\\w+\\s*)+`), ways that grow with the fourth power of
a run of one character or faster (`.*.*.*.*x`), and counted repetitions with too many ways (`(?:a?){20}a{20}`). What follows has to be able to fail: `(a+)+` alone never goes back.
Source: N. Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers by Using
Ambiguity of NFA", CIAA 2016; the power of 4 by measurement with semgrep 1.182 (docs/rules.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from rsolv_ray.engine.rules.pcre.characters import ALL
from rsolv_ray.engine.rules.pcre.nodes import Atomic, Either, Node, Repeat, Sequence, UnreadableError
from rsolv_ray.engine.rules.pcre.paths import Effort, Paths, TooManyPathsError, inner_parts, paths_of
from rsolv_ray.engine.rules.pcre.reader import read_pcre
from rsolv_ray.engine.rules.regex_tries import LENGTH, MOST_TRIES, tries_at_most, tries_of

T = TypeVar("T")

LONGEST_REGEX = 10_000
GREATEST_POWER = 3

STEPS_PER_REGEX = 100_000
_STEPS_TO_READ = 8
_LONGEST_EMPTY = 200
# From so many times on a repetition is as bad as one without end: for ways that double, and for ways that grow slower.
_ENDLESS_TO_DOUBLE = 10
_ENDLESS_TO_GROW = 200

_TOO_LARGE = "it is too large to be checked for ways that multiply: make it smaller, or write fewer beside it"


def danger_of(pattern: str, effort: Effort | None = None) -> str | None:
    """Why a pattern is refused, or None. A pattern that cannot be read here is for the engine to judge: None.

    `effort` is what may be spent on it, and on others that share it; each gets STEPS_PER_REGEX where none is given.
    """
    effort = effort or Effort(STEPS_PER_REGEX)
    if len(pattern) > LONGEST_REGEX:
        return f"it is longer than {LONGEST_REGEX} characters"
    try:
        effort.spend(_STEPS_TO_READ * len(pattern))
        parts = list(inner_parts(read_pcre(pattern)))
        reasons = (reason for part in parts for reason in (_doubling(part, effort), _growing(part, effort)))
        return next((reason for reason in reasons if reason is not None), None)
    except UnreadableError:
        return None
    except TooManyPathsError:
        return _TOO_LARGE


def matches_nothing(pattern: str) -> bool:
    """Does the pattern match the empty text, with no condition on the place? Then it matches everywhere.

    It is asked of patterns of up to 200 characters; a longer one is taken for one that does not.
    """
    try:
        return len(pattern) <= _LONGEST_EMPTY and _may_be_empty(read_pcre(pattern))
    except UnreadableError:
        return False


def _may_be_empty(node: Node) -> bool:
    match node:
        case Sequence(parts):
            return all(map(_may_be_empty, parts))
        case Either(branches):
            return any(map(_may_be_empty, branches))
        case Repeat(body, least):
            return least == 0 or _may_be_empty(body)
        case Atomic(body):
            return _may_be_empty(body)
        case _:
            return False


def _doubling(node: Node, effort: Effort) -> str | None:
    paths = paths_of(node, effort, endless_from=_ENDLESS_TO_DOUBLE)
    open_ends = set(range(len(paths.sets))) - paths.ends
    for loop in _loops(open_ends, lambda at: [each for each in paths.ways[at] if each in open_ends]):
        inside = set(loop)
        twice = any(ways > 1 and after in inside for at in loop for after, ways in paths.ways[at].items())
        if twice or _meets_itself(paths, inside, effort):
            return (
                "it can match one text in ways that double with each further character, as (a+)+ does: the engine "
                "gives up there and finds nothing in the whole file; let each repetition end where the next begins"
            )
    return None


def _meets_itself(paths: Paths, inside: set[int], effort: Effort) -> bool:
    """Does one text lead from a place in the loop back to it along two different paths?"""
    after = {at: [each for each in paths.ways[at] if each in inside] for at in inside}

    def next_pairs(pair: tuple[int, int]) -> list[tuple[int, int]]:
        left, right = pair
        effort.spend(len(after[left]) * len(after[right]) + 1)
        return [(a, b) for a in after[left] for b in after[right] if paths.sets[a] & paths.sets[b]]

    start = [(at, at) for at in inside]
    return any(
        any(left == right for left, right in loop) and any(left != right for left, right in loop)
        for loop in _loops(start, next_pairs)
    )


def _growing(node: Node, effort: Effort) -> str | None:
    paths = paths_of(node, effort, endless_from=_ENDLESS_TO_GROW)
    characters = _representatives(paths.sets)
    effort.spend(len(characters) * len(paths.sets))
    power = max((_power_of(paths, bit) for bit in characters), default=0)
    if power > GREATEST_POWER:
        return (
            f"{power} of its repetitions can share one run of a character: the tries grow with the power of {power} of "
            "its length, and the engine gives up and finds nothing in the whole file; let what stands between them differ"
        )
    if tries_at_most(node) > MOST_TRIES and tries_of(paths, characters, effort) > MOST_TRIES:
        return (
            f"its counted repetitions multiply: on a text of {LENGTH} characters it may take more than {MOST_TRIES} "
            "tries, and the engine gives up and finds nothing in the whole file; let each repetition end where the next "
            "begins, or count fewer"
        )
    return None


def _representatives(sets: Iterable[int]) -> list[int]:
    """One character for each way in which the sets tell characters apart."""
    alike = [ALL]
    for each in set(sets):
        alike = [part for group in alike for part in (group & each, group & ~each) if part]
    return [group.bit_length() - 1 for group in alike]


def _power_of(paths: Paths, bit: int) -> int:
    """The longest chain of loops that a run of this character goes through, one after the other."""
    here = {at for at, each in enumerate(paths.sets) if each >> bit & 1 and at not in paths.ends}

    def after(at: int) -> list[int]:
        return [each for each in paths.ways[at] if each in here]

    longest: dict[int, int] = {}
    for component in _components(here, after):  # those that are reached come before those that reach them
        is_loop = len(component) > 1 or component[0] in paths.ways[component[0]]
        beyond = max((longest.get(each, 0) for at in component for each in after(at)), default=0)
        for at in component:
            longest[at] = beyond + is_loop
    return max(longest.values(), default=0)


def _loops(starts: Iterable[T], after: Callable[[T], list[T]]) -> list[list[T]]:
    """The strongly connected components in which something leads back to itself."""
    return [each for each in _components(starts, after) if len(each) > 1 or each[0] in after(each[0])]


def _components(starts: Iterable[T], after: Callable[[T], Iterable[T]]) -> list[list[T]]:
    """Strongly connected components, those reached first (Tarjan 1972), without recursion."""
    order: dict[T, int] = {}
    low: dict[T, int] = {}
    stack: list[T] = []
    on_stack: set[T] = set()
    found: list[list[T]] = []
    for start in starts:
        if start in order:
            continue
        order[start] = low[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        work = [(start, iter(after(start)))]
        while work:
            node, rest = work[-1]
            child = next(rest, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    component: list[T] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    found.append(component)
            elif child not in order:
                order[child] = low[child] = len(order)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(after(child))))
            elif child in on_stack:
                low[node] = min(low[node], order[child])
    return found
