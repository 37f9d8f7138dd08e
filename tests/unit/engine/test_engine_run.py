"""What does a run of the engine tell?"""

from __future__ import annotations

from pathlib import Path

import pytest

from rsolv_ray.engine.match import PARTLY_PARSED, RULE_REFUSED, TIMED_OUT, Limits, Target
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.errors import Rejected
from tests.unit.engine.samples import definition, python

ENGINE = Engine("core")


def test_a_match_names_its_rule_place_text_message_and_bindings() -> None:
    (match,) = ENGINE.run_texts([definition(fix="safe($X)")], [python("x = 1\ny = eval(a.b)\n", "app/a.py")]).matches
    assert (match.rule, match.path, match.target) == ("no-eval", "app/a.py", 0)
    assert (match.span.start_line, match.span.start_column, match.span.end_line, match.span.end_column) == (2, 5, 2, 14)
    assert (match.text, match.message, match.metavariables) == ("eval(a.b)", "eval of a.b", {"$X": "a.b"})
    assert match.rendered_fix == "safe(a.b)"


def test_offsets_and_columns_count_characters_not_bytes() -> None:
    code = "x = 'äöü€\U0001d4b3'; eval(ü)\n# €\ny = 'é'; eval(\n  'ß')\n"
    matches = ENGINE.run_texts([definition()], [python(code)]).matches
    assert [code[match.start : match.end] for match in matches] == ["eval(ü)", "eval(\n  'ß')"]
    assert [match.span.start_column for match in matches] == [14, 10]
    assert matches[1].span.end_column == 7


def test_a_binding_is_the_source_text() -> None:
    (match,) = ENGINE.run_texts([definition()], [python("eval(f( a,  'é' ))\n")]).matches
    assert match.metavariables == {"$X": "f( a,  'é' )"}


def test_a_taint_match_is_at_the_sink() -> None:
    taint = definition(
        pattern=None, mode="taint", pattern_sources=[{"pattern": "input()"}], pattern_sinks=[{"pattern": "run(...)"}]
    )
    (match,) = ENGINE.run_texts([taint], [python("q = input()\nrun(q)\n")]).matches
    assert (match.text, match.span.start_line) == ("run(q)", 2)


def test_texts_of_one_path_are_told_apart_by_index() -> None:
    run = ENGINE.run_texts([definition()], [python("f(1)\n"), python("eval(1)\n"), python("eval(2)\n")])
    assert [(match.target, match.text) for match in run.matches] == [(1, "eval(1)"), (2, "eval(2)")]


def test_a_bad_rule_is_told_and_spoils_no_other() -> None:
    bad = [definition(id="bad", pattern="foo((("), definition(id="mute", message=None)]
    run = ENGINE.run_texts([*bad, definition()], [python("eval(1)\n")])
    assert [match.rule for match in run.matches] == ["no-eval"]
    assert {(error.rule, error.kind) for error in run.errors} == {("bad", RULE_REFUSED), ("mute", RULE_REFUSED)}


def test_rules_with_one_id_are_both_run() -> None:
    run = ENGINE.run_texts([definition(), definition(pattern="f($X)")], [python("eval(1)\nf(2)\n")])
    assert [match.text for match in run.matches] == ["eval(1)", "f(2)"]


def test_an_id_that_the_engine_would_refuse_comes_back_as_it_was() -> None:
    (match,) = ENGINE.run_texts([definition(id="a b/é")], [python("eval(1)\n")]).matches
    assert match.rule == "a b/é"


def test_a_rule_without_id_is_rejected() -> None:
    with pytest.raises(Rejected, match="id"):
        ENGINE.run_texts([definition(id=None)], [python("x\n")])


def test_a_rule_for_python3_runs_on_python() -> None:
    assert len(ENGINE.run_texts([definition(languages=["python3"])], [python("eval(1)\n")]).matches) == 1


def test_a_rule_runs_on_its_own_languages_alone() -> None:
    texts = [
        SourceText("a.js", "javascript", "eval(1)\n"),
        SourceText("a.go", "golang", "package a\nvar x = eval(1)\n"),
    ]
    assert [match.target for match in ENGINE.run_texts([definition(languages=["go"])], texts).matches] == [1]


def test_an_unknown_language_is_rejected() -> None:
    with pytest.raises(Rejected, match="klingon"):
        ENGINE.run_texts([definition()], [SourceText("a", "klingon", "x")])


def test_no_rules_and_no_targets_find_nothing() -> None:
    assert ENGINE.run_texts([], [python("eval(1)\n")]).matches == ()
    assert ENGINE.run_texts([definition()], []).matches == ()


def test_what_does_not_parse_is_told_with_its_lines() -> None:
    run = ENGINE.run_texts([definition()], [python("x\n"), python("eval(1)\nx = = 3\neval(2)\n", "broken.py")])
    (error,) = run.errors
    assert (error.kind, error.target, error.path, error.lines) == (PARTLY_PARSED, 1, "broken.py", (2, 2))
    assert error.is_of_parsing
    assert len(run.matches) == 2


def test_a_rule_that_takes_too_long_on_a_file_is_told_and_the_other_files_are_scanned() -> None:
    deep = "eval(" * 20_000 + "1" + ")" * 20_000
    run = ENGINE.run_texts([definition()], [python(deep, "deep.py"), python("eval(1)\n")], Limits(rule_s=1))
    assert [(error.kind, error.rule, error.path) for error in run.errors] == [(TIMED_OUT, "no-eval", "deep.py")]
    assert [match.target for match in run.matches] == [1]


def test_undecodable_bytes_are_shown_as_such_and_do_not_stop_the_scan(tmp_path: Path) -> None:
    file = tmp_path / "latin.py"
    file.write_bytes(b"x = '\xff\xe9'; eval('\xe9')\n")
    (match,) = ENGINE.run([definition(fix="f($X)")], [Target("latin.py", file, "python")]).matches
    assert (match.text, match.message, match.rendered_fix) == ("eval('\ufffd')", "eval of '\ufffd'", "f('\ufffd')")
    assert file.read_bytes().decode("utf-8", "replace")[match.start : match.end] == match.text


@pytest.mark.parametrize("name", ["a b.py", "-rf.py", "né\U0001d4b3.py", "li\nne.py", "q'u\"o\\te.py", b"\xff\xfe.py".decode("utf-8", "surrogateescape")])  # fmt: skip
def test_odd_file_names_are_scanned(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("eval(1)\n")
    (match,) = ENGINE.run([definition()], [Target(name, file, "python")]).matches
    assert match.path == name


def test_a_file_that_vanished_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("eval(1)\n")
    run = ENGINE.run(
        [definition()], [Target("gone.py", tmp_path / "gone.py", "python"), Target("a.py", file, "python")]
    )
    assert [match.path for match in run.matches] == ["a.py"]


def test_a_large_file_is_scanned() -> None:
    code = "'''\n" + "0123456789 abcdef\n" * 290_000 + "'''\neval(1)\n"
    assert len(code) > 5_000_000
    (match,) = ENGINE.run_texts([definition()], [python(code)], Limits(rule_s=60)).matches
    assert match.span.start_line == 290_003


def test_lone_surrogates_in_rules_and_code_do_no_harm() -> None:
    (match,) = ENGINE.run_texts(
        [definition(message="a\ud800b")], [python("x = '\ud800'; eval(1)\n", "a\ud800.py")]
    ).matches
    assert (match.text, match.start) == ("eval(1)", 9)


def test_a_rule_sees_the_path_under_which_a_target_is_known() -> None:
    elsewhere = definition(paths={"include": ["src/**"]})
    run = ENGINE.run_texts([elsewhere], [python("eval(1)\n", "src/a.py"), python("eval(1)\n", "b.py")])
    assert [match.target for match in run.matches] == [0]


def test_refusals_name_the_rules_that_the_engine_does_not_take() -> None:
    nested = definition(id="nested", pattern=None, patterns=[{"pattern": "f($X)"}, {"pattern-inside": "def (("}])
    refused = ENGINE.refusals([definition(), definition(id="bad", pattern="foo((("), nested])
    assert refused.keys() == {"bad", "nested"}
    assert "foo(((" in refused["bad"]
