"""What does a whole Semgrep rule look like?

Every operator stands inside `patterns`: beside a top-level `pattern` Semgrep ignores it without a word
(semgrep/semgrep#10815). The id is the rule's lineage: a digest of what it matches, so that the same fix gives the same rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rsolv_ray.model.fix import Fix, Severity
from rsolv_ray.model.ids import digest
from rsolv_ray.model.languages import kin
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate
from rsolv_ray.synthesis.weaknesses import families_of, full_title

SEVERITIES = {Severity.LOW: "INFO", Severity.MEDIUM: "WARNING", Severity.HIGH: "ERROR", Severity.CRITICAL: "ERROR"}
_TOLD_ELSEWHERE = ("id", "message", "metadata", "severity")


@dataclass(frozen=True)
class Draft:
    """What a rule matches, before it is told to people. `body` holds the operators alone; `instead` is what the fix did."""

    body: JsonObject
    form: str
    rank: int
    what: str | None = None
    instead: str | None = None


def candidate(draft: Draft, fix: Fix, language: str) -> Candidate:
    """A whole rule from a draft: id, languages, severity, message and metadata added."""
    definition: JsonObject = {
        "id": lineage(draft.body, kin(language)[0], fix.cwe),
        "languages": [*kin(language)],
        "severity": SEVERITIES[fix.severity],
        "message": _message(draft, fix, language),
        "metadata": _metadata(draft, fix),
        **draft.body,
    }
    return Candidate(definition=definition, form=draft.form, rank=draft.rank)


def lineage(definition: JsonObject, language: str, cwes: Sequence[str]) -> str:
    """`python-cwe-89-3fa9c1de42`: readable, and equal for rules that match the same."""
    matched = {key: value for key, value in definition.items() if key not in (*_TOLD_ELSEWHERE, "languages")}
    return f"{language}-{cwes[0].lower() if cwes else 'weakness'}-{digest(language, matched)[:10]}"


def _message(draft: Draft, fix: Fix, language: str) -> str:
    family = next(iter(families_of(language, fix.cwe)), None) if fix.cwe else None
    what = draft.what or (family.what if family else "This code has the form of code that a security fix replaced")
    why = family.why if family else "the fixed weakness may stand here, too"
    instead = draft.instead or (family.instead if family else "compare it with the fix that this rule was learned from")
    return f"{what}: {why}. Instead, {instead}."


def _metadata(draft: Draft, fix: Fix) -> JsonObject:
    return {
        "category": "security",
        "cwe": [full_title(cwe) for cwe in fix.cwe],
        "confidence": "LOW",
        "technology": [],
        "references": [f"https://cwe.mitre.org/data/definitions/{cwe[4:]}.html" for cwe in fix.cwe],
        "form": draft.form,
        "origin": fix.id,
    }
