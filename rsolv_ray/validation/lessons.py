"""What does a rule learn from being wrong?

A place that people called a false positive becomes a case that must stay silent, and the rule the first narrower one that is right on it and
on all that it was right on before. Where there is none, the rule falls a state when people's words on its findings leave no doubt: the upper end of the 95 %
interval of its precision (Wilson 1927) is below what the state asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import sqrt

from rsolv_ray.model.finding import FindingCounts
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Case, Rule, RuleState
from rsolv_ray.validation.gates import Evidence, matches_something_named
from rsolv_ray.validation.quality import Tally, confidence, quality, recommendations

__all__ = ["MOST_LESSONS", "cases_with", "fall", "is_spared", "narrowed_rule"]

MOST_LESSONS = 60
"""So many cases of people's words a rule carries; a rule that was wrong more often than that needs a person."""
_Z = 1.96
_ASKED = {RuleState.ACTIVE: (0.7, RuleState.MONITOR), RuleState.MONITOR: (0.5, RuleState.RETIRED)}
"""The precision that a state asks for, and the state below it."""


def cases_with(rule: Rule, right: Sequence[Case], wrong: Sequence[Case]) -> tuple[Case, ...]:
    """The rule's cases with those that people's words add; a word taken back goes with the case that it made."""
    said = [*right, *wrong]
    places = {(case.path, case.code, case.lines) for case in said}
    kept = [case for case in rule.cases if (case.path, case.code, case.lines) not in places]
    return tuple(dict.fromkeys((*kept, *said)))


def is_spared(evidence: Evidence) -> bool:
    """Is a narrower definition right on every case, the new ones among them?"""
    indices = range(len(evidence.cases))
    return all(evidence.right(index) for index in indices) and matches_something_named(evidence) is None


def narrowed_rule(rule: Rule, definition: JsonObject, cases: Sequence[Case], now: datetime) -> Rule:
    """The next version of a rule, right on all these cases; how loud it is on clean code can only have become less."""
    tally = Tally(tuple(cases), (True,) * len(cases))
    sure = confidence(rule.form, tally)
    told = definition.get("metadata")
    metadata: JsonObject = {**(told if isinstance(told, dict) else {}), "confidence": sure.value}
    body: JsonObject = {**definition, "id": rule.id, "metadata": metadata}
    return rule.model_copy(
        update={
            "version": rule.version + 1,
            "definition": body,
            "confidence": sure,
            "cases": tuple(cases),
            "quality": quality(body, tally),
            "recommendations": recommendations(body, tally),
            "created_at": now,
        }
    )


def fall(state: RuleState, counts: FindingCounts) -> tuple[RuleState, str] | None:
    """The state that a rule falls to by what people said of its findings, and why; None where it keeps its own."""
    if state not in _ASKED:
        return None
    asked, below = _ASKED[state]
    right, wrong = counts.true_positive, counts.false_positive
    at_best = upper_bound(right, right + wrong)
    if at_best >= asked:
        return None
    why = f"of {right + wrong} findings that people judged {right} were right: at best {at_best:.0%}, and {asked:.0%} is asked of a rule that is {state}"
    return below, why


def upper_bound(right: int, judged: int) -> float:
    """The upper end of Wilson's 95 % interval of a share; 1 where nothing was judged."""
    if not judged:
        return 1.0
    share, square = right / judged, _Z * _Z
    middle = share + square / (2 * judged)
    width = _Z * sqrt(share * (1 - share) / judged + square / (4 * judged * judged))
    return min(1.0, (middle + width) / (1 + square / judged))
