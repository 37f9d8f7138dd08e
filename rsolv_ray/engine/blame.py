"""Which rules and files spoil a run of the engine, and when is it enough?

A pair of rule and file that breaks the engine is left out. A file that has three such pairs is given up, and its rules
are no longer blamed for it. A rule that has three is set aside where they are most of the files that it was run over, or
where it has eight; so is a rule that runs out of time on ten files, or fires more often than it may.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from rsolv_ray.engine.job import OF_ANY_FILE, languages_of
from rsolv_ray.engine.match import (
    BROKEN,
    CHANGED,
    OUT_OF_MEMORY,
    STACK_OVERFLOW,
    TIMED_OUT,
    TOO_MANY_MATCHES,
    EngineError,
    Limits,
    Match,
    Target,
)
from rsolv_ray.model.languages import canonical_language
from rsolv_ray.model.noun import JsonObject

_PAIRS = 3
_PAIRS_AT_MOST = 8
_TIMEOUTS = 10
# For these the engine drops what all rules found in the file, and names the last rule or the loudest.
_DROPS_THE_FILE = frozenset({TOO_MANY_MATCHES, OUT_OF_MEMORY, STACK_OVERFLOW})

_Box = tuple[Sequence[int], Sequence[int]]


class Blame:
    """What went wrong so far in the runs of `rules` over `targets`; both are named by index."""

    def __init__(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits) -> None:
        self._ids, self._targets, self._limits = [str(rule.get("id")) for rule in rules], targets, limits
        self._spoken = [languages_of(rule) for rule in rules]
        self._by_id: defaultdict[str, list[int]] = defaultdict(list)
        for index, name in enumerate(self._ids):
            self._by_id[name].append(index)
        self._aside: dict[int, str] = {}
        self._given_up: set[int] = set()
        self._changed: set[int] = set()
        self._broken_on: defaultdict[int, set[int]] = defaultdict(set)
        self._breakers: defaultdict[int, list[int]] = defaultdict(list)
        self._settled: Counter[int] = Counter()
        self._slow: Counter[int] = Counter()
        self._found: Counter[str] = Counter()
        self.errors: list[EngineError] = []
        self.unread: set[int] = set()

    def allowed(self, rules: Sequence[int], targets: Sequence[int]) -> _Box:
        """What of a box is still to be run."""
        left = tuple(target for target in targets if target not in self._given_up)
        fit = tuple(rule for rule in rules if rule not in self._aside)
        if len(fit) < len(rules):
            self._miss([rule for rule in rules if rule in self._aside], left)
        return fit, left

    def reasons(self) -> dict[str, str]:
        """Why each rule that was set aside was, by its id."""
        return {self._ids[rule]: reason for rule, reason in self._aside.items()}

    def suspects(self, rules: Sequence[int]) -> tuple[int, ...]:
        """Those that broke the engine before."""
        return tuple(rule for rule in rules if self._broken_on[rule])

    def settled(self, rules: Sequence[int], targets: Sequence[int]) -> None:
        """These rules were run over these targets."""
        for rule in rules:
            self._settled[rule] += len(targets)

    def pair(self, rule: int, target: int, reason: str, kind: str = BROKEN) -> None:
        """This rule breaks the engine on this file."""
        self._tell(kind, reason, rule=rule, target=target)
        self._broken_on[rule].add(target)
        self._breakers[target].append(rule)
        if len(self._breakers[target]) >= _PAIRS:
            self._give_up(target)
        broken = len(self._broken_on[rule])
        if broken >= _PAIRS_AT_MOST or (broken >= _PAIRS and broken > self._settled[rule]):
            self.set_aside(rule, f"it breaks the engine on {broken} files: {reason}")

    def _give_up(self, target: int) -> None:
        self._given_up.add(target)
        self._tell(BROKEN, f"given up: {_PAIRS} rules break the engine on it", target=target)
        for rule in self._breakers[target]:
            self._broken_on[rule].discard(target)

    def set_aside(self, rule: int, reason: str, kind: str = BROKEN) -> None:
        """This rule is not run any more."""
        if rule not in self._aside:
            self._aside[rule] = reason
            self._tell(kind, f"set aside: {reason}", rule=rule)

    def spoilt(self, rules: Sequence[int], errors: Sequence[EngineError]) -> list[_Box]:
        """What of a box has to be run again, since the engine threw away what other rules found in a file."""
        again: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for error in errors:
            if error.kind == CHANGED and error.target is not None and error.target not in self._changed:
                self._changed.add(error.target)
                again[tuple(rules)].append(error.target)
            if error.target is None or error.kind not in _DROPS_THE_FILE:
                continue
            guilty = {rule for rule in self._by_id[error.rule or ""] if rule in rules}
            if error.kind == TOO_MANY_MATCHES and guilty:
                again[tuple(rule for rule in rules if rule not in guilty)].append(error.target)
                self.errors.append(error)
                self.unread.add(error.target)
            elif len(rules) > 1:
                again[tuple(rules[: len(rules) // 2])].append(error.target)
                again[tuple(rules[len(rules) // 2 :])].append(error.target)
            else:
                self.pair(rules[0], error.target, error.message, error.kind)
                again[()].append(error.target)
        return [(some, tuple(dict.fromkeys(targets))) for some, targets in again.items()]

    def hear(self, errors: Sequence[EngineError], targets: Sequence[int]) -> None:
        """Take in what a run over `targets` could not do."""
        self.errors += errors
        for error in errors:
            if error.target is not None:
                self.unread.add(error.target)
            elif error.rule in self._by_id:
                self._miss(self._by_id[error.rule], targets)
            else:
                self.unread.update(targets)
            if error.kind == TIMED_OUT:
                for rule in self._by_id.get(error.rule or "", ()):
                    self._slow[rule] += 1
                    if self._slow[rule] >= _TIMEOUTS:
                        self.set_aside(rule, f"it ran out of time on {_TIMEOUTS} files", TIMED_OUT)

    def within_cap(self, matches: Sequence[Match]) -> list[Match]:
        """The matches but for those of rules that have fired too often; such a rule is set aside."""
        kept: list[Match] = []
        for match in matches:
            self._found[match.rule] += 1
            if self._found[match.rule] <= self._limits.matches_per_rule:
                kept.append(match)
                continue
            self.unread.add(match.target)
            for rule in self._by_id[match.rule]:
                self.set_aside(rule, f"it fires more than {self._limits.matches_per_rule} times", TOO_MANY_MATCHES)
        return kept

    def _miss(self, rules: Sequence[int], targets: Sequence[int]) -> None:
        """These rules are not run over these targets: those in their languages are not wholly read."""
        spoken = {language for rule in rules for language in self._spoken[rule]}
        is_any = not spoken.isdisjoint(OF_ANY_FILE)
        self.unread.update(
            at
            for at in targets
            if is_any or (canonical_language(self._targets[at].language) or self._targets[at].language) in spoken
        )

    def _tell(self, kind: str, message: str, *, rule: int | None = None, target: int | None = None) -> None:
        if target is not None:
            self.unread.add(target)
        self.errors.append(
            EngineError(
                kind=kind,
                message=message,
                rule=None if rule is None else self._ids[rule],
                path=None if target is None else self._targets[target].path,
                target=target,
            )
        )
