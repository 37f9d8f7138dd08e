"""How do many rules run over many files when some of them break the engine?

All of them go out in one run. Where that breaks, its files and then its rules are halved until the guilty pair is alone;
it is named and left out, and everything else is run. A file on which several rules break the engine is given up, and so
is a rule that breaks it on several files, or fires so often that it says nothing.
Halving is Zeller and Hildebrandt's: Simplifying and Isolating Failure-Inducing Input, IEEE TSE 28(2), 2002.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rsolv_ray.engine.blame import Blame
from rsolv_ray.engine.match import EngineError, Interrupted, Limits, Match, Run, SourceText, Target
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.noun import JsonObject

__all__ = ["Batched", "Runs", "Settled", "run_in_batches"]

_SHORTEST_S = 0.5
"""With less time than this left no run is begun."""
_SHARE = 0.4
_PATIENCE_S = 15.0
"""A file that takes longer, or three times as long as a rule may, is looked at with fewer rules at a time."""
_PROBE: JsonObject = {
    "id": "probe", "languages": ["python"], "severity": "INFO", "message": "m", "pattern": "probe()",
}  # fmt: skip
_PROBED = SourceText("probe.py", "python", "probe()\n")

_Box = tuple[Sequence[int], Sequence[int]]
"""Rules and targets, by index, that are to be run together."""


class Runs(Protocol):
    """What is asked of an engine here; `Engine` is one."""

    def run(self, rules: Sequence[JsonObject], targets: Sequence[Target], limits: Limits | None = None) -> Run: ...

    def run_texts(
        self, rules: Sequence[JsonObject], texts: Sequence[SourceText], limits: Limits | None = None
    ) -> Run: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What one run settled: `rules` (ids) on `targets` (indexes), but for what `errors` name.

    A rule that is named without a target was not run at all, a target without a rule was not looked at whole.
    """

    rules: tuple[str, ...]
    targets: tuple[int, ...]
    matches: tuple[Match, ...]
    errors: tuple[EngineError, ...]
    engine: str


@dataclass(frozen=True, slots=True)
class Batched:
    """What rules gave on targets. Indexes are those of the targets that were asked for.

    `matches` stand by target and place. `errors` name what could not be done. `set_aside` says why a rule (id) was taken
    off the run; what it had found before is kept. `unread` are the targets on which some rule was not run or some code
    was not understood: silence there proves nothing; `unreached` those of them that the time did not suffice for.
    """

    matches: tuple[Match, ...]
    errors: tuple[EngineError, ...]
    set_aside: Mapping[str, str]
    unread: tuple[int, ...]
    unreached: tuple[int, ...]
    engine: str
    elapsed_s: float


def run_in_batches(
    engine: Runs,
    rules: Sequence[JsonObject],
    targets: Sequence[Target],
    *,
    limits: Limits,
    until: float,
    on_part: Callable[[Settled], None] = lambda _: None,
) -> Batched:
    """Run `rules` over `targets` until `until` (monotonic seconds); `on_part` is told of each run as it ends.

    `limits.wall_s` holds for one run of the engine, `limits.matches_per_rule` for all of them together.

    Raises:
        Rejected: a rule has no id, or a target's language is not known.
        ToolFailed: the engine itself is broken: it fails on any code.
    """
    began = time.monotonic()
    batches = _Batches(engine, rules, targets, limits=limits, until=until, on_part=on_part)
    if rules and targets:
        batches.settle((tuple(range(len(rules))), tuple(range(len(targets)))))
    return batches.told(time.monotonic() - began)


class _Batches:
    """The boxes that were run, and what they gave."""

    def __init__(
        self,
        engine: Runs,
        rules: Sequence[JsonObject],
        targets: Sequence[Target],
        *,
        limits: Limits,
        until: float,
        on_part: Callable[[Settled], None],
    ) -> None:
        self._engine, self._limits, self._until, self._on_part = engine, limits, until, on_part
        self._rules, self._targets = rules, targets
        self._blame = Blame(rules, targets, limits)
        self._matches: list[Match] = []
        self._reached: set[int] = set()
        self._sound: set[int] = set()
        self._named = ""
        self._is_probed = False

    def settle(self, whole: _Box) -> None:
        """Run this box, or as much of it as can be run."""
        boxes = [whole]
        while boxes:
            rules, targets = self._blame.allowed(*boxes.pop())
            if not rules or not targets:
                continue
            if self._left_s() < _SHORTEST_S:
                self._blame.unread.update(targets)
                continue
            try:
                boxes += self._taken(rules, targets, self._run(rules, targets))
            except ToolFailed as error:
                boxes += self._smaller(rules, targets, error)

    def told(self, elapsed_s: float) -> Batched:
        """All that was learned."""
        unread = self._blame.unread
        return Batched(
            matches=tuple(sorted(self._matches, key=lambda match: (match.target, match.start, match.end, match.rule))),
            errors=tuple(self._blame.errors),
            set_aside=self._blame.reasons(),
            unread=tuple(sorted(unread)),
            unreached=tuple(sorted(unread - self._reached)),
            engine=self._named,
            elapsed_s=elapsed_s,
        )

    def _left_s(self) -> float:
        return self._until - time.monotonic()

    def _run(self, rules: Sequence[int], targets: Sequence[int]) -> Run:
        """A box of several gets a share of the time that is left: the rest is for what was slow in it."""
        left, patience = self._left_s(), max(_PATIENCE_S, 3 * self._limits.rule_s)
        share = left if len(targets) < 2 and len(rules) < 2 else left * _SHARE
        longest = patience if len(targets) == 1 else self._limits.wall_s
        return self._engine.run(
            [self._rules[rule] for rule in rules],
            [self._targets[target] for target in targets],
            replace(
                self._limits,
                wall_s=max(_SHORTEST_S, min(self._limits.wall_s, longest, share)),
                stall_s=self._limits.stall_s or patience,
            ),
        )

    def _taken(self, rules: Sequence[int], targets: Sequence[int], run: Run) -> list[_Box]:
        """Keep what is evidence; the boxes are those that have to be run again without what spoilt them."""
        self._reached.update(targets)
        self._named = run.engine
        already = len(self._blame.errors)
        errors = [
            replace(error, target=None if error.target is None else targets[error.target]) for error in run.errors
        ]
        again = self._blame.spoilt(rules, errors)
        lost = {target for _, some in again for target in some}
        settled = tuple(target for target in targets if target not in lost)
        self._blame.settled(rules, settled)
        self._blame.hear([error for error in errors if error.target not in lost], settled)
        matches = (replace(match, target=targets[match.target]) for match in run.matches)
        kept = self._blame.within_cap([match for match in matches if match.target not in lost])
        self._matches += kept
        ids = tuple(str(self._rules[rule]["id"]) for rule in rules)
        self._on_part(Settled(ids, settled, tuple(kept), tuple(self._blame.errors[already:]), run.engine))
        return again

    def _smaller(self, rules: Sequence[int], targets: Sequence[int], error: ToolFailed) -> list[_Box]:
        """The boxes to run in place of one that broke the engine; the last of them comes first.

        Raises:
            ToolFailed: the engine is broken, whatever it is given.
        """
        if not self._is_probed:
            self._probe(error)
        if not self._sound.issuperset(rules):
            sound = self._sifted(rules)
            self._sound.update(sound)
            if len(sound) < len(rules):
                return [(rules, targets)]
        suspects = self._blame.suspects(rules)
        if suspects and len(suspects) < len(rules):
            return [(suspects, targets), (tuple(rule for rule in rules if rule not in suspects), targets)]
        if len(targets) > 1:
            return [(rules, some) for some in self._around(targets, error)]
        if len(rules) > 1:
            middle = len(rules) // 2
            return [(rules[middle:], targets), (rules[:middle], targets)]
        self._reached.update(targets)
        self._blame.pair(rules[0], targets[0], str(error))
        return []

    def _around(self, targets: Sequence[int], error: ToolFailed) -> list[Sequence[int]]:
        """The targets in parts, the one that is run first last: pieces that fit into the time where that was up, the file
        that a crash or a hang points at by itself, or else halves."""
        middle = len(targets) // 2
        if not isinstance(error, Interrupted) or self._limits.jobs > 1 or not 0 < error.done < len(targets):
            return [targets[middle:], targets[:middle]]
        if error.slow:
            size = max(1, error.done // 4)
            return [targets[at : at + size] for at in range(0, len(targets), size)][::-1]
        at = error.done
        return [part for part in (targets[at : at + 1], targets[at + 1 :], targets[:at]) if part]

    def _probe(self, error: ToolFailed) -> None:
        try:
            self._engine.run_texts([_PROBE], [_PROBED], replace(self._limits, wall_s=max(5.0, self._left_s())))
        except ToolFailed as again:
            raise error from again
        self._is_probed = True

    def _sifted(self, rules: Sequence[int]) -> Sequence[int]:
        """The rules that the engine bears to read; the others are set aside."""
        try:
            self._run(rules, ())
        except ToolFailed as error:
            if len(rules) == 1:
                self._blame.set_aside(rules[0], str(error))
                return []
            middle = len(rules) // 2
            return [*self._sifted(rules[:middle]), *self._sifted(rules[middle:])]
        return rules
