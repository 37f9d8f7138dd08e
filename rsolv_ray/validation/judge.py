"""Which candidates become rules?

Those that pass every gate and add something: candidates are taken in the order of their worth, and one that fires at no
place of the fix where an earlier one does not already is redundant, and so is one of a weak form beside one of a strong
form. Where a known rule finds all that a candidate finds of the fix, the candidate is redundant, too; a rule that a person
sends with the fix is not. At most three rules come of one fix.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CandidateId, RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import (
    Accepted,
    Candidate,
    Case,
    CaseKind,
    CaseSource,
    Proposer,
    Refused,
    Rule,
    RuleState,
    Verdict,
)
from rsolv_ray.validation.gates import GATES, Evidence, Hit, normal_form, repeats
from rsolv_ray.validation.quality import confidence, quality, recommendations

__all__ = ["Hit", "judge"]

MOST_RULES = 3
LAST_RESORT = 35
"""Candidates of this rank or a higher one become rules only where nothing better did."""


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
    """
    verdicts: list[Verdict] = []
    flagged: set[tuple[int, int]] = set()
    kept = 0
    for candidate in candidates:
        evidence = Evidence(candidate, cases, hits.get(candidate.id, {}))
        failure = _failure(evidence, refused.get(candidate.id), known, covered or {})
        places = _places(evidence)
        if failure is None and kept:
            failure = _superfluous(candidate, kept, adds=not places <= flagged)
        if failure is not None:
            verdicts.append(failure)
            continue
        kept += 1
        flagged |= places
        verdicts.append(Accepted(candidate=candidate.id, rule=_rule(evidence, fix, now)))
    return tuple(verdicts)


def _superfluous(candidate: Candidate, kept: int, *, adds: bool) -> Refused | None:
    if kept == MOST_RULES:
        return _refusal(candidate, "redundant", f"{MOST_RULES} better rules of this fix are accepted already")
    if not adds:
        why = "it flags nothing that an accepted rule of this fix does not flag already"
        return _refusal(candidate, "redundant", why)
    if candidate.rank >= LAST_RESORT:
        why = "it is of a weaker form than a rule of this fix that is accepted already"
        return _refusal(candidate, "redundant", why)
    return None


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


def _refusal(candidate: Candidate, gate: str, reason: str, known: RuleId | None = None) -> Refused:
    return Refused(
        candidate=candidate.id,
        proposer=candidate.proposer,
        form=candidate.form,
        gate=gate,
        reason=reason,
        known_rule=known,
    )


def _rule(evidence: Evidence, fix: Fix, now: datetime) -> Rule:
    candidate, tally = evidence.candidate, evidence.tally
    sure = confidence(candidate.form, tally)
    told = candidate.definition.get("metadata")
    metadata: JsonObject = {**(told if isinstance(told, dict) else {}), "confidence": sure.value}
    name = _rule_id(candidate)
    definition: JsonObject = {**candidate.definition, "id": name, "metadata": metadata}
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
