"""What does a whole Semgrep rule look like?

Every operator stands inside `patterns`: beside a top-level `pattern` Semgrep ignores it without a word
(semgrep/semgrep#10815). The id is the rule's lineage: a digest of what it matches, so that the same fix gives the same rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from rsolv_ray.model.fix import Fix, Severity
from rsolv_ray.model.ids import digest
from rsolv_ray.model.languages import kin
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate
from rsolv_ray.synthesis.catalogue.weaknesses import families_of
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.rules.metadata import metadata

SEVERITIES = {Severity.LOW: "INFO", Severity.MEDIUM: "WARNING", Severity.HIGH: "ERROR", Severity.CRITICAL: "ERROR"}
PATTERNS = frozenset({"pattern", "pattern-not", "pattern-inside", "pattern-not-inside"})
"""The operators whose text is code of the language."""
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
    body = _spelt(_with_carriers(draft.body, fix.cwe, language), language)
    definition: JsonObject = {
        "id": lineage(body, kin(language)[0], fix.cwe),
        "languages": [*kin(language)],
        "severity": SEVERITIES[fix.severity],
        "message": _message(draft, fix, language),
        "metadata": metadata(draft.body, draft.form, fix, language),
        **body,
    }
    return Candidate(definition=definition, form=draft.form, rank=draft.rank)


def _with_carriers(body: JsonObject, cwes: Sequence[str], language: str) -> JsonObject:
    """What a language's calls carry on, and what holds no text in it, belongs to each of its taint rules."""
    notation, is_taint = NOTATIONS[language], body.get("mode") == "taint"
    if notation.carriers and is_taint:
        body = {**body, "pattern-propagators": [*notation.carriers]}
    if notation.harmless_kinds and is_taint and "options" not in body:
        body = {**body, "options": dict.fromkeys(notation.harmless_kinds, True)}
    harmless = [*notation.harmless, *(one for family in families_of(language, cwes) for one in family.harmless)]
    found: list[JsonObject] = [{"pattern": one} for one in dict.fromkeys(harmless)]
    if cwes and any(family.begins for family in families_of(language, cwes)):
        found += notation.behind
    if found and is_taint:
        clean = body.get("pattern-sanitizers", [])
        assert isinstance(clean, list), "sanitizers are told one by one"
        body = {**body, "pattern-sanitizers": [*clean, *found]}
    return body


def _spelt(body: JsonObject, language: str) -> JsonObject:
    """The patterns of a rule as the language spells them."""
    spelt = NOTATIONS[language].spelt

    def told(value: JsonValue, key: str) -> JsonValue:
        if isinstance(value, dict):
            return {name: told(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [told(inner, key) for inner in value]
        is_pattern = isinstance(value, str) and (key == "fix" or key in PATTERNS)
        return spelt(value) if spelt is not None and is_pattern and isinstance(value, str) else value

    return {name: told(value, name) for name, value in body.items()} if spelt is not None else body


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
