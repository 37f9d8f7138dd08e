"""Is what only the bad code does told as a pattern, and the loud after the special?"""

from __future__ import annotations

import re

import pytest

from rsolv_ray.engine.rules.regex_danger import danger_of
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import families_of
from rsolv_ray.synthesis.code.edits import hunks, is_edit
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.forms.differences import drafts
from rsolv_ray.synthesis.forms.slots import VARIES
from rsolv_ray.synthesis.rules.common import common
from rsolv_ray.synthesis.rules.semgrep_rule import Draft


def _drafts(bad: str, *goods: str, language: str = "python", cwe: str = "CWE-20") -> list[Draft]:
    before = parse(bad, language)
    afters = [(parse(good, language), hunks(before, parse(good, language))) for good in goods]
    return drafts(before, afters[0][1], afters, families_of(language, (cwe,)))


def _told(bad: str, *goods: str, form: str, language: str = "python", cwe: str = "CWE-20") -> str:
    return str([one.body for one in _drafts(bad, *goods, language=language, cwe=cwe) if one.form == form])


def test_a_value_that_the_good_call_writes_out_is_computed() -> None:
    told = _told("def a(x):\n    vm.run_all(x)\n", 'def b():\n    vm.run_all("ls")\n', form="contrast:computed")
    assert "$O.run_all($VALUE, ...)" in told
    assert """'pattern-not': '$O.run_all("...", ...)'""" in told


def test_a_list_that_is_written_out_is_spared_too() -> None:
    told = _told("vm.run_all(x)\n", 'vm.run_all(["ls", "-l"])\n', form="contrast:computed")
    assert '$O.run_all(["...", "..."], ...)' in told


def test_all_of_a_family_are_told_where_one_is_shown() -> None:
    told = _told("import os\nos.system(x)\n", 'import os\nos.system("ls")\n', form="contrast:computed", cwe="CWE-78")
    assert "os.popen($VALUE, ...)" in told


def test_an_option_is_told_by_its_value_in_every_spelling() -> None:
    told = _told("a.put(x, verify_host=False)\n", "a.put(x, verify_host=True)\n", form="contrast:value")
    assert "$CALLEE(..., verify_host=$VALUE, ...)" in told
    assert "$O.verify_host = $VALUE" in told


def test_an_option_that_the_bad_call_lacks_is_asked_for() -> None:
    told = _told("a.set_cookie(x)\n", "a.set_cookie(x, secure=True)\n", form="contrast:lacks")
    assert "$O.set_cookie(..., secure=True, ...)" in told


def test_a_text_in_the_code_is_told_where_the_good_call_reads_it() -> None:
    told = _told('jwt.sign_it(a, "key word")\n', "jwt.sign_it(a, key)\n", form="contrast:written")
    assert """$O.sign_it($_, "...", ...)""" in told


def test_a_setting_is_told_in_every_spelling() -> None:
    told = _told('app.config["CSRF_ENABLED"] = False\n', 'app.config["CSRF_ENABLED"] = True\n', form="contrast:setting")
    assert "$O.CSRF_ENABLED = $VALUE" in told
    assert '$O["CSRF_ENABLED"] = $VALUE' in told


def test_a_name_of_the_code_itself_is_no_setting() -> None:
    assert _drafts("count = 1\n", "count = 2\n") == []


def test_functions_of_two_modules_are_not_the_same() -> None:
    bad, good = "from a.hash import MD4\nMD4.new()\n", "from a.hash import SHA3\nSHA3.new()\n"
    assert "$MODULE.hash.$WEAK.new(...)" in _told(bad, good, form="contrast:weak")


def test_a_constant_is_told_with_those_that_are_as_weak() -> None:
    bad, good = "import ssl\nf(ssl.PROTOCOL_SSLv2)\n", "import ssl\nf(ssl.PROTOCOL_TLS)\n"
    assert "ssl.$CONSTANT" in _told(bad, good, form="contrast:constant")


def test_a_base_class_is_told() -> None:
    bad, good = "from a import Raw\nclass B(Raw):\n    x = f()\n", "class B(str):\n    x = f()\n"
    assert "class $CLASS(..., a.Raw, ...): ..." in _told(bad, good, form="contrast:base")


def test_a_decorator_is_told_as_a_call_too() -> None:
    bad, good = "from a import raw\n@raw\ndef f():\n    pass\n", "def f():\n    pass\n"
    told = _told(bad, good, form="contrast:decorator")
    assert "@a.raw\\ndef $FUNCTION(...): ..." in told
    assert "a.raw(...)" in told


def test_a_call_that_is_made_everywhere_says_nothing() -> None:
    assert _drafts("print(x)\n", "y = 1\n") == []


def test_the_good_sides_of_all_changes_are_held_against_each_bad_one() -> None:
    bad = "db.fetch_rows(x)\n"
    assert "contrast:call" in [one.form for one in _drafts(bad, "y = 1\n")]
    assert "contrast:call" not in [one.form for one in _drafts(bad, "y = 1\n", "db.fetch_rows(y)\n")]


def test_what_says_more_comes_first() -> None:
    found = _drafts('a.open_it("http://x")\nb.close_it(1)\n', 'a.open_it("https://x")\n')
    assert [one.rank for one in found] == sorted(one.rank for one in found)
    assert found[0].form == "contrast:value"


def test_what_the_good_side_sets_up_afterwards_is_asked_for() -> None:
    bad = "from jar import Cookie\ndef f(r):\n    c = Cookie(r)\n    r.put(c)\n"
    good = "from jar import Cookie\ndef g(r):\n    c = Cookie(r)\n    c.lock_down(True)\n    r.put(c)\n"
    told = _told(bad, good, form="contrast:missing")
    assert "$MADE = jar.Cookie(...)\\n...\\n$MADE.lock_down(True)" in told


def test_what_is_called_everywhere_is_bound_to_functions_like_the_one_shown() -> None:
    bad, good = "@app.route('/a')\ndef f(x):\n    open(x)\n", "@app.route('/b')\ndef g(x):\n    open('y')\n"
    assert "@$O.route(...)\\ndef $FUNCTION(...): ..." in _told(bad, good, form="contrast:computed")


def test_what_is_called_everywhere_says_nothing_in_a_function_like_any_other() -> None:
    assert _told("def f(x):\n    open(x)\n", "def g(x):\n    open('y')\n", form="contrast:computed") == "[]"


def test_a_value_put_together_of_constants_is_no_computed_one() -> None:
    held = VARIES["metavariable-regex"]
    assert isinstance(held, dict)
    regex = held["regex"]
    assert re.match(str(regex), "x + 'a'")
    assert not re.match(str(regex), "BASE + '/a' + os.path.join(__file__)")
    assert danger_of(str(regex)) is None


def test_two_functions_of_different_names_are_no_edit_of_each_other() -> None:
    bad, good = "def f(x):\n    go(x)\n", 'def g():\n    x = "a"\n    go(x)\n'
    before, after = parse(bad, "python"), parse(good, "python")
    assert not is_edit(before, after)
    assert "go(x)" in [unit.text for hunk in hunks(before, after) for unit in hunk.before]


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_the_same_two_sides_give_the_same_drafts(language: str) -> None:
    bad, good = 'a.b_c("MD5", 1, d)\n', 'a.b_c("SHA-256", 2, "e")\n'
    assert _drafts(bad, good, language=language) == _drafts(bad, good, language=language)


def _search(pattern: str, rank: int = 20, form: str = "contrast:call", **more: str) -> Draft:
    held: list[JsonObject] = (
        [{"metavariable-regex": {"metavariable": "$VALUE", "regex": more["regex"]}}] if more else []
    )
    return Draft({"patterns": [{"pattern": pattern}, *held]}, form, rank)


def test_two_words_that_differ_become_one_that_begins_as_they_do() -> None:
    [draft] = common([_search("os.spawnlp($VALUE, ...)"), _search("os.spawnve($VALUE, ...)")])
    assert "os.$COMMON1($VALUE, ...)" in str(draft.body)
    assert r"^spawn\\w*$" in str(draft.body)


def test_two_words_that_share_nothing_are_held_to_themselves() -> None:
    [draft] = common([_search("a.put(...)"), _search("a.send(...)")])
    assert "^(put|send)$" in str(draft.body)


def test_expressions_of_values_are_joined() -> None:
    [draft] = common([_search("f($VALUE)", regex="^a$"), _search("f($VALUE)", regex="^b$")])
    assert "(?:^a$)|(?:^b$)" in str(draft.body)


def test_what_is_built_otherwise_has_nothing_in_common() -> None:
    assert common([_search("f($VALUE)"), _search("f($VALUE, ...)")]) == []
    assert common([_search("f(...)"), _search("g(...)", form="contrast:base")]) == []
