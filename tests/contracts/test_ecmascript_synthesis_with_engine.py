"""Do the rules that fixes in JavaScript and TypeScript give do in the engine what synthesis says of them?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.engine.proof import Learned, learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Confidence, Rule

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BUILDINGS = {
    "template": "`select a from b where c = '${name}'`",
    "plus": '"select a from b where c = \'" + name + "\'"',
    "format": "util.format(\"select a from b where c = '%s'\", name)",
    "concat": '"select a from b where c = \'".concat(name, "\'")',
    "join": '["select a from b where c =", name].join(" ")',
}
SHAPES = {
    "callback": "function one(db, name, done) {{\n  db.query({0}, done);\n}}\n",
    "in a variable": "function one(db, name, done) {{\n  const text = {0};\n  db.query(text, done);\n}}\n",
    "awaited": "const one = async (db, name) => {{\n  const {{ rows }} = await db.query({0});\n  return rows;\n}};\n",
    "promised": "exports.one = (db, name) => db.query({0}).then((answer) => answer.rows);\n",
    "inner function": "function one(pool, name) {{\n  const q = {0};\n  pool.take(function (e, db) {{\n    db.query(q, e);\n  }});\n}}\n",
    "method": "class Shop {{\n  one(name) {{\n    return this.db.all({0});\n  }}\n}}\n",
}
SAFE = [
    'function one(db, name) {\n  db.query("select a from b where c = ?", [name]);\n}\n',
    'function one(db, name) {\n  db.query("select a " + "from b");\n}\n',
    "function one(db, name) {\n  db.query(`select a from ${TABLE}`);\n}\n",
    "function one(db, name) {\n  db.query(`select a from b limit ${Number(name)}`);\n}\n",
    "function one(db, name) {\n  db.query(sql`select a from b where c = ${name}`);\n}\n",
    "function one(db, name) {\n  console.log(`select ${name}`);\n}\n",
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def _learned(engine: Engine, before: str, after: str, *cwes: str, path: str = "shop.js") -> Learned:
    change = {"path": path, "before": before, "after": after}
    return learn(engine, Fix.model_validate({"changes": [change], "cwe": cwes}), now=NOW)


def _fires(engine: Engine, rules: tuple[Rule, ...], code: str, language: str = "javascript") -> list[str]:
    found = engine.run_texts([rule.definition for rule in rules], [SourceText("other", language, code)])
    return [match.text for match in found.matches]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("shown", BUILDINGS)
def test_one_spelling_of_string_building_teaches_all_the_others(engine: Engine, shown: str, shape: str) -> None:
    before = SHAPES[shape].format(BUILDINGS[shown])
    after = SHAPES[shape].format('"select a from b where c = ?"')
    learned = _learned(engine, before, after, "CWE-89")
    codes = [one.format(building) for one in SHAPES.values() for building in BUILDINGS.values()]
    texts = [SourceText(f"t{number}.js", "javascript", code) for number, code in enumerate(codes)]
    found = engine.run_texts([rule.definition for rule in learned.rules], texts)
    assert {match.target for match in found.matches} == set(range(len(codes)))


@pytest.mark.parametrize("code", SAFE)
def test_safe_look_alikes_are_spared(engine: Engine, code: str) -> None:
    shape = SHAPES["callback"]
    learned = _learned(engine, shape.format(BUILDINGS["plus"]), shape.format('"select ?", [name]'), "CWE-89")
    assert learned.rules
    assert _fires(engine, learned.rules, code) == []


def test_a_sure_rule_is_of_high_confidence(engine: Engine) -> None:
    shape = SHAPES["callback"]
    learned = _learned(engine, shape.format(BUILDINGS["template"]), shape.format('"select ?", [name]'), "CWE-89")
    assert learned.rules[0].confidence is Confidence.HIGH


@pytest.mark.parametrize("language", ["javascript", "typescript"])
@pytest.mark.parametrize("path", ["shop.js", "shop.jsx", "shop.ts", "shop.tsx"])
def test_a_rule_finds_both_languages_whichever_it_was_learned_from(engine: Engine, path: str, language: str) -> None:
    shape = SHAPES["awaited"]
    before, after = shape.format(BUILDINGS["template"]), shape.format('"select ?", [name]')
    learned = _learned(engine, before, after, "CWE-89", path=path)
    assert learned.rules[0].languages == ("javascript", "typescript")
    assert _fires(engine, learned.rules, shape.format(BUILDINGS["plus"]), language)
