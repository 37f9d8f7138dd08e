"""What does a SARIF file say of a rule?

As much as GitHub's code scanning shows: what is wrong, why, what to do instead, how severe it is, how often the rule is
right; and, under `rsolv`, where the rule comes from. Severities become scores in the middle of the ranges that GitHub
gives the same names (`security-severity`: critical above 9.0, high from 7.0, medium from 4.0, low below).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from rsolv_ray.model.fix import Severity, canonical_cwe
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Confidence, RuleSummary
from rsolv_ray.model.weakness import SHORT_NAMES, label

Level = Literal["error", "warning", "note"]

LEVELS: Mapping[Severity, Level] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
_PRECISIONS = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_OF_SEMGREP = {
    "CRITICAL": Severity.CRITICAL, "ERROR": Severity.HIGH, "HIGH": Severity.HIGH, "WARNING": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM, "INFO": Severity.LOW, "LOW": Severity.LOW,
}  # fmt: skip
_WEAKNESS_PAGE = "https://cwe.mitre.org/data/definitions/{}.html"
# The form in which learned rules tell of themselves: "what: why. Instead, this."
_TOLD = re.compile(r"(?P<what>[^:]+): (?P<why>.+?)\. Instead, (?P<instead>.+)", re.DOTALL)
# What means something within a line of Markdown; HTML may not be in there at all.
_MARKUP, _ESCAPE = re.compile(r"([\\`*_\[\]<>|~&])"), r"\\\1"


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as it is told: `properties` are our own words on it."""

    id: str
    message: str
    severity: Severity
    cwe: tuple[str, ...] = ()
    confidence: Confidence | None = None
    properties: JsonObject = field(default_factory=dict[str, JsonValue])


def of_summary(rule: RuleSummary) -> RuleText:
    """A rule of the org, with what it was learned from and how good it is on its cases."""
    quality = rule.quality
    return RuleText(
        id=rule.id,
        message=rule.message,
        severity=rule.severity,
        cwe=rule.cwe,
        confidence=rule.confidence,
        properties={
            "version": rule.version,
            "state": rule.state,
            "proposer": rule.proposer,
            "learnedFrom": list(rule.origin_fixes),
            "quality": {name: getattr(quality, name) for name in ("overall", "precision", "recall", "f1")},
            "cases": {name: getattr(quality, name) for name in ("tp", "fn", "tn", "fp")},
        },
    )


def of_definition(definition: JsonObject) -> RuleText:
    """A Semgrep rule from a file, with what its metadata says of weakness and confidence."""
    metadata = definition.get("metadata")
    said = metadata if isinstance(metadata, dict) else {}
    confidence = str(said.get("confidence", "")).upper()
    return RuleText(
        id=str(definition["id"]),
        message=str(definition["message"]).strip(),
        severity=_OF_SEMGREP.get(str(definition["severity"]).upper(), Severity.MEDIUM),
        cwe=tuple(_weaknesses(said.get("cwe"))),
        confidence=Confidence.__members__.get(confidence),
    )


def descriptor(rule: RuleText) -> JsonObject:
    """The rule's `reportingDescriptor` (SARIF 2.1.0, section 3.49)."""
    what = (found["what"] if (found := _TOLD.fullmatch(rule.message)) else rule.message).strip()
    made: JsonObject = {
        "id": rule.id,
        "name": _name(rule.id),
        "shortDescription": {"text": plain(_sentence(what.partition("\n")[0]))},
        "fullDescription": {"text": plain(_sentence(rule.message))},
        "help": _help(rule),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }
    if rule.cwe:
        made["helpUri"] = _WEAKNESS_PAGE.format(rule.cwe[0][4:])
        made["relationships"] = [
            {"target": {"id": cwe, "toolComponent": {"name": "CWE"}}, "kinds": ["superset"]} for cwe in rule.cwe
        ]
    made["properties"] = _properties(rule)
    return made


def taxonomy(rules: Iterable[RuleText]) -> JsonObject | None:
    """The weaknesses that these rules are of, as a `toolComponent`; None where they name none."""
    named = sorted({cwe for rule in rules for cwe in rule.cwe}, key=lambda cwe: int(cwe[4:]))
    if not named:
        return None
    return {
        "name": "CWE",
        "organization": "MITRE",
        "informationUri": "https://cwe.mitre.org/",
        "shortDescription": {"text": "The MITRE Common Weakness Enumeration."},
        "taxa": [_taxon(cwe) for cwe in named],
    }


def plain(text: str) -> str:
    """Text as a SARIF message string: braces stand for themselves when doubled, and nothing is taken for a link."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _taxon(cwe: str) -> JsonObject:
    made: JsonObject = {"id": cwe, "helpUri": _WEAKNESS_PAGE.format(cwe[4:])}
    if cwe in SHORT_NAMES:
        made["shortDescription"] = {"text": f"{SHORT_NAMES[cwe]}."}
    return made


def _properties(rule: RuleText) -> JsonObject:
    tags = ["security", *(f"external/cwe/cwe-{int(cwe[4:]):03d}" for cwe in rule.cwe)]
    made: JsonObject = {"security-severity": _SCORES[rule.severity], "tags": list(dict.fromkeys(tags))}
    if rule.confidence is not None:
        made["precision"] = _PRECISIONS[rule.confidence]
    if rule.properties:
        made["rsolv"] = rule.properties
    return made


def _name(name: str) -> str:
    """A Pascal-case word that is not the id itself."""
    words = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))
    return words if words and words != name else f"{words}Rule"


def _weaknesses(said: object) -> list[str]:
    """The numbers that a rule's metadata names; what is no weakness is passed over."""
    found: list[str] = []
    for one in said if isinstance(said, list) else [said]:
        with suppress(ValueError):
            found.append(canonical_cwe(str(one)))
    return list(dict.fromkeys(found))


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _help(rule: RuleText) -> JsonObject:
    """What, why, what instead; of which weakness; learned from which fixes. As plain text and as Markdown."""
    told = _TOLD.fullmatch(rule.message)
    parts = (
        [("What", told["what"]), ("Why", told["why"]), ("Instead", told["instead"])]
        if told
        else [("What", rule.message)]
    )
    if rule.cwe:
        parts.append(("Weakness", ", ".join(label(cwe) for cwe in rule.cwe)))
    lines = [(title, _sentence(text[:1].upper() + text[1:])) for title, text in parts]
    if isinstance(fixes := rule.properties.get("learnedFrom"), list):
        lines.append(("Learned from", ", ".join(map(str, fixes))))
    return {
        "text": plain("\n\n".join(f"{title}: {text}" for title, text in lines)),
        "markdown": plain("\n\n".join(f"**{title}.** {_MARKUP.sub(_ESCAPE, text)}" for title, text in lines)),
    }
