"""What is told of a rule beside what it matches?"""

from __future__ import annotations

import pytest

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.rules.metadata import metadata, technologies

ASKED_BY_THE_REGISTRY = (
    "category", "subcategory", "cwe", "owasp", "confidence", "likelihood", "impact", "technology", "references",
)  # fmt: skip


def told(*cwes: str, body: JsonObject | None = None) -> JsonObject:
    change = FileChange(path="a.py", before="f(1)\n", after="f(2)\n")
    return metadata(body or {"patterns": [{"pattern": "f(1)"}]}, "call", Fix(changes=(change,), cwe=cwes), "python")


def test_all_that_the_public_registry_asks_for_is_there() -> None:
    assert all(told("CWE-89").get(name) for name in ASKED_BY_THE_REGISTRY)


def test_a_weakness_is_told_with_its_name_and_its_place_in_the_top_ten() -> None:
    said = told("CWE-89")
    assert said["cwe"] == [
        "CWE-89: Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')"
    ]
    assert said["owasp"] == ["A03:2021 - Injection"]


def test_of_several_weaknesses_the_worst_level_counts() -> None:
    assert told("CWE-117")["impact"] == "LOW"
    assert told("CWE-117", "CWE-78")["impact"] == "HIGH"


def test_a_weakness_that_is_not_known_is_told_by_its_number() -> None:
    assert told("CWE-99999")["cwe"] == ["CWE-99999"]
    assert told("CWE-99999")["likelihood"] == "MEDIUM"


@pytest.mark.parametrize(
    ("pattern", "technology"),
    [
        ("flask.make_response($X)", ("flask",)),
        ("subprocess.run($X, ...)", ("python",)),
        ("$O.flask($X)", ("python",)),
        ("requests.get(..., verify=$V, ...)", ("requests",)),
    ],
)
def test_the_technology_is_the_module_that_patterns_name_or_the_language(
    pattern: str, technology: tuple[str, ...]
) -> None:
    assert technologies({"patterns": [{"pattern": pattern}]}, "python") == technology
