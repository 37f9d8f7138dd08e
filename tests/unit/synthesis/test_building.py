"""Strings that are put together from parts."""

import pytest

from rsolv_ray.synthesis.code.building import built_values, is_built, operands
from rsolv_ray.synthesis.code.calls import calls_in
from rsolv_ray.synthesis.code.syntax import Node, parse


def _value(expression: str) -> Node:
    assignment = next(node for node in parse(f"x = {expression}\n", "python").root.walk() if node.kind == "assignment")
    value = assignment.field("right")
    assert value is not None
    return value


@pytest.mark.parametrize(
    "expression", ['"a %s" % b', '"a {}".format(b)', 'f"a {b}"', '"a" + b', 'b + "a"', '("a %s" % b)', '"a" + b + "c"']
)
def test_every_spelling_of_building_is_known(expression: str) -> None:
    assert is_built(_value(expression))


@pytest.mark.parametrize(
    "expression",
    ['"a"', '"a" "b"', 'f"a"', '"a" + "b"', "a + b", "a % b", '"a".upper()', '"a {}".format("b")', '"a %s" % "b"'],
)
def test_what_holds_literals_alone_is_not_built(expression: str) -> None:
    assert not is_built(_value(expression))


def _built(code: str, callee: str) -> list[str]:
    call = next(call for call in calls_in([parse(code, "python").root]) if call.name == callee)
    return [node.text for node in built_values(call.positional[0])]


def test_a_value_is_followed_through_the_variable_it_is_in() -> None:
    assert _built('def f(a):\n    q = "x %s" % a\n    run(q)\n', "run") == ['"x %s" % a']


def test_a_string_that_grows_is_built() -> None:
    assert _built('def f(a):\n    q = "x"\n    q += a\n    run(q)\n', "run") == ["q += a"]


def test_a_format_kept_in_a_variable_is_text() -> None:
    assert _built('def f(a):\n    q = "x %s"\n    run(q % a)\n', "run") == ["q % a"]


def test_a_variable_of_another_function_is_not_followed() -> None:
    assert _built('def g(a):\n    q = "x %s" % a\ndef f(q):\n    run(q)\n', "run") == []


def test_a_name_given_itself_ends() -> None:
    assert _built("def f(a):\n    q = q\n    run(q)\n", "run") == []


@pytest.mark.parametrize(
    "expression", ['"a %s %s" % (b, c.d)', '"a {} {x}".format(b, x=c.d)', 'f"a {b} {c.d}"', '"a" + b + "-" + c.d']
)
def test_the_values_put_in_are_told_in_every_spelling(expression: str) -> None:
    assert {node.text for node in operands(_value(expression))} == {"b", "c.d"}
