"""Is one rule for two as good as the two?

It is a new version of the older one where it is right on every case of both, matches something that is named, floods no before side, and is
no louder on clean code than the two together. Where nothing is known of clean code only what is no wider by its form is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from rsolv_ray.model.fix import Severity
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate, Case, Confidence, Density, Rule
from rsolv_ray.synthesis.catalogue.weaknesses import full_title
from rsolv_ray.synthesis.rules.merging import Merger
from rsolv_ray.validation.gates import Evidence, is_no_flood, is_quiet, matches_something_named
from rsolv_ray.validation.quality import SURE_FORMS, confidence, quality, recommendations

MOST_CASES = 400
"""A rule with more cases is merged no further: all of them are judged each time."""
LONGEST_WHAT = 300
"""Characters of what a message says is wrong; what more rules brought in is no longer told one by one."""
_SEVERITIES = tuple(Severity)


def cases_of(*rules: Rule) -> tuple[Case, ...]:
    """All cases of some rules, each once."""
    return tuple(dict.fromkeys(case for rule in rules for case in rule.cases))


def candidate_of(merger: Merger, older: Rule) -> Candidate:
    return Candidate(definition=merger.definition, proposer=older.proposer, form=older.form)


def why_not(evidence: Evidence) -> str | None:
    """What keeps a definition from standing for all the cases, or None."""
    wrong = [evidence.cases[index] for index in range(len(evidence.cases)) if not evidence.right(index)]
    if wrong:
        return f"it is wrong on {len(wrong)} of {len(evidence.cases)} cases, first on {wrong[0].path} ({wrong[0].kind})"
    return matches_something_named(evidence) or is_no_flood(evidence)


def too_loud(merger: Merger, density: Density | None, older: Rule, newer: Rule) -> str | None:
    """Why it may be louder than the two rules, or None."""
    before = [rule.density.per_100k_lines for rule in (older, newer) if rule.density is not None]
    if density is None or len(before) < 2:
        return None if merger.is_exact else "it may be louder than the two, and there is no clean code to tell"
    if density.per_100k_lines > sum(before) + density.margin:
        return f"it is louder than the two rules together: {density.words}"
    return is_quiet(density)


def merged_rule(older: Rule, newer: Rule, evidence: Evidence, density: Density | None, now: datetime) -> Rule:
    """The next version of the older rule; it stands for the weaknesses, fixes and cases of both.

    Raises:
        ValueError: `why_not` has something against it.
    """
    if (reason := why_not(evidence)) is not None:
        raise ValueError(reason)
    tally, form = evidence.tally, _surer_not(older.form, newer.form)
    sure = confidence(form, tally)
    weaknesses = tuple(dict.fromkeys((*older.cwe, *newer.cwe)))
    definition: JsonObject = {
        **evidence.candidate.definition,
        "id": older.id,
        "severity": _severer(older, newer),
        "message": _message(older.message, newer.message),
        "metadata": _metadata(older, newer, weaknesses, sure),
    }
    return older.model_copy(
        update={
            "version": older.version + 1,
            "form": form,
            "severity": max(older.severity, newer.severity, key=_SEVERITIES.index),
            "cwe": weaknesses,
            "message": _message(older.message, newer.message),
            "confidence": sure,
            "definition": definition,
            "cases": tuple(evidence.cases),
            "quality": quality(definition, tally),
            "density": density,
            "recommendations": recommendations(definition, tally),
            "origin_fixes": tuple(dict.fromkeys((*older.origin_fixes, *newer.origin_fixes))),
            "created_at": now,
        }
    )


def _surer_not(*forms: str) -> str:
    """The form that says less of why the code is weak: a merged rule is as sure as the less sure of the two."""
    return next((form for form in forms if not form.startswith(SURE_FORMS)), forms[0])


def _severer(older: Rule, newer: Rule) -> str:
    severest = max((older, newer), key=lambda rule: _SEVERITIES.index(rule.severity))
    return str(severest.definition.get("severity"))


def _message(older: str, newer: str) -> str:
    """What is wrong in either case, then why and what to do instead, as the older rule says it."""
    what, colon, rest = older.partition(": ")
    other, also, _ = newer.partition(": ")
    if not colon or not also or other in what or len(what) + len(other) > LONGEST_WHAT:
        return older
    return f"{what}, or {other}: {rest}"


def _metadata(older: Rule, newer: Rule, weaknesses: Sequence[str], sure: Confidence) -> JsonObject:
    told = [rule.definition.get("metadata") for rule in (newer, older)]
    both: JsonObject = {key: value for one in told if isinstance(one, dict) for key, value in one.items()}
    links = [link for one in reversed(told) if isinstance(one, dict) for link in _listed(one.get("references"))]
    return {
        **both,
        "cwe": [full_title(cwe) for cwe in weaknesses],
        "references": [*dict.fromkeys(links)],
        "confidence": sure.value,
    }


def _listed(value: JsonValue) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
