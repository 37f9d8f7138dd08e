"""Which words must a file hold so that a rule can fire in it?"""

from __future__ import annotations

from pathlib import Path

import pytest

from rsolv_ray.engine.requirements.algebra import all_of, any_of
from rsolv_ray.engine.requirements.prefilter import requirements
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.requirement import EVERY_FILE, Part, Requirement, Word


def rule(name: str = "a", languages: tuple[str, ...] = ("python",), **body: object) -> JsonObject:
    return {"id": name, "languages": list(languages), "severity": "INFO", "message": "m", **body}


def required(body: JsonObject) -> Requirement:
    return requirements([body])["a"]


def words(*texts: str, ignore_case: bool = False) -> list[Requirement]:
    return [Word(text=text, ignore_case=ignore_case) for text in texts]


def test_identifiers_of_a_pattern_are_whole_words() -> None:
    assert required(rule(pattern="subprocess.run(..., shell=True)")) == all_of(words("subprocess", "run", "shell"))


def test_texts_of_a_pattern_are_not_required_since_code_may_put_them_together() -> None:
    assert required(rule(pattern="f('secret')")) == Word(text="f")


def test_one_of_several_patterns_is_enough() -> None:
    body = rule(**{"pattern-either": [{"pattern": "eval(...)"}, {"pattern": "exec(...)"}]})
    assert required(body) == any_of(words("eval", "exec"))


def test_what_must_not_be_there_is_not_required() -> None:
    assert required(rule(patterns=[{"pattern": "f(...)"}, {"pattern-not": "f(safe)"}])) == Word(text="f")


def test_taint_needs_a_source_and_a_sink() -> None:
    body = rule(
        mode="taint", **{"pattern-sources": [{"pattern": "input()"}], "pattern-sinks": [{"pattern": "run(...)"}]}
    )
    assert required(body) == all_of(words("input", "run"))


def test_a_regex_that_is_a_plain_word_may_match_inside_a_longer_one() -> None:
    assert required(rule(**{"pattern-regex": "AKIA"})) == Part(text="AKIA")


def test_a_name_that_looks_like_what_hides_a_regex_is_a_name() -> None:
    body = rule(**{"pattern-either": [{"pattern": "rsolvregex0()"}, {"pattern-regex": "AKIA"}]})
    assert required(body) == any_of([Word(text="rsolvregex0"), Part(text="AKIA")])


def test_a_regex_is_read_for_its_words() -> None:
    assert required(rule(**{"pattern-regex": r"\b(key|token)\s*="})) == any_of(words("key", "token"))


def test_a_regex_of_an_identifier_is_read_for_its_words() -> None:
    body = rule(
        patterns=[
            {"pattern": "$F(...)"},
            {"metavariable-regex": {"metavariable": "$F", "regex": "^(load|dump)_all$"}},
        ]
    )
    assert required(body) == any_of([Part(text="load_all"), Part(text="dump_all")])


def test_a_regex_of_an_argument_is_not_required_since_code_may_put_it_together() -> None:
    body = rule(patterns=[{"pattern": "f($X)"}, {"metavariable-regex": {"metavariable": "$X", "regex": "secret"}}])
    assert required(body) == Word(text="f")


def test_a_rule_of_several_languages_needs_what_one_of_them_needs() -> None:
    assert required(rule(languages=("python", "go", "js"), pattern="eval($X)")) == Word(text="eval")


@pytest.mark.parametrize(
    ("language", "pattern", "name"), [("php", "md5(...);", "md5"), ("dockerfile", "RUN ls", "RUN")]
)
def test_case_is_ignored_where_the_language_ignores_it(language: str, pattern: str, name: str) -> None:
    assert required(rule(languages=(language,), pattern=pattern)) == Word(text=name, ignore_case=True)


def test_case_is_ignored_where_the_rule_ignores_it() -> None:
    body = rule(languages=("generic",), pattern="password", options={"generic_caseless": True})
    assert required(body) == Word(text="password", ignore_case=True)


@pytest.mark.parametrize(
    "body",
    [
        rule(pattern="$X == $X"),
        rule(pattern="f((("),
        rule(languages=("klingon",), pattern="f()"),
        rule(languages=(), pattern="f()"),
        rule(**{"pattern-regex": "("}),
        {"id": "a"},
        {"id": "a", "languages": "python"},
    ],
)
def test_a_rule_of_which_nothing_is_known_lets_every_file_through(body: JsonObject) -> None:
    assert required(body) == EVERY_FILE


def test_rules_that_do_not_parse_spoil_no_other() -> None:
    good = [rule(f"good{at}", pattern=f"call_{at}(...)") for at in range(40)]
    bad = [rule(f"bad{at}", pattern="f(((") for at in range(20)]
    mixed = [each for pair in zip(good, [*bad, *bad], strict=True) for each in pair]
    found = requirements(mixed)
    assert [found[f"good{at}"] for at in range(40)] == words(*(f"call_{at}" for at in range(40)))
    assert {found[f"bad{at}"] for at in range(20)} == {EVERY_FILE}


def test_rules_of_one_id_are_both_thought_of() -> None:
    assert requirements([rule(pattern="f()"), rule(pattern="g()")]) == {"a": any_of(words("f", "g"))}


def test_no_rules_have_no_requirements() -> None:
    assert requirements([]) == {}


def test_a_rule_without_an_id_is_left_out() -> None:
    assert requirements([{"languages": ["python"], "pattern": "f()"}]) == {}


def test_a_rule_nested_without_end_lets_every_file_through() -> None:
    body: object = {"pattern": "f()"}
    for _ in range(5000):
        body = {"patterns": [body]}
    assert required(rule(patterns=[body])) == EVERY_FILE


@pytest.mark.parametrize(
    "script",
    [
        "exit 2",
        "echo not json",
        "echo '[]'",
        """echo '{"a": 1}'""",
        """echo '[{"rule_id": "q0", "filter": ["Some", ["Xor", []]]}]'""",
        """echo '[{"rule_id": "q0", "filter": ["Some", ["Or", []]]}]'""",
        """echo '[{"rule_id": "q0", "filter": ["Some", ["Pred", ["Idents", [["f"]]]]]}]'""",
        "kill -9 $$",
    ],
)
def test_an_engine_that_answers_otherwise_lets_every_file_through(tmp_path: Path, script: str) -> None:
    core = tmp_path / "semgrep-core"
    core.write_text(f"#!/bin/sh\n{script}\n")
    core.chmod(0o755)
    assert requirements([rule(pattern="f()")], core=core) == {"a": EVERY_FILE}


def test_a_missing_engine_lets_every_file_through(tmp_path: Path) -> None:
    many = [rule(f"r{at}", pattern="f()") for at in range(200)]
    assert set(requirements(many, core=tmp_path / "nowhere").values()) == {EVERY_FILE}
