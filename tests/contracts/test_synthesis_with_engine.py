"""Do the rules that fixes give do in the engine what synthesis says of them?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rsolv_ray.engine.proof import Learned, learn
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Accepted, CaseKind, Confidence, Rule
from rsolv_ray.synthesis import propose

NOW = datetime(2026, 11, 21, tzinfo=UTC)

BUILDINGS = {
    "percent": "\"select a from b where c = '%s'\" % name",
    "format": "\"select a from b where c = '{}'\".format(name)",
    "f-string": "f\"select a from b where c = '{name}'\"",
    "plus": '"select a from b where c = \'" + name + "\'"',
}
SAFE = [
    'def one(db, name):\n    db.execute("select a from b where c = ?", (name,))\n',
    'def one(db, name):\n    db.execute("select a " + "from b")\n',
    'def one(db, name):\n    db.execute("select a from b limit %d" % int(name))\n',
    'def one(db, name):\n    log("select %s" % name)\n',
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def _learned(engine: Engine, before: str, after: str, *cwes: str) -> Learned:
    change = {"path": "shop.py", "before": before, "after": after}
    return learn(engine, Fix.model_validate({"changes": [change], "cwe": cwes}), now=NOW)


def _fires(engine: Engine, rules: tuple[Rule, ...], code: str) -> list[str]:
    found = engine.run_texts([rule.definition for rule in rules], [SourceText("other.py", "python", code)])
    return [match.text for match in found.matches]


def _query(building: str, *, direct: bool = True) -> str:
    if direct:
        return f"def one(db, name):\n    db.execute({building})\n"
    return f"def one(db, name):\n    text = {building}\n    more = 1\n    db.execute(text)\n"


@pytest.mark.parametrize("shown", BUILDINGS)
def test_one_spelling_of_string_building_teaches_all_the_others(engine: Engine, shown: str) -> None:
    learned = _learned(engine, _query(BUILDINGS[shown]), _query('"select a from b where c = ?", (name,)'), "CWE-89")
    for building in BUILDINGS.values():
        for direct in (True, False):
            assert _fires(engine, learned.rules, _query(building, direct=direct)), building


@pytest.mark.parametrize("code", SAFE)
def test_safe_look_alikes_are_spared(engine: Engine, code: str) -> None:
    learned = _learned(engine, _query(BUILDINGS["plus"]), _query('"select ?", (name,)'), "CWE-89")
    assert learned.rules
    assert _fires(engine, learned.rules, code) == []


def test_a_sure_rule_is_of_high_confidence(engine: Engine) -> None:
    learned = _learned(engine, _query(BUILDINGS["plus"]), _query('"select ?", (name,)'), "CWE-89")
    assert learned.rules[0].confidence is Confidence.HIGH
    assert learned.rules[0].quality.precision == 1.0


def test_a_string_that_grows_reaches_the_call(engine: Engine) -> None:
    learned = _learned(engine, _query(BUILDINGS["plus"]), _query('"select ?", (name,)'), "CWE-89")
    code = 'def one(db, name):\n    q = "select"\n    if name:\n        q += name\n    db.execute(q)\n'
    assert _fires(engine, learned.rules, code) == ["q"]


def test_an_organisations_own_wrapper_is_learned(engine: Engine) -> None:
    before = 'class A:\n    def go(self, p):\n        self._launch("ls " + p)\n'
    learned = _learned(engine, before, before.replace('"ls " + p', '["ls", p]'), "CWE-78")
    assert _fires(engine, learned.rules, 'def f(tool, a):\n    tool._launch("rm %s" % a)\n')
    assert not _fires(engine, learned.rules, 'def f(tool, a):\n    tool._launch(["rm", "x%s" % a])\n')


def test_a_value_that_the_fix_left_in_the_text_is_spared(engine: Engine) -> None:
    before = 'def f(self, v):\n    self.db.execute("select a from %s where b = %s" % (self.table, v))\n'
    after = 'def f(self, v):\n    self.db.execute("select a from %s where b = ?" % self.table, (v,))\n'
    learned = _learned(engine, before, after, "CWE-89")
    assert learned.rules[0].form == "taint:family:placed"
    assert _fires(engine, learned.rules, before.replace("select a", "delete"))


def test_a_sanitizer_that_the_fix_added_is_learned(engine: Engine) -> None:
    before = 'def f(page, v):\n    page.emit("<b>" + v)\n'
    learned = _learned(engine, before, before.replace("+ v", "+ escaped(v)"), "CWE-79")
    assert _fires(engine, learned.rules, 'def g(page, w):\n    page.emit(f"<i>{w}</i>")\n')
    assert not _fires(engine, learned.rules, 'def g(page, w):\n    page.emit(f"<i>{escaped(w)}</i>")\n')


def test_a_missing_check_is_found_where_the_check_is_not_made(engine: Engine) -> None:
    before = 'def f(key):\n    return open("keys/%s" % key).read()\n'
    after = before.replace("    return", "    verify_name(key)\n    return")
    learned = _learned(engine, before, after, "CWE-22")
    other = 'import os\ndef g(name):\n    os.remove("keys/" + name)\n'
    assert _fires(engine, learned.rules, other)
    assert not _fires(
        engine, learned.rules, other.replace("    os.", "    if not verify_name(name):\n        return\n    os.")
    )


def test_the_engine_fills_in_the_template_of_a_replaced_function(engine: Engine) -> None:
    before, after = "import yaml\nd = yaml.load(text)\n", "import yaml\nd = yaml.safe_load(text)\n"
    rules = _learned(engine, before, after, "CWE-502").rules
    code = "import yaml\nsettings = yaml.load(open(path))\n"
    found = engine.run_texts([rule.definition for rule in rules], [SourceText("other.py", "python", code)])
    assert [match.rendered_fix for match in found.matches] == ["yaml.safe_load(open(path))"]


def test_a_switched_keyword_is_mended_in_its_place(engine: Engine) -> None:
    before = "import requests\nrequests.get(u, timeout=3, verify=False)\n"
    rules = _learned(engine, before, before.replace("False", "True"), "CWE-295").rules
    found = engine.run_texts([rule.definition for rule in rules], [SourceText("other.py", "python", before)])
    assert [(match.text, match.rendered_fix) for match in found.matches] == [("False", "True")]


def test_a_part_of_a_file_that_is_not_fixed_yet_does_not_spoil_the_rule(engine: Engine) -> None:
    both = _query(BUILDINGS["plus"]) + "\n" + _query(BUILDINGS["percent"]).replace("one", "two")
    learned = _learned(engine, both, both.replace(BUILDINGS["plus"], '"select ?", (name,)'), "CWE-89")
    assert learned.rules


FIXES = [
    (_query(BUILDINGS["plus"]), _query('"select ?", (name,)'), "CWE-89"),
    ("import yaml\nd = yaml.load(t)\n", "import yaml\nd = yaml.safe_load(t)\n", "CWE-502"),
    ("import tool\ntool.go(a, safe=False)\n", "import tool\ntool.go(a, safe=True)\n", "CWE-295"),
    ('def f(k):\n    open("k/%s" % k)\n', 'def f(k):\n    verify(k)\n    open("k/%s" % k)\n', "CWE-22"),
    ("def f(a):\n    return draw(a.name)\n", "def f(a):\n    return draw(escaped(a.name))\n", "CWE-79"),
]


@pytest.mark.parametrize(("before", "after", "cwe"), FIXES)
def test_every_accepted_rule_fires_before_and_is_silent_after(
    engine: Engine, before: str, after: str, cwe: str
) -> None:
    learned = _learned(engine, before, after, cwe)
    rules = tuple(verdict.rule for verdict in learned.verdicts if isinstance(verdict, Accepted))
    assert rules
    for rule in rules:
        assert _fires(engine, (rule,), before)
        assert not _fires(engine, (rule,), after)


@pytest.mark.parametrize(("before", "after", "cwe"), FIXES)
def test_every_rule_is_right_on_the_cases_that_it_keeps(engine: Engine, before: str, after: str, cwe: str) -> None:
    for rule in _learned(engine, before, after, cwe).rules:
        for case in rule.cases:
            run = engine.run_texts([rule.definition], [SourceText(case.path, case.language, case.code)])
            hits = [
                match
                for match in run.matches
                if not case.lines or any(one.touches(match.span.start_line, match.span.end_line) for one in case.lines)
            ]
            assert bool(hits) is (case.kind is CaseKind.FIRES)


@pytest.mark.parametrize(("before", "after", "cwe"), FIXES)
def test_the_engine_takes_every_candidate(engine: Engine, before: str, after: str, cwe: str) -> None:
    fix = Fix.model_validate({"changes": [{"path": "shop.py", "before": before, "after": after}], "cwe": [cwe]})
    assert engine.refusals([one.definition for one in propose(fix).candidates]) == {}
