"""Is every operator of a rule looked at, however deep it stands?"""

from __future__ import annotations

from typing import Any

import pytest

from rsolv_ray.engine.rules.problems import problems
from tests.unit.engine.samples import definition


def patterns(*clauses: Any) -> tuple[str, ...]:
    """The problems of a rule with `f($X)` and these clauses inside its `patterns`."""
    return problems(definition(pattern=None, patterns=[{"pattern": "f($X)"}, *clauses]))


GOOD: list[dict[str, Any]] = [
    {"metavariable-regex": {"metavariable": "$X", "regex": "a+", "constant-propagation": True}},
    {"metavariable-pattern": {"metavariable": "$X", "language": "generic", "patterns": [{"pattern": "a"}]}},
    {"metavariable-pattern": {"metavariable": "$X", "pattern-regex": "a"}},
    {"metavariable-comparison": {"comparison": "int($X) > 1", "base": 16, "strip": True}},
    {"metavariable-analysis": {"metavariable": "$X", "analyzer": "entropy"}},
    {"metavariable-analysis": {"metavariable": "$X", "analyzer": {"kind": "entropy_v2", "mode": "lax"}}},
    {"metavariable-type": {"metavariable": "$X", "types": ["int", "str"]}},
    {"metavariable-name": {"metavariable": "$X", "module": "os"}},
    {"focus-metavariable": ["$X"]},
    {"pattern-inside": {"patterns": [{"pattern": "def $F(...): ..."}, {"pattern-not": "g()"}]}},
    {"pattern-not": {"pattern-either": [{"pattern": "f(1)"}, {"pattern-regex": "f(.)"}]}},
    {"pattern-not-inside": "with $A: ..."},
    {"pattern-not-regex": "x"},
    {"pattern-either": [{"pattern-inside": "g(...)"}, {"patterns": [{"pattern": "a"}, {"focus-metavariable": "$X"}]}]},
]


@pytest.mark.parametrize("clause", GOOD, ids=lambda clause: next(iter(clause)))
def test_a_well_formed_clause_has_no_problem(clause: dict[str, Any]) -> None:
    assert patterns(clause) == ()


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        ({"metavariable-regex": "a"}, "must be an object with metavariable, regex"),
        ({"metavariable-regex": {"metavariable": "$X"}}, "'regex' is missing"),
        ({"metavariable-regex": {"metavariable": "$X", "regex": 3}}, "'regex' must be text"),
        ({"metavariable-regex": {"metavariable": "$X", "regex": "a", "regexp": "b"}}, "'regexp' does nothing there"),
        ({"metavariable-regex": {"metavariable": "X", "regex": "a"}}, "must be a metavariable such as $X"),
        ({"metavariable-regex": {"metavariable": "$Y", "regex": "a"}}, "no pattern binds $Y, so this never holds"),
        ({"metavariable-regex": {"metavariable": "$X", "regex": "(a|a)*b"}}, "'(a|a)*b' is refused"),
        ({"metavariable-pattern": {"metavariable": "$X"}}, "exactly one of pattern, patterns"),
        ({"metavariable-pattern": {"metavariable": "$X", "pattern": "a", "pattern-regex": "b"}}, "exactly one of"),
        ({"metavariable-pattern": {"metavariable": "$X", "patterns": [{"pattern": " "}]}}, "not blank"),
        ({"metavariable-pattern": {"metavariable": "$X", "pattern-not": "a"}}, "'pattern-not' does nothing there"),
        ({"metavariable-comparison": {"metavariable": "$X"}}, "'comparison' is missing"),
        (
            {"metavariable-comparison": {"comparison": "$X > 1", "base": 1 << 40}},
            "'base' must be a number from 2 to 36",
        ),
        ({"metavariable-comparison": {"comparison": "re.match('(a+)+b', $X)"}}, "'(a+)+b' is refused"),
        ({"metavariable-analysis": {"metavariable": "$X", "analyzer": "x"}}, "'analyzer' must be one of entropy"),
        ({"metavariable-analysis": {"metavariable": "$X", "analyzer": ["entropy"]}}, "'analyzer' must be one of"),
        ({"metavariable-type": {"metavariable": "$X", "type": "a", "types": ["b"]}}, "exactly one of type, types"),
        ({"metavariable-name": {"metavariable": "$X"}}, "exactly one of module, modules, kind"),
        ({"focus-metavariable": []}, "must name at least one"),
        ({"focus-metavariable": ["$X", 3]}, "must be a metavariable"),
        ({"focus-metavariable": "$Y"}, "no pattern binds $Y"),
        ({"pattern-inside": [{"pattern": "x"}]}, "'pattern-inside' must be text"),
        ({"pattern-inside": {"pattern": "x", "pattern-regex": "y"}}, "or an object with one of"),
        ({"pattern-inside": {"patterns": [{"hoho": "y"}]}}, "pattern-inside': patterns[0]: unknown operator 'hoho'"),
        ({"pattern-not-regex": {"pattern": "x"}}, "'pattern-not-regex' must be text"),
        ({"pattern-not-regex": "(a*)*b"}, "'(a*)*b' is refused"),
        ({"pattern-either": [{"pattern-not": "x"}]}, "'pattern-not' has no place there"),
        ({"pattern-either": [{"focus-metavariable": "$X"}]}, "'focus-metavariable' has no place there"),
        ({"pattern-where-python": "True"}, "unknown operator 'pattern-where-python'"),
    ],
)
def test_a_flaw_in_a_clause_is_told(clause: dict[str, Any], problem: str) -> None:
    assert any(problem in told for told in patterns(clause)), patterns(clause)


def test_a_name_bound_by_a_group_of_a_regex_is_bound() -> None:
    clauses = [
        {"pattern-regex": "key=(?<KEY>[a-z]+) (.)"},
        {"metavariable-analysis": {"metavariable": "$KEY", "analyzer": "entropy"}},
        {"metavariable-regex": {"metavariable": "$1", "regex": "a"}},
    ]
    assert problems(definition(pattern=None, patterns=clauses)) == ()


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ({"exact": "yes"}, "'exact' must be true or false"),
        ({"by-side-effect": "maybe"}, "'by-side-effect' must be true, false or only"),
        ({"label": ""}, "'label' must be text"),
        ({"lable": "A"}, "'lable' does nothing there"),
    ],
)
def test_a_flaw_in_a_part_of_a_taint_rule_is_told(part: dict[str, Any], problem: str) -> None:
    rule = definition(
        pattern=None, mode="taint", pattern_sources=[{"pattern": "s()", **part}], pattern_sinks=[{"pattern": "k($X)"}]
    )
    assert any(problem in told for told in problems(rule)), problems(rule)


@pytest.mark.parametrize("change", [{"from": "$Q"}, {"to": "B"}, {"to": None}])
def test_a_propagator_names_two_metavariables_of_its_own(change: dict[str, Any]) -> None:
    whole = {"pattern": "$A.add($B)", "from": "$B", "to": "$A", **change}
    propagator = {key: value for key, value in whole.items() if value is not None}
    ends = {"pattern_sources": [{"pattern": "s()"}], "pattern_sinks": [{"pattern": "k($X)"}]}
    rule = definition(pattern=None, mode="taint", pattern_propagators=[propagator], **ends)
    assert len(problems(rule)) == 1


@pytest.mark.parametrize(
    "formula",
    [
        {"pattern": "$X"},
        {"pattern": " ...\n"},
        {"pattern": "$...ARGS"},
        {"pattern-regex": "a*|b"},
        {"patterns": [{"pattern": "$X"}, {"pattern-inside": "..."}, {"focus-metavariable": "$X"}]},
        {"pattern-either": [{"pattern": "f()"}, {"patterns": [{"pattern": "$_"}]}]},
    ],
)
def test_a_rule_that_matches_everything_is_told(formula: dict[str, Any]) -> None:
    assert any("matches everything" in told for told in problems({**definition(pattern=None), **formula}))


@pytest.mark.parametrize(
    "formula",
    [
        {"pattern": "$X == $X"},
        {"pattern": "$_GET"},
        {"pattern-regex": "^"},
        {"patterns": [{"pattern": "$X"}, {"metavariable-regex": {"metavariable": "$X", "regex": "a"}}]},
        {"patterns": [{"pattern": "$X"}, {"pattern-not": "f()"}]},
    ],
)
def test_a_rule_that_something_narrows_does_not_match_everything(formula: dict[str, Any]) -> None:
    assert problems({**definition(pattern=None), **formula}) == ()


def test_a_sink_that_is_everything_is_told() -> None:
    ends = {"pattern_sources": [{"pattern": "s()"}], "pattern_sinks": [{"pattern": "k()"}, {"pattern": "$X"}]}
    told = problems(definition(pattern=None, mode="taint", **ends))
    assert told == ("pattern-sinks[1] matches everything: let a condition stand beside its pattern, inside 'patterns'",)


def test_a_regular_expression_that_a_rule_repeats_is_looked_at_once() -> None:
    costly = r"x\w*y\d*z\w*a\s*(?:b|cd){1,9}!"
    repeated = definition(pattern=None, pattern_either=[{"pattern-regex": costly}] * 200)
    assert problems(repeated) == ()
    different = definition(pattern=None, pattern_either=[{"pattern-regex": f"{costly}{at}"} for at in range(200)])
    assert "too large to be checked" in problems(different)[-1]
