"""The changed piece as a pattern, and its after side in the same metavariables."""

import re

import pytest

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.code.edits import hunks
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.forms import rewriting


def _bodies(before: str, after: str, language: str = "python") -> list[JsonObject]:
    old, new = parse(before, language), parse(after, language)
    return [draft.body for draft in rewriting.drafts(old, new, hunks(old, new))]


def _has(bodies: list[JsonObject], pattern: str, fix: str | None = None) -> bool:
    return any(
        isinstance(found := body["patterns"], list) and {"pattern": pattern} in found and fix in (None, body.get("fix"))
        for body in bodies
    )


def test_what_stands_on_both_sides_is_opened_alike() -> None:
    bodies = _bodies("check(user and user == 0)\n", "check(user != None and user == 0)\n")
    assert _has(bodies, "$V1 and $V1 == 0", "$V1 != None and $V1 == 0")


def test_a_switch_is_never_opened() -> None:
    bodies = _bodies("store.put(k, safe=False, fast=True)\n", "store.put(k, safe=True, fast=True)\n")
    assert _has(bodies, "$V1.put($V2, safe=False, fast=True)", "$V1.put($V2, safe=True, fast=True)")


def test_a_name_of_the_function_that_the_pattern_does_not_bind_gives_no_fix() -> None:
    before = "def f(a, b):\n    save_all(a)\n"
    assert not _bodies(before, before.replace("save_all(a)", "save_all(b)"))


def test_the_name_of_a_setting_stays() -> None:
    bodies = _bodies("app.config['SAFE'] = False\n", "app.config['SAFE'] = True\n")
    assert _has(bodies, "$V1['SAFE'] = False", "$V1['SAFE'] = True")


def test_keywords_that_are_added_together_are_put_before_the_bracket_of_calls_that_have_none_of_them() -> None:
    body = _bodies("store.persist(k)\n", "store.persist(k, safe=True, fast=1)\n")[0]
    assert body["patterns"] == [
        {"pattern": "$O.persist(...)"},
        {"pattern-not": "$O.persist(..., safe=True, ...)"},
        {"pattern-not": "$O.persist(..., fast=$ANY, ...)"},
        {"pattern-not": "$O.persist(..., **$MORE)"},
    ]
    assert body["fix-regex"] == {
        "regex": r"([^\s,(])(,?\s*)\)$", "replacement": r"\1, safe=True, fast=1\2)", "count": 1,
    }  # fmt: skip


def test_options_are_put_into_the_object_that_is_there() -> None:
    body = _bodies(
        "r.cookie('a', b, {secure: true});", "r.cookie('a', b, {secure: true, httpOnly: true});", "javascript"
    )[0]
    assert body["fix-regex"] == {
        "regex": r"([^\s,{(])(,?\s*)\}\s*\)$", "replacement": r"\1, httpOnly: true\2})", "count": 1,
    }  # fmt: skip


def test_a_wrapped_argument_is_wrapped_in_calls_that_do_not_wrap_it() -> None:
    bodies = _bodies("render_page(name)\n", "render_page(quote(name))\n")
    assert any(
        body.get("fix") == "quote($V1)" and {"pattern-not": "render_page(quote(...), ...)"} in body["patterns"]
        for body in bodies
        if isinstance(body["patterns"], list)
    )


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_statement_that_is_put_behind_the_one_whose_name_it_uses(language: str) -> None:
    before = "job = open_job('a', b)\nrun_it(job)\n"
    bodies = _bodies(before, before.replace("\nrun", "\njob.limit(5)\nrun"), language)
    assert _has(bodies, "$V1 = open_job($V2, $V3)", "$V1 = open_job($V2, $V3)\n$V1.limit(5)")


def test_a_switch_that_is_off_unless_given_is_looked_for_in_all_that_take_it() -> None:
    bodies = _bodies("r.set_cookie(a, b, httponly=False)\n", "r.set_cookie(a, b, httponly=True)\n")
    found = [
        body
        for body in bodies
        if isinstance(body["patterns"], list) and {"pattern": "$CALLEE(...)"} in body["patterns"]
    ]
    assert len(found) == 1
    regex = found[0]["fix-regex"]
    assert isinstance(regex, dict)
    for call, mended in (
        ("f(a, httponly=False, b=1)", "f(a, httponly=True, b=1)"),
        ("f(a, b)", "f(a, b, httponly=True)"),
        ("f(httponly=False)", "f(httponly=False)"),
    ):
        assert re.sub(str(regex["regex"]), str(regex["replacement"]), call, count=1) == mended


def test_a_method_of_several_words_on_something_imported_is_looked_for_on_anything() -> None:
    before = "from shop import basket\nbasket.add_all(x)\n"
    assert _has(_bodies(before, before.replace("(x)", "(x, safe=2)")), "$O.add_all(...)")


def test_numbers_that_both_sides_have_as_often_are_opened() -> None:
    assert _has(_bodies("leave(3)\n", "sys.leave(3)\n"), "leave($V1)", "sys.leave($V1)")
