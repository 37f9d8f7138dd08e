"""Which rules are still to be run on which files?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rsolv_ray.engine.match import Limits
from rsolv_ray.model.requirement import AllOf, Word
from rsolv_ray.repos.corpus import Corpus
from rsolv_ray.scanning.planning import PlanPart, plan
from rsolv_ray.scanning.results import ResultCache
from rsolv_ray.scanning.running import run_part
from tests.unit.engine.samples import rule
from tests.unit.scanning.samples import ENGINE, Place, settle

EVAL, EXEC = rule(), rule(id="no-exec", pattern="exec($X)", message="exec")


def shape(parts: tuple[PlanPart, ...]) -> list[tuple[tuple[str, ...], list[str]]]:
    return [(part.rules, [file.path for file in part.files]) for part in parts]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def run(place: Place, *rules: object) -> None:
    place.scan(*rules)  # type: ignore[arg-type]


def test_new_files_meet_all_rules_and_old_ones_only_the_new(place: Place) -> None:
    for number in range(30):
        place.put(f"old{number:02}.py", f"eval(x{number})\nexec(x{number})\n")
    settle()
    run(place, EVAL)
    for number in range(30):
        place.put(f"new{number:02}.py", f"eval(y{number})\nexec(y{number})\n")
    old, new = sorted(shape(place.plan(EVAL, EXEC).parts), key=lambda part: part[0])[::-1]
    assert (old[0], old[1][0], len(old[1])) == (("no-exec",), "old00.py", 30)
    assert (new[0], new[1][0], len(new[1])) == (("no-eval", "no-exec"), "new00.py", 30)


def test_few_files_share_a_run_and_their_known_answers_are_not_told_twice(place: Place) -> None:
    place.write(old="eval(x)\nexec(x)\n")
    settle()
    run(place, EVAL)
    place.write(new="eval(y)\nexec(y)\n")
    planned = place.plan(EVAL, EXEC)
    assert shape(planned.parts) == [(("no-eval", "no-exec"), ["new.py", "old.py"])]
    assert planned.known.findings == ()


def test_a_file_whose_words_allow_no_rule_is_ruled_out(place: Place) -> None:
    place.write(a="eval(x)\n", b="f(x)\n")
    corpus = Corpus.open(place.base / "index")
    corpus.refresh(place.root)
    needed = {"no-eval": AllOf(of=(Word(text="eval"),))}
    planned = plan([EVAL], place.repository, corpus, ResultCache(None), needed, engine_version="e")
    assert shape(planned.parts) == [(("no-eval",), ["a.py"])]
    assert (planned.files, planned.ruled_out, planned.recalled, planned.known.files) == (2, 1, 0, 1)


def test_a_rule_is_run_in_its_own_languages_alone(place: Place) -> None:
    place.put("a.go", "package a\n\nfunc f() { eval(1) }\n")
    place.write(b="eval(x)\n")
    in_go = rule(id="go", languages=["golang"])
    assert shape(place.plan(in_go).parts) == [(("go",), ["a.go"])]
    assert place.plan(in_go).files == 1


def test_files_that_lack_the_same_rule_for_different_reasons_share_their_parts(place: Place) -> None:
    for number in range(60):
        place.put(f"f{number:02}.py", "eval(x)\nexec(x)\n" if number < 30 else "g(x)\nexec(x)\n")
    settle()
    run(place, EVAL)
    assert [(part.rules, len(part.files)) for part in place.plan(EVAL, EXEC).parts] == [(("no-exec",), 60)]


def test_a_renamed_file_is_known_and_told_under_its_new_name(place: Place) -> None:
    place.write(a="eval(x)\n")
    settle()
    run(place, EVAL)
    (place.root / "a.py").rename(place.root / "b.py")
    planned = place.plan(EVAL)
    assert planned.parts == ()
    assert [finding.path for finding in planned.known.findings] == ["b.py"]


def test_a_rule_with_paths_is_asked_again_where_a_file_was_renamed(place: Place) -> None:
    place.write(a="eval(x)\n")
    settle()
    only_a = rule(paths={"include": ["a.py"]})
    run(place, only_a)
    assert place.plan(only_a).parts == ()
    (place.root / "a.py").rename(place.root / "b.py")
    assert shape(place.plan(only_a).parts) == [(("no-eval",), ["b.py"])]


def test_a_rule_with_another_name_and_weight_is_known_under_that_name(place: Place) -> None:
    place.write(a="eval(x)\n")
    settle()
    run(place, EVAL)
    (found,) = place.plan(rule(id="renamed", severity="INFO")).known.findings
    assert found.rule == "renamed"


def test_another_engine_knows_nothing(place: Place) -> None:
    place.write(a="eval(x)\n")
    settle()
    run(place, EVAL)
    corpus = Corpus.open(place.base / "index")
    with ResultCache(place.cache_file) as cache:
        assert len(plan([EVAL], place.repository, corpus, cache, {}, engine_version="semgrep 9").parts) == 1


def test_a_part_of_a_plan_can_be_run_by_itself(place: Place) -> None:
    place.write(a="eval(x)\n", b="eval(y)\n")
    settle()
    (whole,) = place.plan(EVAL, EXEC).parts
    second = replace(whole, files=whole.files[1:])
    with ResultCache(place.cache_file) as cache:
        part = run_part(ENGINE, [EXEC, EVAL], place.repository, place.root, second, cache, limits=Limits())
    assert [(finding.path, finding.rule) for finding in part.findings] == [("b.py", "no-eval")]
    assert shape(place.plan(EVAL, EXEC).parts) == [(whole.rules, ["a.py"])]
