"""Which candidates become rules?

Those that pass every gate and add something: candidates are taken in the order of their worth, and one that fires at no
place of the fix where an earlier one does not already is redundant, and so is one of a weak form beside one of a strong
form. Where a known rule finds all that a candidate finds of the fix, the candidate is redundant, too; a rule that a person
sends with the fix is not. At most three rules come of one fix.
What passes all that must be quiet on clean code, where such code is at hand; of candidates of one rank the quieter wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CandidateId, RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import (
    Accepted,
    Candidate,
    Case,
    CaseKind,
    CaseSource,
    Density,
    Proposer,
    Refused,
    Rule,
    RuleState,
    Verdict,
)
from rsolv_ray.validation.gates import GATES, Evidence, Hit, is_quiet, normal_form, repeats
from rsolv_ray.validation.mending import without_fix
from rsolv_ray.validation.quality import confidence, quality, recommendations

__all__ = ["Densities", "Hit", "judge"]

MOST_RULES = 3
LAST_RESORT = 35
"""Candidates of this rank or a higher one become rules only where nothing better did."""

SHARED = 6
"""So much better is the rank of a candidate for each further before side that it finds."""
NO_MENDING = 70
"""Candidates of a lower rank may become rules where they mend what no better one does."""

Densities = Callable[[Sequence[Candidate]], Mapping[CandidateId, Density | None]]
"""How often candidates fire on clean code, by their ids; None, or no entry, where that is not known."""


def _unknown(_: Sequence[Candidate]) -> Mapping[CandidateId, Density | None]:
    return {}


def judge(
    candidates: Sequence[Candidate],
    cases: Sequence[Case],
    hits: Mapping[CandidateId, Mapping[int, Sequence[Hit]]],
    *,
    refused: Mapping[CandidateId, str],
    fix: Fix,
    now: datetime,
    known: Sequence[Rule] = (),
    covered: Mapping[int, RuleId] | None = None,
    densities: Densities = _unknown,
    mending: Mapping[CandidateId, JsonObject] | None = None,
) -> tuple[Verdict, ...]:
    """One verdict for each candidate, in the order given.

    Args:
        candidates: best first.
        cases: what they are judged on.
        hits: by candidate and by the case's index.
        refused: what the engine's own check says of candidates.
        fix: what is learned from.
        now: when the rules are made.
        known: rules that need not come again.
        covered: the known rule that finds a side of the fix already and is silent on what was fixed, by the case's index.
        densities: is asked how loud candidates are on clean code; only of those that would become rules otherwise.
        mending: what has to stand in the definitions of candidates for which a fix was proved: the fix, and what it needs.
    """
    verdicts: dict[int, Verdict] = {}
    sound: list[tuple[int, Evidence]] = []
    for at, candidate in enumerate(candidates):
        evidence = Evidence(candidate, cases, hits.get(candidate.id, {}), (mending or {}).get(candidate.id))
        failure = _failure(evidence, refused.get(candidate.id), known, covered or {})
        if failure is None:
            sound.append((at, evidence))
        else:
            verdicts[at] = failure
    choice = _Choice(fix, now, densities)
    for _, equals in groupby(sorted(sound, key=_order), key=_order):
        numbers, evidences = zip(*equals, strict=True)
        verdicts |= zip(numbers, choice.among(evidences), strict=True)
    return tuple(verdicts[at] for at in range(len(candidates)))


def _order(one: tuple[int, Evidence]) -> int:
    """The rank of a candidate; the better, the more of several before sides it finds: what one change shows may be chance."""
    sides = one[1].of(CaseKind.FIRES, CaseSource.FIX)
    return one[1].candidate.rank - SHARED * (sum(one[1].right(index) for index in sides) - 1)


@dataclass
class _Choice:
    """Goes through the candidates that passed every gate but `clean`, best first, and keeps those that add something."""

    fix: Fix
    now: datetime
    densities: Densities
    kept: int = 0
    follows: bool = False
    flagged: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    mended: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])

    def among(self, equals: Sequence[Evidence]) -> list[Verdict]:
        """The verdicts on candidates of one rank, in the order given; the quieter has the first choice."""
        wanted = [one.candidate for one in equals if self._superfluous(one) is None]
        measured = self.densities(wanted) if wanted else _unknown(wanted)
        order = sorted(range(len(equals)), key=lambda at: _loudness(measured.get(equals[at].candidate.id)))
        verdicts = {at: self._verdict(equals[at], measured.get(equals[at].candidate.id)) for at in order}
        return [verdicts[at] for at in range(len(equals))]

    def _verdict(self, evidence: Evidence, density: Density | None) -> Verdict:
        if failure := self._superfluous(evidence):
            return failure
        if density is not None and (reason := is_quiet(density)):
            return _refusal(evidence.candidate, "clean", reason)
        self.kept += 1
        self.follows |= evidence.candidate.definition.get("mode") == "taint"
        self.flagged |= _places(evidence)
        if evidence.fix is not None:
            self.mended.update(*_shown(evidence))
        return Accepted(candidate=evidence.candidate.id, rule=_rule(evidence, density, self.fix, self.now))

    def _superfluous(self, evidence: Evidence) -> Refused | None:
        candidate = evidence.candidate
        if not self.kept:
            return None
        if self.kept == MOST_RULES:
            return _refusal(candidate, "redundant", f"{MOST_RULES} better rules of this fix are accepted already")
        if evidence.fix is not None and self._may_mend(candidate) and self._mends_more(evidence):
            return None
        if _places(evidence) <= self.flagged:
            why = "it flags nothing that an accepted rule of this fix does not flag already"
            return _refusal(candidate, "redundant", why)
        if candidate.rank >= LAST_RESORT:
            why = "it is of a weaker form than a rule of this fix that is accepted already"
            return _refusal(candidate, "redundant", why)
        return None

    def _may_mend(self, candidate: Candidate) -> bool:
        """Whether a candidate may become a rule for its fix: a weak one beside what follows values would flag what is spared there."""
        return candidate.rank < LAST_RESORT or (candidate.rank < NO_MENDING and not self.follows)

    def _mends_more(self, evidence: Evidence) -> bool:
        """Whether it mends a place that no accepted rule mends."""
        return any(self.mended.isdisjoint(lines) for lines in _shown(evidence))


def _loudness(density: Density | None) -> float:
    """Whole findings in 100,000 lines, as many as are sure: less is no difference. What is not known comes last."""
    return math.inf if density is None else math.floor(max(0.0, density.per_100k_lines - density.margin))


def _failure(
    evidence: Evidence, by_engine: str | None, known: Sequence[Rule], covered: Mapping[int, RuleId]
) -> Refused | None:
    candidate = evidence.candidate
    if by_engine is not None:
        return _refusal(candidate, "engine", by_engine)
    if finder := _found_already(evidence, covered):
        return _refusal(candidate, "known", f"the known rule {finder} already finds this", finder)
    for name, gate in GATES.items():
        if reason := gate(evidence):
            return _refusal(candidate, name, reason)
    twin = repeats(candidate, known)
    return _refusal(candidate, "known", f"the rule {twin} matches the same", twin) if twin else None


def _found_already(evidence: Evidence, covered: Mapping[int, RuleId]) -> RuleId | None:
    """The known rule that finds the sides of the fix where a candidate fires, or None. What a person sent is wanted."""
    sides = [index for index in evidence.of(CaseKind.FIRES, CaseSource.FIX) if evidence.right(index)]
    if evidence.candidate.proposer is Proposer.CLIENT or not sides or not covered.keys() >= set(sides):
        return None
    return covered[sides[0]]


def _places(evidence: Evidence) -> set[tuple[int, int]]:
    """The lines flagged in the cases that must be flagged."""
    return {
        (index, hit.first_line)
        for index, case in enumerate(evidence.cases)
        if case.kind is CaseKind.FIRES
        for hit in evidence.counted(index)
    }


def _shown(evidence: Evidence) -> list[set[tuple[int, int]]]:
    """The lines of each hit where the fix changed its own before sides."""
    return [
        {(index, line) for line in range(hit.first_line, hit.last_line + 1)}
        for index in evidence.of(CaseKind.FIRES, CaseSource.FIX)
        for hit in evidence.counted(index)
    ]


def _refusal(candidate: Candidate, gate: str, reason: str, known: RuleId | None = None) -> Refused:
    return Refused(
        candidate=candidate.id,
        proposer=candidate.proposer,
        form=candidate.form,
        gate=gate,
        reason=reason,
        known_rule=known,
    )


def _rule(evidence: Evidence, density: Density | None, fix: Fix, now: datetime) -> Rule:
    candidate, tally = evidence.candidate, evidence.tally
    sure = confidence(candidate.form, tally)
    told = candidate.definition.get("metadata")
    metadata: JsonObject = {**(told if isinstance(told, dict) else {}), "confidence": sure.value}
    name = _rule_id(candidate)
    matched = candidate.definition
    if candidate.proposer is not Proposer.CLIENT:
        matched = {**without_fix(matched), **(evidence.fix or {})}
    definition: JsonObject = {**matched, "id": name, "metadata": metadata}
    languages = candidate.definition.get("languages")
    return Rule(
        id=name,
        state=RuleState.MONITOR,
        proposer=candidate.proposer,
        form=candidate.form,
        languages=tuple(str(one) for one in languages) if isinstance(languages, list) else (),
        severity=fix.severity,
        cwe=fix.cwe,
        message=str(candidate.definition.get("message") or ""),
        confidence=sure,
        definition=definition,
        cases=tuple(case for case, ok in zip(tally.cases, tally.right, strict=True) if ok),
        quality=quality(definition, tally),
        density=density,
        recommendations=recommendations(definition, tally),
        origin_fixes=(fix.id,),
        created_at=now,
    )


def _rule_id(candidate: Candidate) -> RuleId:
    """The definition's own id where it can be one; for a caller's rule with another, a readable one with a digest."""
    given = str(candidate.definition.get("id") or "rule")
    slug = re.sub(r"[^a-z0-9._-]+", "-", given.lower()).strip("-._")[:100].strip("-._")
    if slug == given:
        return RuleId(given)
    return RuleId(f"{slug or 'rule'}-{normal_form(candidate.definition)[:10]}")
