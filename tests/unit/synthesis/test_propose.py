"""The candidates that a fix gives, and why there may be none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import Proposer
from rsolv_ray.synthesis import propose

BEFORE = 'def f(db, name):\n    db.execute("find %s" % name)\n'
AFTER = 'def f(db, name):\n    db.execute("find ?", (name,))\n'


def _fix(before: str, after: str, path: str = "shop.py", **more: object) -> Fix:
    return Fix.model_validate({"changes": [{"path": path, "before": before, "after": after}], **more})


def _forms(before: str, after: str, **more: object) -> list[str]:
    return [one.form for one in propose(_fix(before, after, **more)).candidates]


def _patterns(before: str, after: str, form: str, **more: object) -> str:
    found = propose(_fix(before, after, **more)).candidates
    return str(next(one.definition for one in found if one.form == form))


def test_a_built_statement_gives_a_taint_rule_first() -> None:
    assert _forms(BEFORE, AFTER, cwe=["CWE-89"])[0] == "taint:family"


def test_an_organisations_own_wrapper_is_a_sink() -> None:
    before, after = (text.replace("execute", "_do") for text in (BEFORE, AFTER))
    assert "$O._do($SINK, ...)" in _patterns(before, after, "taint:call", cwe=["CWE-89"])


def test_a_value_put_through_a_new_call_makes_that_call_a_sanitizer() -> None:
    after = BEFORE.replace("% name", "% quoted(name)")
    assert "{'pattern': 'quoted(...)'}" in _patterns(BEFORE, after, "taint:family", cwe=["CWE-89"])


def test_a_list_in_place_of_a_string_is_a_sanitizer() -> None:
    before = 'def f(a):\n    cmd = "ls %s" % a\n    launch(cmd)\n'
    after = 'def f(a):\n    cmd = ["ls", "%s" % a]\n    launch(cmd)\n'
    assert "{'pattern': '[...]'}" in _patterns(before, after, "taint:call", cwe=["CWE-78"])


def test_a_switched_keyword_is_kept_and_mended() -> None:
    found = propose(
        _fix("import http_api\nhttp_api.get(u, verify=False)\n", "import http_api\nhttp_api.get(u, verify=True)\n")
    )
    rule = next(one.definition for one in found.candidates if one.form == "keyword:changed")
    assert rule["fix"] == "True"
    assert {"pattern": "http_api.get(..., verify=$VALUE, ...)"} in rule["patterns"]  # type: ignore[operator]


def test_an_added_keyword_is_asked_for() -> None:
    text = _patterns("import yarn\nyarn.load(u)\n", "import yarn\nyarn.load(u, safe=True)\n", "keyword:added")
    assert "'pattern-not': 'yarn.load(..., safe=True, ...)'" in text
    assert "yarn.load($...ARGS, safe=True)" in text


def test_a_function_replaced_by_its_sibling_is_mended_with_the_same_arguments() -> None:
    before, after = "import yaml\nd = yaml.load(text)\n", "import yaml\nd = yaml.safe_load(text)\n"
    assert "yaml.safe_load($...ARGS)" in _patterns(before, after, "call:replaced", cwe=["CWE-502"])


def test_a_function_replaced_by_one_from_elsewhere_has_no_template() -> None:
    before, after = "import pickle\nd = pickle.loads(t)\n", "import json\nd = json.loads(t)\n"
    assert "'fix'" not in _patterns(before, after, "call:replaced", cwe=["CWE-502"])


def test_a_call_that_says_nothing_by_itself_is_no_rule() -> None:
    before, after = "import os\np = os.path.join(a, b)\n", "p = secure(a, b)\n"
    assert "call:replaced" not in _forms(before, after, cwe=["CWE-22"])


def test_a_common_function_replaced_by_its_sibling_is_no_rule() -> None:
    assert "call:replaced" not in _forms("import re\nn = re.sub(a, b)\n", "import re\nn = re.subn(a, b)\n")


def test_a_pattern_that_would_name_nothing_is_not_tried() -> None:
    assert _forms("x = a\n", "x = b\n") == []


def test_an_inserted_check_guards_the_call_after_it() -> None:
    before = 'def f(key):\n    open("k/%s" % key)\n'
    after = 'def f(key):\n    verify_name(key)\n    open("k/%s" % key)\n'
    text = _patterns(before, after, "guard:family", cwe=["CWE-22"])
    assert "pattern-not-inside" in text
    assert "verify_name(...)" in text


def test_a_check_by_comparison_guards_what_uses_the_value() -> None:
    before = 'def f(key):\n    log(1)\n    open("k/%s" % key)\n'
    after = before.replace("    log", '    if ".." in key:\n        return\n    log')
    assert '<... ".." ...>' in _patterns(before, after, "guard:family", cwe=["CWE-22"])
    assert "log(...)" not in str([one.definition for one in propose(_fix(before, after, cwe=["CWE-22"])).candidates])


def test_the_most_general_rung_of_the_ladder_comes_first() -> None:
    found = [one for one in _forms("x = shop.sell(price(item), 'a')\n", "x = None\n") if one.startswith("ladder")]
    assert found == sorted(found)
    assert found


def test_the_callers_rule_comes_first_in_any_language() -> None:
    rule = {"id": "mine", "languages": ["swift"], "severity": "ERROR", "message": "m", "pattern": "a(...)"}
    found = propose(_fix("a(1)\n", "b(1)\n", path="shop.swift", rule=rule)).candidates
    assert [(one.proposer, one.definition["id"]) for one in found] == [(Proposer.CLIENT, "mine")]


@pytest.mark.parametrize(
    ("before", "after", "path", "reason"),
    [
        ("f(a)\n", "f(a)\n# note\n", "shop.py", "only comments or formatting changed"),
        ("x = 1\n", "x = 1\nlimit = 3\n", "shop.py", "the change only adds lines"),
        ("def f(:\n  ((\n", "def f():\n  pass\n", "shop.py", "the before side does not parse: line 1"),
        ("def f(:\n    pass\n", "def f():\n    pass\n", "shop.py", "the before side does not parse: line 1"),
        ("x = 1\ny = db.run(a b)\n", "x = 1\ny = run(a)\n", "shop.py", "the before side does not parse: line 2"),
        ("a(1)\n", "b(1)\n", "shop.swift", "no rule can be derived for swift yet"),
        ("x = 1\n" * 100_000, "x = 2\n", "shop.py", "too large"),
    ],
)
def test_why_there_is_no_candidate_is_said_in_words(before: str, after: str, path: str, reason: str) -> None:
    found = propose(_fix(before, after, path=path))
    assert found.candidates == ()
    assert reason in (found.reason or "")


def test_a_gap_away_from_the_change_and_older_python_do_no_harm() -> None:
    for code in ("def g(x y):\n    pass\n", "print 'a'\n", "try:\n    f()\nexcept E, e:\n    pass\n"):
        assert _forms(BEFORE + code, AFTER + code, cwe=["CWE-89"])[0] == "taint:family"


def test_the_same_fix_gives_the_same_rules() -> None:
    first, second = (propose(_fix(BEFORE, AFTER, cwe=["CWE-89"])) for _ in range(2))
    assert first == second


def test_a_rule_without_any_weakness_named_says_so_in_its_id() -> None:
    assert all(
        str(one.definition["id"]).startswith("python-weakness-") for one in propose(_fix(BEFORE, AFTER)).candidates
    )


@given(
    st.text(alphabet="ab(=)%'\"\n:., f{}[]+", min_size=1, max_size=60),
    st.text(alphabet="ab(=)%'\"\n:., f{}[]+", max_size=60),
)
def test_any_two_texts_give_candidates_or_a_reason(before: str, after: str) -> None:
    if not before.strip() or before == after:
        return
    found = propose(_fix(before, after))
    assert bool(found.candidates) != bool(found.reason)


@given(st.text(alphabet="ab(=)%'\"\n:., f{}[]+", min_size=1, max_size=60))
def test_every_operator_stands_inside_patterns(code: str) -> None:
    if not code.strip():
        return
    for one in propose(_fix(code, BEFORE)).candidates:
        assert {"patterns", "mode"} & set(one.definition)
        assert not {"pattern-not", "pattern-inside", "pattern-not-inside", "metavariable-regex"} & set(one.definition)
