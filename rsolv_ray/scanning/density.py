"""How often does a rule fire in these files, when they are too many to be read?

A sample of them is read, in the order in which they are given: that of the hashes of their content is as good as chance, and
the same each time. It grows until it is settled whether the rule is too loud, or is as large as it may be. What the sample
gives by the line, all files are taken to give; how far that may be off is told as a standard error.
Source: Cochran, Sampling Techniques (1977), chapter 6: the ratio estimate and its variance.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rsolv_ray.engine.batches import Batched, run_in_batches
from rsolv_ray.engine.match import TOO_MANY_MATCHES, Target
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Density
from rsolv_ray.validation.gates import MOST_PER_100K_LINES

__all__ = ["CleanFile", "densities"]

SHARES = (12_000, 30_000)
"""So many lines are read for the rules that are asked about together: the engine reads some 30,000 lines a second on one core
for a rule that searches, and 10,000 for one that follows values."""
MOST_FINDINGS = 2_000
"""A rule that fires more often in a sample is not run on; it is as loud as it has been so far."""
_LEAST_FINDINGS = 20
_NONE_SEEN = 2.3
"""Where nothing was seen, so many may have been missed: the upper bound of a Poisson count at 90 %."""
_PATIENCE_S = 8.0
_RULE_S = 2.0
_JOBS = 2


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file of clean code. `path` is what it is called for a rule's `paths`."""

    file: Path
    path: str
    language: str
    lines: int


def densities(
    engine: Engine, rules: Sequence[JsonObject], possible: Mapping[str, Sequence[CleanFile]], lines: int
) -> dict[str, Density | None]:
    """How often each rule fires in `lines` lines of clean code, by its id; None where the engine gives no answer for it.

    `possible` are the files of each rule that it can match at all; the order is that in which they are read.
    """
    counts = {str(rule["id"]): _Count(possible[str(rule["id"])], lines) for rule in rules}
    until = time.monotonic() + _PATIENCE_S
    for share in (share // len(rules) for share in SHARES):
        asked = [rule for rule in rules if not counts[str(rule["id"])].is_settled]
        wanted = {file: None for rule in asked for file in counts[str(rule["id"])].unread(share)}
        if not wanted:
            continue
        try:
            ran = _run(engine, asked, list(wanted), until)
        except ToolFailed:
            break  # a broken engine fails elsewhere, too, and a rule may be judged without this
        for rule in asked:
            counts[str(rule["id"])].add(str(rule["id"]), list(wanted), ran, share)
    return {name: count.density for name, count in counts.items()}


def _run(engine: Engine, rules: Sequence[JsonObject], files: Sequence[CleanFile], until: float) -> Batched:
    limits = replace(
        engine.limits,
        wall_s=_PATIENCE_S,
        rule_s=min(_RULE_S, engine.limits.rule_s),
        jobs=_JOBS,
        matches_per_rule=MOST_FINDINGS,
    )
    targets = [Target(one.path, one.file, one.language) for one in files]
    return run_in_batches(engine, rules, targets, limits=limits, until=until)


@dataclass
class _Count:
    """What is known of one rule: how often it fires in each file that was read for it."""

    possible: Sequence[CleanFile]
    lines: int
    read: dict[CleanFile, int] = field(default_factory=dict[CleanFile, int])
    is_given_up: bool = False
    is_too_loud: bool = False

    def unread(self, share: int) -> list[CleanFile]:
        """The first files, of so many lines at most but for the last one, that were not read yet."""
        return [file for file in self._first(share) if file not in self.read]

    def add(self, name: str, files: Sequence[CleanFile], ran: Batched, share: int) -> None:
        """Take in what a run gave for the rule of this name."""
        told = [error for error in ran.errors if error.rule in (name, None) and not error.is_of_parsing]
        loud = {error.target for error in told if error.kind == TOO_MANY_MATCHES}
        of_all = [error for error in told if error.target is None and error.kind != TOO_MANY_MATCHES]
        self.is_too_loud = bool(loud)
        self.is_given_up = bool(of_all) and not loud
        blind = {*ran.unreached, *(error.target for error in told)} - loud
        own = set(self.unread(share))
        found = Counter(files[match.target] for match in ran.matches if match.rule == name)
        found |= Counter({files[at]: MOST_FINDINGS for at in loud if at is not None})  # their findings were thrown away
        self.read |= {file: found[file] for at, file in enumerate(files) if file in own and at not in blind}

    @property
    def is_settled(self) -> bool:
        """Is it beyond doubt that the rule is too loud, or that it is not?"""
        density = self.density
        if self.is_given_up or self.is_too_loud:
            return True
        if density is None or not density.sampled:
            return density is not None
        if density.findings >= _LEAST_FINDINGS:
            least, most = (density.per_100k_lines + sign * 2 * density.margin for sign in (-1, 1))
            return not least <= MOST_PER_100K_LINES <= most
        missed = _NONE_SEEN / sum(file.lines for file in self.read) * self._possible_lines / self.lines * 100_000
        return not density.findings and missed < MOST_PER_100K_LINES

    @property
    def density(self) -> Density | None:
        if self.is_given_up or (self.possible and not self.read):
            return None
        total, error = _estimate(list(self.read.items()), len(self.possible), self._possible_lines)
        return Density(
            findings=sum(self.read.values()),
            lines=self.lines,
            per_100k_lines=round(total / self.lines * 100_000, 4),
            margin=round(error / self.lines * 100_000, 4),
            sampled=len(self.read) < len(self.possible),
            files=len(self.read),
            possible_files=len(self.possible),
        )

    @property
    def _possible_lines(self) -> int:
        return sum(one.lines for one in self.possible)

    def _first(self, share: int) -> list[CleanFile]:
        taken: list[CleanFile] = []
        for file in self.possible:
            if share <= 0:
                break
            taken.append(file)
            share -= file.lines
        return taken


def _estimate(read: Collection[tuple[CleanFile, int]], files: int, lines: int) -> tuple[float, float]:
    """Findings in all of so many files and lines, with the standard error, by what those that were read gave."""
    seen = sum(file.lines for file, _ in read)
    if not seen:
        return 0.0, 0.0
    rate = sum(findings for _, findings in read) / seen
    if files == len(read):
        return rate * lines, 0.0
    if not rate or len(read) == 1:
        return rate * lines, max(rate, 1 / seen) * lines  # nothing scatters: one more finding would have made so much
    scatter = sum((findings - rate * file.lines) ** 2 for file, findings in read) / (len(read) - 1)
    return rate * lines, files * math.sqrt((1 - len(read) / files) * scatter / len(read))
