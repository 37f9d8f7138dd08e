"""Do the rules that fixes in Ruby and PHP give do in the engine what synthesis says of them?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from rsolv_ray.engine.proof import learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.languages import NOTATIONS
from tests.contracts.scripts_kinds import KINDS

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PATHS = {"ruby": "shop.rb", "php": "shop.php"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("name", KINDS)
def test_a_rule_finds_the_weakness_by_another_hand_and_spares_what_is_right(engine: Engine, name: str) -> None:
    kind = KINDS[name]
    change = {"path": PATHS[kind.language], "before": kind.before, "after": kind.after}
    learned = learn(engine, Fix.model_validate({"changes": [change], "cwe": [kind.cwe]}), now=NOW)
    codes = [*kind.siblings, *kind.spared]
    texts = [SourceText(f"{number}{PATHS[kind.language]}", kind.language, code) for number, code in enumerate(codes)]
    found = engine.run_texts([rule.definition for rule in learned.rules], texts)
    assert {match.target for match in found.matches} == set(range(len(kind.siblings)))


def _patterns(language: str) -> Iterator[str]:
    notation = NOTATIONS[language]
    for family in CATALOGUES[language].families:
        names = sorted(family.functions | family.sanitizers)
        for given in ("...", "$SINK, ...", "..., $SINK, ..."):
            yield from (str(one["pattern"]) for one in notation.called(names, given))
        yield from (f"{one}(...)" for one in family.sanitizers)
        yield from (*family.sinks, *family.spared, *family.harmless)
    yield from (*notation.put_in, *notation.begun, *notation.no_values, *notation.harmless, *notation.parameters)


@pytest.mark.parametrize("language", PATHS)
def test_the_engine_reads_every_pattern_that_the_catalogue_gives(engine: Engine, language: str) -> None:
    spelt = NOTATIONS[language].spelt or str
    rules: list[JsonObject] = [
        {"id": f"r{number}", "languages": [language], "severity": "INFO", "message": "m", "patterns": [{"pattern": spelt(text)}]}
        for number, text in enumerate(sorted(set(_patterns(language))))
    ]  # fmt: skip
    assert engine.refusals(rules) == {}
