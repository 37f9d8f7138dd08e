"""Does a rule that was just learned make one with a rule that is known?

What they could be as one (`synthesis.merging`) is run over the cases of both and over clean code; `validation.merged` decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rsolv_ray.engine.proof import DensitiesIn, densities_of, nowhere, observe
from rsolv_ray.engine.semgrep import Engine
from rsolv_ray.model.rule import Candidate, Case, Proposer, Rule, RuleState
from rsolv_ray.synthesis.rules.likeness import likeness
from rsolv_ray.synthesis.rules.merging import Merger, is_near, mergers
from rsolv_ray.validation.gates import Evidence
from rsolv_ray.validation.merged import MOST_CASES, candidate_of, cases_of, merged_rule, too_loud, why_not

__all__ = ["merge"]

MOST_TRIED = 3
"""So many known rules, those most alike, are tried for each new one."""


def merge(
    engine: Engine, newer: Rule, known: Sequence[Rule], *, now: datetime, densities: DensitiesIn = nowhere
) -> Rule | None:
    """The next version of a known rule that stands for the new one, too; None where there is none so good.

    Rules that a person approved, or sent, stay what they are: a merged one would fail builds, or speak, in that person's name.

    Raises:
        ToolFailed: the engine crashed, or went over a limit.
    """
    if newer.proposer is Proposer.CLIENT:
        return None
    near = [one for one in known if one.state is RuleState.MONITOR and one.proposer is not Proposer.CLIENT and is_near(one, newer)]  # fmt: skip
    for older in sorted(near, key=lambda one: -likeness(one.definition, newer.definition))[:MOST_TRIED]:
        merged = _of_two(engine, older, newer, now, densities)
        if merged is not None:
            return merged
    return None


def _of_two(engine: Engine, older: Rule, newer: Rule, now: datetime, densities: DensitiesIn) -> Rule | None:
    cases, found = cases_of(older, newer), mergers(older.definition, newer.definition)
    if not found or len(cases) > MOST_CASES:
        return None
    sound = _sound(engine, [(merger, candidate_of(merger, older)) for merger in found], cases)
    measured = densities_of(engine, [evidence.candidate for _, evidence in sound], densities) if sound else {}
    for merger, evidence in sound:
        density = measured.get(evidence.candidate.id)
        if too_loud(merger, density, older, newer) is None:
            return merged_rule(older, newer, evidence, density, now)
    return None


def _sound(
    engine: Engine, found: Sequence[tuple[Merger, Candidate]], cases: Sequence[Case]
) -> list[tuple[Merger, Evidence]]:
    """Those that are right on every case, of which the engine understood each."""
    seen = observe(engine, {candidate.id: candidate.definition for _, candidate in found}, cases)
    if seen.unparsed:
        return []
    evidences = [
        (merger, Evidence(candidate, cases, seen.hits.get(candidate.id, {})))
        for merger, candidate in found
        if candidate.id not in seen.refused
    ]
    return [(merger, evidence) for merger, evidence in evidences if why_not(evidence) is None]
