"""Calls, and what became of them."""

from rsolv_ray.synthesis.code.calls import Call, calls_in, changed_calls, wrappings
from rsolv_ray.synthesis.code.names import full_name
from rsolv_ray.synthesis.code.syntax import parse


def _call(code: str) -> Call:
    return calls_in([parse(code, "python").root])[0]


def test_positional_arguments_and_keywords_are_told_apart() -> None:
    call = _call("run(a, b, shell=True)\n")
    assert [node.text for node in call.positional] == ["a", "b"]
    assert {name: node.text for name, node in call.keywords.items()} == {"shell": "True"}


def test_calls_with_the_same_callee_are_paired() -> None:
    before, after = parse("run(a)\nother(b)\n", "python"), parse("run(a, 1)\nthird(b)\n", "python")
    changes = changed_calls([before.root], [after.root])
    pairs = [(one.before and one.before.callee, one.after and one.after.callee) for one in changes]
    assert pairs == [("run", "run"), ("other", None), (None, "third")]


def test_an_unchanged_call_is_no_change() -> None:
    assert changed_calls([parse("run(a)\n", "python").root], [parse("x = run(a)\n", "python").root]) == []


def test_a_value_passed_through_a_new_call_is_wrapped() -> None:
    before, after = parse("show(name)\n", "python"), parse("show(escape(name))\n", "python")
    found = wrappings([before.root], [after.root])
    assert [(one.wrapper.callee, one.value.text) for one in found] == [("escape", "name")]


def test_a_check_that_stands_alone_wraps_nothing() -> None:
    before, after = parse("show(name)\n", "python"), parse("verify(name)\nshow(name)\n", "python")
    assert wrappings([before.root], [after.root]) == []


def test_a_method_is_called_on_any_receiver() -> None:
    tree = parse("self.db.fetch(a)\n", "python")
    assert full_name(calls_in([tree.root])[0], tree) == "$O.fetch"


def test_a_function_of_a_module_has_its_full_name_through_an_alias() -> None:
    tree = parse("import subprocess as sp\nsp.call(a)\n", "python")
    assert full_name(calls_in([tree.root])[0], tree) == "subprocess.call"


def test_an_imported_function_has_its_full_name() -> None:
    tree = parse("from shop.tools import render as draw\ndraw(a)\n", "python")
    assert full_name(calls_in([tree.root])[0], tree) == "shop.tools.render"


def test_a_computed_value_that_is_called_has_no_name() -> None:
    tree = parse("table[key](a)\n", "python")
    assert full_name(calls_in([tree.root])[0], tree) is None
