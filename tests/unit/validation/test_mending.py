"""How is a fix read off the after side?"""

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate, Case, CaseKind, LineRange
from rsolv_ray.validation.gates import Evidence, Hit
from rsolv_ray.validation.mending import derived, mends, own_fix, says_nothing, without_fix


def _evidence(before: str, after: str, found: str, operators: list[JsonObject], **bound: str) -> Evidence:
    start = before.index(found)
    line = before.count("\n", 0, start) + 1
    names = {f"${name}": text for name, text in bound.items()}
    hit = Hit(line, line + found.count("\n"), found, None, start, start + len(found), names)
    lines = (LineRange(first=1, last=before.count("\n") + 1),)
    cases = [
        Case(kind=CaseKind.FIRES, path="a.py", language="python", code=before, lines=lines),
        Case(kind=CaseKind.SILENT, path="a.py", language="python", code=after, lines=lines),
    ]
    return Evidence(Candidate(definition={"patterns": [*operators]}), cases, {0: [hit]})


def _fix(before: str, after: str, found: str, pattern: str, **bound: str) -> JsonObject | None:
    return derived(_evidence(before, after, found, [{"pattern": pattern}], **bound))


def test_a_value_that_is_wrapped_is_wrapped_wherever_it_is_found() -> None:
    assert _fix("f(a.b)\n", "f(quote(a.b))\n", "a.b", "f($X)", X="a.b") == {"fix": "quote($X)"}


def test_a_metavariable_stands_for_whole_words_alone() -> None:
    assert _fix("f(a)\n", "g(a, area)\n", "f(a)", "f($X)", X="a") == {"fix": "g($X, area)"}


def test_a_setting_is_replaced_behind_its_name_where_the_rule_leaves_the_rest_open() -> None:
    fix = _fix("f(a, verify=False)\n", "f(a, verify=True)\n", "f(a, verify=False)", "f(..., verify=False, ...)")
    assert fix == {
        "fix-regex": {"regex": r"((?<![\w$])verify(?!\w)\W{0,8}?)False(?!\w)", "replacement": r"\1True", "count": 1}
    }


def test_an_argument_is_added_before_the_closing_bracket() -> None:
    fix = _fix("f(a)\n", "f(a, timeout=5)\n", "f(a)", "f(...)")
    assert fix == {"fix-regex": {"regex": r"([^\s,])(\s*\))$", "replacement": r"\1, timeout=5\2", "count": 1}}


def test_nothing_is_derived_where_an_opened_word_has_moved() -> None:
    assert _fix("f(a, b)\n", "f(b, a)\n", "f(a, b)", "f(...)") is None


def test_nothing_is_derived_where_a_local_name_is_needed() -> None:
    before, after = "def m(a, b):\n    f(a)\n", "def m(a, b):\n    f(a, b)\n"
    assert _fix(before, after, "f(a)", "f($X)", X="a") is None


def test_a_statement_that_is_put_behind_comes_with_its_line() -> None:
    fix = _fix(
        "if x:\n    c = g()\n    h(c)\n", "if x:\n    c = g()\n    c.s()\n    h(c)\n", "c = g()", "$C = g()", C="c"
    )
    assert fix == {"fix": "$C = g()\n$C.s()"}


def test_a_place_that_no_edit_touched_proves_nothing() -> None:
    assert _fix("f(a)\nk(1)\ng(1)\n", "f(a)\nk(1)\ng(2)\n", "f(a)", "f($X)", X="a") is None


def test_a_fix_mends_where_the_engine_gives_the_after_side() -> None:
    evidence = _evidence("f(a)\n", "g(a)\n", "f(a)", [{"pattern": "f($X)"}], X="a")
    (hit,) = evidence.hits[0]
    right = Hit(hit.first_line, hit.last_line, hit.text, "g( a )", hit.start, hit.end)
    wrong = Hit(hit.first_line, hit.last_line, hit.text, "g($X)", hit.start, hit.end)
    assert mends(Evidence(evidence.candidate, evidence.cases, {0: [right]}))
    assert not mends(Evidence(evidence.candidate, evidence.cases, {0: [wrong]}))


def test_a_definition_is_told_apart_from_what_mends_in_it() -> None:
    definition: JsonObject = {"pattern": "f()", "fix": "g()"}
    assert own_fix(definition) == {"fix": "g()"}
    assert without_fix(definition) == {"pattern": "f()"}
    assert own_fix(without_fix(definition)) is None


def test_a_value_that_the_rule_has_a_condition_on_is_replaced_alone() -> None:
    operators: list[JsonObject] = [
        {"pattern": "new($VALUE, ...)"},
        {"metavariable-regex": {"metavariable": "$VALUE", "regex": "md5|sha1"}},
    ]
    evidence = _evidence("x = new('MD5', a)\n", "x = new('SHA256', a)\n", "new('MD5', a)", operators, VALUE="'MD5'")
    assert derived(evidence) == {"patterns": [*operators, {"focus-metavariable": "$VALUE"}], "fix": "'SHA256'"}


def test_what_a_rule_leaves_open_is_not_told_in_a_template() -> None:
    fix = _fix("x = get('a')\n", "x = put('b')\n", "get('a')", "get(...)")
    assert fix is None or "fix" not in fix


def test_a_name_that_is_set_in_what_is_found_is_no_name_from_outside() -> None:
    fix = _fix("C(a=1, Safe=False)\n", "C(a=1, Safe=True)\n", "C(a=1, Safe=False)", "C(..., Safe=False, ...)")
    assert fix is not None
    assert "fix-regex" in fix


def test_a_template_that_binds_nothing_at_the_place_shown_is_kept_for_those_that_it_binds() -> None:
    evidence = _evidence("f(a)\n", "g(a)\n", "f(a)", [{"pattern": "f($X)"}], X="a")
    (hit,) = evidence.hits[0]
    unfilled = Hit(hit.first_line, hit.last_line, hit.text, "g($TEXT, $X)", hit.start, hit.end)
    wrong = Hit(hit.first_line, hit.last_line, hit.text, "h(a)", hit.start, hit.end)
    assert says_nothing(Evidence(evidence.candidate, evidence.cases, {0: [unfilled]}))
    assert not says_nothing(Evidence(evidence.candidate, evidence.cases, {0: [wrong]}))
