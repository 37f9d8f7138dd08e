"""Do the rules that fixes in JavaScript and TypeScript give do in the engine what synthesis says of them?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.engine.proof import Learned, learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Accepted, Confidence, Rule
from rsolv_ray.synthesis import propose
from tests.contracts.ecmascript_kinds import KINDS

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


BOUND = 'client.query({text: "select a from b where c like $1", values: [`%${name}%`]});\n'


@pytest.mark.parametrize(
    ("code", "count"),
    [
        (BOUND, 0),
        ("client.query({text: `select a from b where c = '${name}'`, values: []});\n", 1),
        ("connection.query({sql: `select a from b where c = '${name}'`, timeout: 9}, done);\n", 1),
        ("const q = `select a from b where c = '${name}'`;\nclient.query({text: q});\n", 1),
        ("const q = {text: 'select a from b where c = $1', values: [`%${name}%`]};\nclient.query('select 1');\n", 0),
    ],
    ids=["bound", "text", "sql", "in a variable", "elsewhere"],
)
def test_of_a_statement_given_as_an_object_only_its_text_counts(engine: Engine, code: str, count: int) -> None:
    before = SHAPES["callback"].format(BUILDINGS["template"])
    after = before.replace(BUILDINGS["template"], '"select a from b where c = ?", [name]')
    learned = _learned(engine, before, after, "CWE-89")
    assert len(_fires(engine, learned.rules, code)) == count


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


@pytest.fixture(scope="module")
def taught(engine: Engine) -> dict[str, Learned]:
    return {name: _learned(engine, kind.before, kind.after, kind.cwe) for name, kind in KINDS.items()}


def _targets(engine: Engine, learned: Learned, codes: tuple[str, ...]) -> set[int]:
    texts = [SourceText(f"t{number}.jsx", "javascript", code) for number, code in enumerate(codes)]
    return {match.target for match in engine.run_texts([rule.definition for rule in learned.rules], texts).matches}


@pytest.mark.parametrize("name", KINDS)
def test_a_fix_finds_the_same_weakness_by_another_hand(engine: Engine, taught: dict[str, Learned], name: str) -> None:
    kind = KINDS[name]
    assert _targets(engine, taught[name], kind.siblings) == set(range(len(kind.siblings)))


@pytest.mark.parametrize("name", KINDS)
def test_a_fix_spares_what_is_right_already(engine: Engine, taught: dict[str, Learned], name: str) -> None:
    assert taught[name].rules
    assert _targets(engine, taught[name], KINDS[name].spared) == set()


@pytest.mark.parametrize("name", KINDS)
def test_every_accepted_rule_fires_before_and_is_silent_after(
    engine: Engine, taught: dict[str, Learned], name: str
) -> None:
    rules = tuple(verdict.rule for verdict in taught[name].verdicts if isinstance(verdict, Accepted))
    for rule in rules:
        assert _fires(engine, (rule,), KINDS[name].before)
        assert not _fires(engine, (rule,), KINDS[name].after)


def test_the_engine_takes_every_candidate(engine: Engine) -> None:
    changes = [{"path": "a.jsx", "before": kind.before, "after": kind.after} for kind in KINDS.values()]
    fixes = [
        Fix.model_validate({"changes": [change], "cwe": [kind.cwe]})
        for change, kind in zip(changes, KINDS.values(), strict=True)
    ]
    assert engine.refusals([one.definition for fix in fixes for one in propose(fix).candidates]) == {}


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("shell option", ["false"]),
        ("tls", ["true"]),
        ("cookie flags", ["true"]),
        ("md5", ["'sha256'"]),
        ("regex", ["/^a+$/"]),
        ("loose", ["user.token === token"]),
    ],
)
def test_what_was_changed_alone_is_mended(
    engine: Engine, taught: dict[str, Learned], name: str, mended: list[str]
) -> None:
    code = SourceText("a.js", "javascript", KINDS[name].before)
    found = engine.run_texts([rule.definition for rule in taught[name].rules], [code])
    assert [match.rendered_fix for match in found.matches] == mended
