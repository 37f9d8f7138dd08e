"""What is told of a rule beside what it matches?

The fields that the public registry asks of a security rule, so that any tool that reads its rules reads ours, and where the
rule comes from. `confidence` is the judge's to set.
Source: https://semgrep.dev/docs/contributing/contributing-to-semgrep-rules-repository, section "Including fields required by
security category".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from rsolv_ray.model.fix import Fix
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.families import Level
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES, WEAKNESSES, full_title

_LEVELS: tuple[Level, ...] = ("LOW", "MEDIUM", "HIGH")
_NAME = re.compile(r"(?<![\w.$])([A-Za-z_]\w*)(?=[.:])")
"""What a dotted name begins with."""


def metadata(body: JsonObject, form: str, fix: Fix, language: str) -> JsonObject:
    """What is told of a rule that looks for `body` and was learned from `fix`; the worst of several weaknesses counts."""
    known = [WEAKNESSES[cwe] for cwe in fix.cwe if cwe in WEAKNESSES]
    return {
        "category": "security",
        "subcategory": ["vuln"],
        "cwe": [full_title(cwe) for cwe in fix.cwe],
        "owasp": [*sorted({one.owasp for one in known if one.owasp is not None})],
        "confidence": "LOW",
        "likelihood": _worst([one.likelihood for one in known]),
        "impact": _worst([one.impact for one in known]),
        "technology": [*technologies(body, language)],
        "references": [f"https://cwe.mitre.org/data/definitions/{cwe[4:]}.html" for cwe in fix.cwe],
        "form": form,
        "origin": fix.id,
    }


def technologies(body: JsonObject, language: str) -> tuple[str, ...]:
    """The modules that a rule's patterns name, but for those that the language brings along; else the language."""
    names = CATALOGUES[language].names
    foreign = names.modules - names.standard
    found = {name for text in _texts(body) for name in _NAME.findall(text) if name in foreign}
    return tuple(sorted(found)) or (language,)


def _worst(levels: Sequence[Level]) -> str:
    return max(levels, key=_LEVELS.index, default="MEDIUM")


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
