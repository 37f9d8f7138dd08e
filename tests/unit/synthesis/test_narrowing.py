"""A rule is narrowed by what a wrong place has and the right ones have not."""

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.rules.narrowing import Narrowing, Place, narrowings

CALL: JsonObject = {"id": "r", "languages": ["python"], "patterns": [{"pattern": "$O.run($X)"}]}
TAINT: JsonObject = {
    "id": "r", "languages": ["python"], "mode": "taint", "pattern-sources": [{"pattern": "ask($Q)"}],
    "pattern-sinks": [{"patterns": [{"pattern": "$O.run($X)"}, {"focus-metavariable": "$X"}]}],
}  # fmt: skip
RIGHT = Place("db.run(query)", {"$O": "db", "$X": "query"}, "def f(db, query):\n    db.run(query)\n")


def whys(spared: Place, *right: Place, rule: JsonObject = CALL) -> list[str]:
    return [one.why for one in narrowings(rule, "python", spared, right or (RIGHT,))]


def narrowed(spared: Place, why: str, rule: JsonObject = CALL) -> Narrowing:
    return next(one for one in narrowings(rule, "python", spared, (RIGHT,)) if why in one.why)


def test_a_literal_where_the_right_places_have_none_is_spared_first() -> None:
    first = narrowings(CALL, "python", Place('db.run("x")', {"$O": "db", "$X": '"x"'}), (RIGHT,))[0]
    assert first.why == "it is left alone where $X is a literal text"
    assert first.definition["patterns"] == [
        {"pattern": "$O.run($X)"},
        {"metavariable-regex": {"metavariable": "$X", "regex": "^(?!(?i:[bfru]{0,2})[\"'`])"}},
    ]


def test_a_kind_that_a_right_place_has_too_tells_nothing() -> None:
    literal = Place('db.run("y")', {"$O": "db", "$X": '"y"'})
    assert not any("literal" in why for why in whys(Place('db.run("x")', {"$O": "db", "$X": '"x"'}), literal))


def test_a_word_that_no_right_place_has_is_spared() -> None:
    assert "it is left alone where $O is `pool`" in whys(Place("pool.run(task)", {"$O": "pool", "$X": "task"}))


def test_a_word_that_a_right_place_has_is_not() -> None:
    assert not any("$O" in why for why in whys(Place("db.run(task)", {"$O": "db", "$X": "task"})))


def test_a_function_that_was_called_on_the_value_is_what_a_function_is_left_alone_for() -> None:
    code = "def g(db, name):\n    check_name(name)\n    db.run(name)\n"
    found = narrowed(Place("db.run(name)", {"$O": "db", "$X": "name"}, code), "`check_name` was called")
    assert any("check_name(...)" in str(one) and "pattern-not-inside" in one for one in found.definition["patterns"])  # type: ignore[union-attr]


def test_a_function_that_is_called_near_a_right_place_too_tells_nothing() -> None:
    code = "def g(db, name):\n    log(name)\n    db.run(name)\n"
    right = Place("db.run(query)", {"$O": "db", "$X": "query"}, "def f(db, query):\n    log(query)\n")
    assert not any("`log`" in why for why in whys(Place("db.run(name)", {"$O": "db", "$X": "name"}, code), right))


def test_a_rule_that_follows_values_takes_the_function_for_a_sanitizer() -> None:
    code = "def g(db, name):\n    name = clean(name)\n    db.run(name)\n"
    found = narrowed(Place("name", {"$O": "db", "$X": "name"}, code), "`clean`", TAINT)
    assert found.definition["pattern-sanitizers"] == [{"pattern": "clean(...)"}]


def test_a_condition_stands_in_the_parts_that_bind_its_metavariable_alone() -> None:
    found = narrowed(Place("task", {"$O": "pool", "$X": "task"}), "$O is", TAINT)
    assert found.definition["pattern-sources"] == TAINT["pattern-sources"]
    assert "pool" in str(found.definition["pattern-sinks"])


def test_the_very_code_comes_last() -> None:
    assert whys(Place("db.run(1 + 1)", {"$O": "db", "$X": "1 + 1"}))[-1] == "`db.run(1 + 1)` is left alone"


def test_nothing_tells_a_place_from_itself() -> None:
    assert whys(RIGHT) == []


def test_an_argument_that_no_right_place_is_given_is_spared_around_the_code_found() -> None:
    rule: JsonObject = {"id": "r", "languages": ["python"], "patterns": [{"pattern": "run(..., shell=True, ...)"}]}
    found = narrowings(
        rule,
        "python",
        Place("True", before="def g(c):\n    run(c, shell=True)\n    run(FIXED, shell=True)\n"),
        (Place("True", before="def g(c):\n    run(c, shell=True)\n"),),
    )
    assert {"pattern-not-inside": "run(..., FIXED, ...)"} in found[0].definition["patterns"]  # type: ignore[operator]


def test_a_literal_argument_stands_for_all_literals() -> None:
    rule: JsonObject = {"id": "r", "languages": ["python"], "patterns": [{"pattern": "run(..., shell=True, ...)"}]}
    found = narrowings(rule, "python", Place("True", before='run("ls", shell=True)\n'), (RIGHT,))
    assert {"pattern-not-inside": 'run("...", ...)'} in found[0].definition["patterns"]  # type: ignore[operator]
