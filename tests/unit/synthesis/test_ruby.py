"""What is read of Ruby, and which candidates come of it."""

import pytest

from rsolv_ray.model.fix import Fix
from rsolv_ray.synthesis import propose
from rsolv_ray.synthesis.code.building import built_values
from rsolv_ray.synthesis.code.calls import Call, calls_in
from rsolv_ray.synthesis.code.edits import hunks, units
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import parse
from rsolv_ray.synthesis.forms.sinks import uses_in
from rsolv_ray.synthesis.languages import NOTATIONS
from rsolv_ray.synthesis.variants import variants


def _fix(before: str, after: str, *cwes: str) -> Fix:
    return Fix.model_validate({"changes": [{"path": "a.rb", "before": before, "after": after}], "cwe": cwes})


def _patterns(before: str, after: str, form: str, *cwes: str) -> str:
    return next(str(one.definition) for one in propose(_fix(before, after, *cwes)).candidates if one.form == form)


def _call(code: str) -> Call:
    return calls_in([parse(code, "ruby").root])[0]


@pytest.mark.parametrize(
    ("code", "name", "given"),
    [
        ("redirect_to url\n", "redirect_to", 1),
        ("User.where(a, b)\n", "$O.where", 2),
        ("Digest::MD5.hexdigest a\n", "Digest::MD5.hexdigest", 1),
        ("class A\n  protect_from_forgery\nend\n", "protect_from_forgery", 0),
        ("`ls`\n", "`", 1),
    ],
)
def test_a_call_is_known_with_and_without_brackets(code: str, name: str, given: int) -> None:
    call = _call(code)
    assert full_name(call, parse(code, "ruby")) == name
    assert len(call.arguments) == given


@pytest.mark.parametrize("code", ["f(a, only: [:b])\n", "f a, :only => [:b]\n", 'f a, "only" => [:b]\n'])
def test_an_option_has_one_name_however_it_is_written(code: str) -> None:
    assert list(_call(code).keywords) == ["only"]


@pytest.mark.parametrize(
    "text",
    ['"a#{x}"', '"a" + x', '"a %s" % x', 'format("a %s", x)', '["a", x].join(" ")', '"a" << x', "<<~A\n a#{x}\nA\n"],
)
def test_a_text_with_a_value_in_it_is_built(text: str) -> None:
    call = _call(f"run({text})\n") if not text.startswith("<<") else _call("run(<<~A)\n a#{x}\nA\n")
    assert built_values(call.positional[0])


@pytest.mark.parametrize("text", ['"a"', ":a", "'a#{x}'", '"a" + "b"', "x", "1 + y"])
def test_what_has_no_value_in_a_text_is_not_built(text: str) -> None:
    assert not built_values(_call(f"run({text})\n").positional[0])


def test_a_text_that_grows_is_built() -> None:
    code = 'def f(x)\n  q = "a"\n  q << x\n  run(q)\nend\n'
    run = next(one for one in calls_in([parse(code, "ruby").root]) if one.name == "run")
    assert built_values(run.positional[0])


def test_what_is_asked_of_a_value_and_a_key_are_uses_of_it() -> None:
    code = "a.html_safe\nsession[b]\n"
    assert {one.pattern for one in uses_in([parse(code, "ruby").root])} == {"$SINK.html_safe", "session[$SINK]"}


def test_the_condition_behind_a_statement_is_a_unit_of_its_own() -> None:
    found = [(unit.text, unit.field_name) for unit in units(parse("return unless ok?(a)\n", "ruby").root)]
    assert found == [("return", "body"), ("ok?(a)", "condition")]


def test_brackets_and_quotes_change_nothing() -> None:
    before, after = parse("redirect_to('a', status: 1)\n", "ruby"), parse('redirect_to "a", status: 1\n', "ruby")
    assert hunks(before, after) == ()


def test_a_text_that_a_function_ends_with_is_no_comment() -> None:
    before, after = parse('def f\n  "a#{x}"\nend\n', "ruby"), parse('def f\n  "b#{x}"\nend\n', "ruby")
    assert len(hunks(before, after)) == 1


def test_a_request_reaches_the_whole_family() -> None:
    before, after = "def a\n  redirect_to params[:u]\nend\n", "def a\n  redirect_to root_path\nend\n"
    text = _patterns(before, after, "taint:request", "CWE-601")
    assert "redirect_back" in text
    assert "^(cookies|params|request)$" in text


def test_what_the_fix_gives_in_place_of_a_request_is_harmless_with_its_options() -> None:
    before = "def a\n  redirect_to params\nend\n"
    after = "def a\n  redirect_to params.slice(:a, only_path: true)\nend\n"
    assert "$O.slice(..., only_path: true, ...)" in _patterns(before, after, "taint:request", "CWE-601")


def test_a_built_condition_of_a_query_reaches_the_family_of_statements() -> None:
    before = "def a(n)\n  User.find(:all, :conditions => \"a = '#{n}'\")\nend\n"
    after = 'def a(n)\n  User.find(:all, :conditions => ["a = ?", n])\nend\n'
    assert "$O.$METHOD(..., conditions: $SINK, ...)" in _patterns(before, after, "taint:family", "CWE-89")


def test_an_option_that_is_another_one_now_is_found_by_its_name() -> None:
    text = _patterns('render text: "a"\n', 'render plain: "a"\n', "contrast:option", "CWE-79")
    assert "render(..., text: $VALUE, ...)" in text


def test_a_constant_of_a_library_is_kept_where_a_field_is_set_to_it() -> None:
    before = "http.verify_mode = OpenSSL::SSL::VERIFY_NONE\n"
    after = "http.verify_mode = OpenSSL::SSL::VERIFY_PEER\n"
    found = [str(one.definition) for one in propose(_fix(before, after, "CWE-295")).candidates]
    assert any("VERIFY_NONE" in one and "http" not in one.split("'patterns'")[1] for one in found)


def test_rewritings_of_a_built_text_are_made_in_all_spellings() -> None:
    change = _fix('def a(n)\n  db.execute("a #{n}")\nend\n', 'def a(n)\n  db.execute("a ?", n)\nend\n').changes[0]
    assert {one.how for one in variants(change)} >= {"by +", "by %", "by format", "names", "value in a variable"}


def test_a_command_in_backticks_is_a_sink_by_what_it_holds() -> None:
    assert NOTATIONS["ruby"].called(["`", "%x("], "$SINK, ...") == [{"pattern": "`...#{$SINK}...`"}]
