"""How are rules read, checked and written?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.engine.rules.configuration import checked_rules, dump_rules, read_rules
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.model.errors import Rejected, TooLarge
from tests.unit.engine.samples import definition

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    rule = definition(metadata={"it": value})
    assert read_rules(dump_rules([rule])) == (rule,)


@pytest.mark.parametrize("text", ["a " + " " * 300 + "b", "x" * 200 + "\t" * 50 + "y", "a  " * 100, "\\x " * 90])
def test_a_long_line_with_many_blanks_is_read_back(text: str) -> None:
    rule = definition(pattern=text, metadata={text: [text]})
    assert read_rules(dump_rules([rule])) == (rule,)


def test_several_lines_are_written_as_a_block() -> None:
    assert "message: |-\n" in dump_rules([definition(message="what\nwhy\ninstead")])


def test_json_is_read_like_yaml() -> None:
    rules = [definition(), definition(id="b")]
    assert read_rules(json.dumps({"rules": rules})) == tuple(rules) == read_rules(dump_rules(rules))


def test_one_rule_alone_is_read() -> None:
    assert read_rules(json.dumps(definition())) == (definition(),)


def test_yaml_that_begins_with_a_brace_is_read() -> None:
    assert read_rules("{rules: [{id: x}]}") == ({"id": "x"},)


def test_a_date_in_yaml_is_text() -> None:
    assert read_rules("rules:\n - id: x\n   metadata: {since: 2020-01-02}\n")[0]["metadata"] == {"since": "2020-01-02"}


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "anchors and aliases"),
        ("rules:\n- &x {id: a}\n- id: b\n", "anchors and aliases"),
        ("rules: !!python/object/apply:os.system [id]", "tags are refused"),
        ("rules: [{id: !!str x}]", "tags are refused"),
        ("rules: [{id: ! x}]", "tags are refused"),
        ("rules: " + "[" * 20_000, "nested"),
        ("rules:\n" + "- " * 3_000, "nested"),
        ('{"rules": ' + "[" * 200_000, "nested"),
        ('{"rules": [{"id": "x", "metadata": ' + "[" * 60 + "]" * 60 + "}]}", "nested"),
        ('{"rules": [{"id": "x", "n": NaN}]}', "finite"),
        ('{"rules": [{"id": "x", "n": 1e999}]}', "finite"),
        ("rules: [{id: x, n: .inf}]", "finite"),
        ("rules: [{id: x}, {id: x}]", "two rules have the id 'x'"),
        ("rules: [{id: x, id: y}]", "duplicate key"),
        ('{"rules": [{"id": "x", "id": "y"}]}', "duplicate key"),
        ('{"rules": [{"id": "x", "n": 9223372036854775808}]}', "64 bits"),
        ('{"rules": [{"id": "x", "n": ' + "9" * 5000 + "}]}", "64 bits"),
        ("rules: [{id: x, n: " + "9" * 5000 + "}]", "64 bits"),
        ("rules: [{id: x, n: 0x" + "f" * 5000 + "}]", "64 bits"),
        ('{"rules": [{"id": "x\\u0000"}]}', r"control character \(U\+0000\)"),
        ('{"rules": [{"id": "x\\ud800"}]}', r"lone surrogate \(U\+D800\)"),
        ('{"rules": [{"id\\u0007": "x"}]}', r"control character \(U\+0007\)"),
        ('rules: [{id: "\\x1b[2J"}]', r"control character \(U\+001B\)"),
        ("rules: [{id: \ud800}]", "YAML"),
        ("rules: [{id: x, a: [" + "x," * 100_001 + "]}]", "more than 100000 values"),
        ('{"rules": [{"id": "x", "a": [' + "1," * 100_001 + "1]}]}", "more than 100000 values"),
        ("rules: [{1: x}]", "no text"),
        ("rules: []", "at least one rule"),
        ("rules: {}", "at least one rule"),
        ("rules: [x]", "mapping"),
        ("", "at least one rule"),
        ("\x00", "YAML"),
        ("a\n--- b\n--- c", "single document"),
        ("rules:\n\t- id: x", "YAML"),
    ],
)
def test_what_is_no_safe_configuration_is_rejected_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        read_rules(text)


def test_a_long_text_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(TooLarge):
        read_rules("[" * 2_000_000)


def test_a_checked_configuration_names_every_problem() -> None:
    with pytest.raises(Rejected, match=r"a: 'message' is missing; b: 'severity' must be"):
        checked_rules(dump_rules([definition(id="a", message=None), definition(id="b", severity="HUGE")]))


def test_a_good_rule_has_no_problems() -> None:
    taint = definition(
        pattern=None,
        mode="taint",
        pattern_sources=[{"patterns": [{"pattern": "f($X)"}, {"focus-metavariable": "$X"}], "exact": True}],
        pattern_sinks=[{"pattern-either": [{"pattern": "g(...)"}, {"patterns": [{"pattern-regex": "h"}]}]}],
        pattern_propagators=[{"pattern": "$A.add($B)", "from": "$B", "to": "$A"}],
    )
    assert problems(taint) == ()
    assert problems(definition(fix="", metadata={}, languages=["js", "typescript"], paths={"include": ["*"]})) == ()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": None}, "'id' is missing"),
        ({"id": "a b"}, "'id' must be letters"),
        ({"message": None}, "'message' is missing"),
        ({"message": "  "}, "'message' must be text"),
        ({"message": "x" * 10_001}, "'message' must be text"),
        ({"severity": ["ERROR"]}, "'severity' must be one of"),
        ({"languages": []}, "'languages' must be a list"),
        ({"languages": ["klingon"]}, "unsupported language 'klingon'"),
        ({"languages": ["generic"]}, "'generic' reads any file as text"),
        ({"languages": ["python", "Regex"]}, "'Regex' reads any file as text"),
        ({"metadata": "x"}, "'metadata' must be an object"),
        ({"mode": "join"}, "'mode' must be search or taint"),
        ({"fix": 3}, "'fix' must be text"),
        ({"pattern": None}, "one of pattern, patterns, pattern-either, pattern-regex is missing"),
        ({"pattern": " "}, "'pattern' must be text that is not blank"),
        ({"pattern": ["x"]}, "'pattern' must be text that is not blank"),
        ({"pattern_not": "x"}, "'pattern-not' does nothing beside"),
        ({"pattern_regex": "x"}, "only one of"),
        ({"patern": "x"}, "unknown key 'patern', did you mean 'pattern'?"),
        ({"mode": "taint"}, "'pattern' has no place"),
        ({"pattern_sinks": [{"pattern": "x"}]}, "'pattern-sinks' needs 'mode: taint'"),
        ({"pattern": None, "patterns": []}, "patterns must be a list"),
        ({"pattern": None, "patterns": ["x"]}, "patterns[0] must be an object with one operator"),
        ({"pattern": None, "patterns": [{"hoho": 1}]}, "unknown operator 'hoho'"),
        ({"pattern": None, "patterns": [{"pattern": "x", "pattern-not": "y"}]}, "must be an object with one operator"),
        ({"pattern": None, "pattern_either": [{"patterns": [{"pattern": ""}]}]}, "not blank"),
        ({"metadata": {"x": "y" * 70_000}}, "longer than"),
        ({"metadata": {"x": 1 << 63}}, "64 bits"),
        ({"metadata": {"x": "\0"}}, "control character"),
        ({"metadata": {"x": {1, 2}}}, "a set has no place"),
        ({"min_version": "x"}, "'min-version' must be a version"),
        ({"paths": {"exclud": ["x"]}}, "'paths' must be an object with"),
        ({"fix_regex": {"regex": "("}}, "'fix-regex': 'replacement' is missing"),
        ({"fix_regex": {"regex": "(a+)+b", "replacement": ""}}, "'(a+)+b' is refused"),
        ({"pattern": "f(" + "[" * 201}, "brackets nested more than 200 deep"),
        ({"pattern": "x" * 10_001}, "longer than 10000 characters"),
        ({"pattern": 'f("=~/(a+)+$/")'}, "'(a+)+$' is refused"),
    ],
)
def test_a_problem_is_told(change: dict[str, Any], problem: str) -> None:
    assert any(problem in told for told in problems(definition(**change))), problems(definition(**change))


def test_a_filter_beside_a_source_is_a_problem_since_the_engine_ignores_it() -> None:
    taint = definition(
        pattern=None,
        mode="taint",
        pattern_sources=[{"pattern": "f()", "pattern-not": "g()"}],
        pattern_sinks=[{"requires": "A"}],
    )
    assert problems(taint) == (
        "pattern-sinks[0]: one of pattern, patterns, pattern-either, pattern-regex is missing",
        "pattern-sources[0]: 'pattern-not' does nothing there: put it inside 'patterns'",
    )


def test_a_rule_nested_too_deep_is_told_without_recursion() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert problems({"id": "x", "metadata": deep}) == ("the rule is refused: it is nested more than 40 deep",)
    while isinstance(deep, list):
        deep = deep.pop()


def test_more_rules_than_are_run_at_once_are_refused() -> None:
    with pytest.raises(TooLarge, match="5001 rules"):
        read_rules(json.dumps({"rules": [{"id": f"r{at}"} for at in range(5001)]}))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("''", ""),
        ("0o17", 15),
        ("0x1f", 31),
        ("1e3", 1000.0),
        ("1:30", "1:30"),
        ("2020-01-02", "2020-01-02"),
        ("-7", -7),
        ("1_000", "1_000"),
        ("'1'", "1"),
        ("|\n   a\n   b", "a\nb\n"),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    assert read_rules(f"id: x\nmetadata:\n  it: {written}\n")[0]["metadata"] == {"it": meant}


def test_a_configuration_of_many_problems_names_the_first_fifty() -> None:
    with pytest.raises(Rejected) as told:
        checked_rules(json.dumps({"rules": [{"id": f"r{at}"} for at in range(4000)]}))
    assert str(told.value).count(";") == 49
