"""Do the rules that fixes in Go, C, C++ and Rust give do in the engine what synthesis says of them?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.languages import extension_of
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Rule
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.forms.sinks import family_sinks
from rsolv_ray.synthesis.forms.taint import sources
from rsolv_ray.synthesis.languages import NOTATIONS
from tests.contracts.compiled_kinds import KINDS, Kind

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LANGUAGES = ("go", "c", "cpp", "rust")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def _rules(engine: Engine, kind: Kind) -> tuple[Rule, ...]:
    change = {"path": f"shop{extension_of(kind.language)}", "before": kind.before, "after": kind.after}
    return learn(engine, Fix.model_validate({"changes": [change], "cwe": [kind.cwe]}), now=NOW).rules


def _found(engine: Engine, rules: tuple[Rule, ...], codes: tuple[str, ...], language: str) -> list[bool]:
    texts = [SourceText(f"other{at}{extension_of(language)}", language, code) for at, code in enumerate(codes)]
    found = engine.run_texts([rule.definition for rule in rules], texts).matches if rules else ()
    return [any(match.target == at for match in found) for at in range(len(codes))]


@pytest.mark.parametrize("name", KINDS)
def test_a_fix_finds_its_siblings_and_spares_what_is_right(engine: Engine, name: str) -> None:
    kind = KINDS[name]
    found = _found(engine, _rules(engine, kind), (*kind.siblings, *kind.spared), kind.language)
    assert found == [*[True] * len(kind.siblings), *[False] * len(kind.spared)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_engine_reads_every_pattern_that_a_language_is_written_in(engine: Engine, language: str) -> None:
    notation, families = NOTATIONS[language], CATALOGUES[language].families
    told = [*notation.asked, *notation.pointers, *notation.touches, *notation.constant_texts]
    told += [*notation.local, *notation.local_array, *notation.lasting, *notation.constructs.values()]
    told += [pattern for family in families for pattern in (*family.sized, *family.appending)]
    told += [
        one
        for family in families
        for group in (*family.groups, *family.answers)
        for one in (*group.only, *group.spared)
    ]
    bodies: list[JsonObject] = [{"patterns": [{"pattern": text}]} for text in dict.fromkeys(told)]
    bodies += [
        {"patterns": [{"pattern-either": [*family_sinks(one, notation)]}]}
        for one in families
        if family_sinks(one, notation)
    ]
    bodies += [
        {"patterns": [notation.any_parameter()]},
        {"patterns": [{"pattern": "f(...)"}, *notation.not_beside("g(...)")]},
    ]
    for source in sources(notation):
        bodies.append({"mode": "taint", "pattern-sources": [source], "pattern-sinks": [{"pattern": "f(...)"}]})
    rules: list[JsonObject] = [
        {"id": f"r{at}", "languages": [language], "severity": "ERROR", "message": "m", **body}
        for at, body in enumerate(bodies)
    ]
    refused = engine.refusals(rules)
    assert not refused
