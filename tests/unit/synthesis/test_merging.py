"""Two rules are said as one, operator by operator."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.ids import RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Rule
from rsolv_ray.synthesis.rules.merging import Merger, is_near, mergers
from tests.unit.store.samples import rule

NAMES = ("set", "put", "add", "call")


def definition(*operators: JsonObject, **more: Any) -> JsonObject:
    told = {"id": "older", "languages": ["python"], "severity": "ERROR", "message": "m"}
    return {**told, "patterns": [*operators], **more}


def called(pattern: str) -> JsonObject:
    return {"pattern": pattern}


def keyword(function: str, value: str = "^True$") -> JsonObject:
    return definition(
        called(f"{function}(..., shell=$VALUE, ...)"),
        {"metavariable-regex": {"metavariable": "$VALUE", "regex": value}},
        {"focus-metavariable": "$VALUE"},
    )


def best(older: JsonObject, newer: JsonObject) -> JsonObject:
    return mergers(older, newer)[0].definition


def a_rule(name: str, body: JsonObject, **changed: Any) -> Rule:
    return rule(RuleId(name)).model_copy(update={"definition": {**body, "id": name}, **changed})


def test_functions_of_a_module_stand_side_by_side_under_the_same_conditions() -> None:
    merged = best(keyword("subprocess.run"), keyword("subprocess.call"))
    first, *rest = merged["patterns"]  # type: ignore[misc]
    assert first == {
        "pattern-either": [
            called("subprocess.run(..., shell=$VALUE, ...)"),
            called("subprocess.call(..., shell=$VALUE, ...)"),
        ]
    }
    assert rest == keyword("f")["patterns"][1:]  # type: ignore[index]


def test_a_third_joins_the_two_that_stand_there() -> None:
    both = best(definition(called("a.f(...)")), definition(called("a.g(...)")))
    assert best(both, definition(called("a.h(...)")))["patterns"] == [
        {"pattern-either": [called("a.f(...)"), called("a.g(...)"), called("a.h(...)")]}
    ]


def test_methods_become_a_metavariable_of_the_two_and_then_of_three() -> None:
    both = best(definition(called("$O.set(...)")), definition(called("$O.put(...)")))
    assert best(both, definition(called("$X.add(...)")))["patterns"] == [
        called("$O.$EITHER_1(...)"),
        {"metavariable-regex": {"metavariable": "$EITHER_1", "regex": "^(?:set|put|add)$"}},
    ]


def test_what_either_rules_out_is_ruled_out() -> None:
    older = definition(called("$O.set($A)"), {"pattern-not": "$O.set(1)"})
    newer = definition(called("$X.set($Y)"), {"pattern-not": "$X.set(2)"})
    assert best(older, newer)["patterns"] == [
        called("$O.set($A)"),
        {"pattern-not": "$O.set(1)"},
        {"pattern-not": "$O.set(2)"},
    ]


def test_conditions_that_only_one_has_are_kept_beside_its_own_pattern() -> None:
    narrow = definition(called("a.f($X)"), {"metavariable-regex": {"metavariable": "$X", "regex": "^a$"}})
    (merged,) = mergers(narrow, definition(called("a.g($X)")))
    (either,) = merged.definition["patterns"]  # type: ignore[misc]
    assert either == {"pattern-either": [{"patterns": narrow["patterns"]}, {"patterns": [called("a.g($X)")]}]}
    assert merged.is_exact


def test_one_difference_is_exact_and_two_that_cross_are_not() -> None:
    def exact(older: str, newer: str) -> list[bool]:
        return [one.is_exact for one in mergers(definition(called(older)), definition(called(newer)))]

    assert exact("$O.set(a)", "$O.put(a)")[0]
    assert not exact("$O.set(a)", "$O.put(b)")[0]
    assert exact("$O.set(a)", "$O.put(b)")[-1]


def test_the_same_template_mends_both() -> None:
    older, newer = (
        definition(called(f"hashlib.{name}($...A)"), fix="hashlib.sha256($...A)") for name in ("md5", "sha1")
    )
    assert best(older, newer)["fix"] == "hashlib.sha256($...A)"


def test_a_template_that_would_mend_what_the_other_rule_finds_keeps_them_apart() -> None:
    assert mergers(definition(called("$O.set(...)"), fix="safe()"), definition(called("$O.put(...)"))) == ()
    assert mergers(definition(called("$O.set(...)"), fix="a()"), definition(called("$O.put(...)"), fix="b()")) == ()


def test_a_template_that_stays_unfilled_elsewhere_is_kept() -> None:
    merged = best(definition(called("$O.set($OLD)"), fix="f($OLD)"), definition(called("$O.put(...)")))
    assert merged["fix"] == "f($OLD)"


def test_rules_that_follow_values_share_sources_sinks_and_sanitizers() -> None:
    def taint(sink: str, clean: str) -> JsonObject:
        return {
            "id": "x", "languages": ["python"], "mode": "taint", "pattern-sources": [called("ask()")],
            "pattern-sinks": [called(sink)], "pattern-sanitizers": [called(clean)],
        }  # fmt: skip

    (merged,) = mergers(taint("run($X)", "int(...)"), taint("send($X)", "quote(...)"))
    assert merged.is_exact
    assert merged.definition["pattern-sinks"] == [called("run($X)"), called("send($X)")]
    assert merged.definition["pattern-sanitizers"] == [called("int(...)"), called("quote(...)")]
    assert merged.definition["pattern-sources"] == [called("ask()")]


def test_rules_that_look_at_other_files_are_not_merged() -> None:
    assert mergers(definition(called("$O.set(...)"), paths={"include": ["a"]}), definition(called("$O.put(...)"))) == ()


def test_a_merged_rule_bears_the_name_of_the_older() -> None:
    newer = {**definition(called("$O.put(...)")), "id": "newer", "message": "n"}
    merged = best(definition(called("$O.set(...)")), newer)
    assert (merged["id"], merged["message"]) == ("older", "m")


@given(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6))
def test_however_many_are_merged_each_can_be_read_off(names: list[str]) -> None:
    merged = Merger(definition(called(f"$O.{names[0]}(...)")), is_exact=True)
    for name in names[1:]:
        merged = mergers(merged.definition, definition(called(f"$O.{name}(...)")))[0]
    told = str(merged.definition["patterns"])
    assert all(name in told for name in names)


def test_near_are_rules_of_one_language_and_kin_weaknesses_that_are_alike() -> None:
    older, newer = a_rule("older", keyword("subprocess.run")), a_rule("newer", keyword("subprocess.call"))
    assert is_near(older, newer)
    assert not is_near(older, newer.model_copy(update={"languages": ("go",)}))
    assert not is_near(older, newer.model_copy(update={"cwe": ("CWE-502",)}))
    assert not is_near(older, a_rule("newer", definition(called("yaml.load($X)"))))
    assert not is_near(older, older)
