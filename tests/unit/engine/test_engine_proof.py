"""Are candidates judged on what the engine really saw?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rsolv_ray.engine.proof import learn, prove, validate
from rsolv_ray.engine.semgrep import Engine, Limits
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.rule import (
    Accepted,
    Candidate,
    Case,
    CaseKind,
    CaseSource,
    Density,
    LineRange,
    Refused,
    Rule,
    Verdict,
)
from tests.unit.engine.samples import NOW, definition, fake_core, rule

ENGINE = Engine("core")
FIX = Fix(changes=(FileChange(path="a.py", before="x = 1\neval(y)\n", after="x = 1\nsafe(y)\n"),), cwe=("CWE-95",))
FIRES = Case(
    kind=CaseKind.FIRES, path="a.py", language="python", code="x = 1\neval(y)\n", lines=(LineRange(first=2, last=2),)
)
SILENT = Case(
    kind=CaseKind.SILENT, path="a.py", language="python", code="x = 1\nsafe(y)\n", lines=(LineRange(first=2, last=2),)
)
SLOW = Case(
    kind=CaseKind.SILENT, path="slow.py", language="python", code="eval(" * 20_000 + "1" + ")" * 20_000, source=CaseSource.CALLER
)  # fmt: skip


def proven(
    *definitions: dict[str, Any], cases: tuple[Case, ...] = (FIRES, SILENT), engine: Engine = ENGINE
) -> tuple[Verdict, ...]:
    candidates = [Candidate(definition=one) for one in definitions]
    return prove(engine, candidates, cases, fix=FIX, now=NOW)


def refusal(verdict: Verdict) -> tuple[str, str]:
    assert isinstance(verdict, Refused)
    return verdict.gate, verdict.reason


def test_a_candidate_that_fires_before_and_is_silent_after_is_accepted() -> None:
    (verdict,) = proven(definition())
    assert isinstance(verdict, Accepted)
    assert verdict.rule.id == "no-eval"


def test_what_is_wrong_with_one_candidate_touches_no_other() -> None:
    odd = definition(pattern="eval((")
    without = definition(id="w", message=None, pattern="eval($Z)")
    everywhere = definition(id="e", pattern="$F(y)")
    verdicts = proven(odd, without, everywhere, definition())
    assert refusal(verdicts[0])[0] == "engine"
    assert refusal(verdicts[1]) == ("engine", "'message' is missing")
    assert refusal(verdicts[2])[0] != "engine"
    assert isinstance(verdicts[3], Accepted)


def test_a_candidate_that_runs_out_of_time_is_refused() -> None:
    engine = Engine("core", Limits(rule_s=1))
    slow, quick = definition(), definition(id="quick", pattern="$X = 1\n...\neval(y)\n", languages=["python"])
    verdicts = proven(slow, quick, cases=(FIRES, SILENT, SLOW), engine=engine)
    assert refusal(verdicts[0]) == ("engine", "it ran out of time on slow.py")


def test_silence_on_a_fixed_side_that_does_not_parse_is_no_proof() -> None:
    broken = SILENT.model_copy(update={"code": "x = 1\neval = = safe(y)\n"})
    (verdict,) = proven(definition(), cases=(FIRES, broken))
    assert refusal(verdict) == ("engine", "the engine cannot parse a.py, line 2")


def test_a_gap_elsewhere_in_the_fixed_side_does_no_harm() -> None:
    broken = SILENT.model_copy(update={"code": "x = 1\nsafe(y)\neval = = 1\n"})
    (verdict,) = proven(definition(), cases=(FIRES, broken))
    assert isinstance(verdict, Accepted)


def test_a_generated_case_that_does_not_parse_is_left_out() -> None:
    near = Case(kind=CaseKind.SILENT, path="n.py", language="python", code="eval = = 1\n", source=CaseSource.NEAR_MISS)
    (verdict,) = proven(definition(), cases=(near, FIRES, SILENT))
    assert isinstance(verdict, Accepted)
    assert verdict.rule.cases == (FIRES, SILENT)


def test_a_candidate_that_breaks_the_engine_is_found_and_refused_alone(tmp_path: Path) -> None:
    """The stand-in crashes on any rule that says `boom`, and is the real engine otherwise."""
    real = ENGINE._core
    core = fake_core(tmp_path, f'grep -q boom "$2" && kill -SEGV $$; exec {real} "$@"')
    verdicts = proven(definition(id="b", pattern="boom($X)"), definition(), engine=Engine("core", core=core))
    gate, reason = refusal(verdicts[0])
    assert gate == "engine"
    assert "status -11" in reason
    assert isinstance(verdicts[1], Accepted)


def test_an_engine_that_works_for_no_candidate_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="status 7"):
        proven(
            definition(), definition(id="b", pattern="f($X)"), engine=Engine("core", core=fake_core(tmp_path, "exit 7"))
        )


def test_a_fix_teaches_a_rule() -> None:
    before = "def f(db, name):\n    db.execute(\"SELECT * FROM t WHERE n = '%s'\" % name)\n"
    after = 'def f(db, name):\n    db.execute("SELECT * FROM t WHERE n = ?", (name,))\n'
    learned = learn(
        ENGINE, Fix(changes=(FileChange(path="a.py", before=before, after=after),), cwe=("CWE-89",)), now=NOW
    )
    assert learned.reason is None
    assert learned.rules
    assert len(learned.verdicts) == len(learned.candidates)
    assert ENGINE.refusals([rule.definition for rule in learned.rules]) == {}


BUILT = FileChange(
    path="a.py",
    before='def f(db, x):\n    db.execute("SELECT a FROM t WHERE b = %s" % x)\n',
    after='def f(db, x):\n    db.execute("SELECT a FROM t WHERE b = %s", (x,))\n',
    language="python",
)


def known_rule(**changes: Any) -> Rule:
    one = rule(**changes)
    languages = one.definition["languages"]
    assert isinstance(languages, list)
    return one.model_copy(update={"languages": tuple(languages)})


def test_a_fix_that_a_known_rule_finds_teaches_no_second_rule() -> None:
    known = known_rule(id="known-one", pattern='$DB.execute("..." % $X)')
    learned = learn(ENGINE, Fix(changes=(BUILT,), cwe=("CWE-89",)), now=NOW, known=[known])
    assert (learned.rules, learned.reason) == ((), "the known rule known-one already finds this")
    assert "known-one" in {one.known_rule for one in learned.verdicts if isinstance(one, Refused)}


@pytest.mark.parametrize(
    "changes",
    [
        {"pattern": "db.execute(...)"},
        {"pattern": "db.commit(...)"},
        {"languages": ["ruby"]},
        {"pattern": "eval(("},
    ],
)
def test_a_known_rule_that_does_not_tell_before_from_after_hinders_nothing(changes: dict[str, Any]) -> None:
    assert learn(ENGINE, Fix(changes=(BUILT,), cwe=("CWE-89",)), now=NOW, known=[known_rule(**changes)]).rules


def test_a_fix_that_teaches_nothing_says_why() -> None:
    fix = Fix(changes=(FileChange(path="a.py", before="x = 1\n", after="x = 1\ny = 2\n"),))
    learned = learn(ENGINE, fix, now=NOW)
    assert (learned.rules, learned.candidates) == ((), ())
    assert learned.reason


def test_a_validation_counts_what_the_rule_does_on_each_case() -> None:
    report = validate(ENGINE, definition(), [FIRES, SILENT, FIRES.model_copy(update={"code": "f(y)\n"})])
    assert (report.valid, report.problems) == (True, ())
    assert [(result.passed, result.lines) for result in report.cases] == [(True, (2,)), (True, ()), (False, ())]
    assert report.quality is not None
    assert (report.quality.tp, report.quality.fn, report.quality.tn, report.quality.fp) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("bad", "missing"), [(definition(message=None), ("message",)), (definition(pattern="eval(("), ())]
)
def test_a_rule_that_is_not_valid_is_not_run(bad: dict[str, Any], missing: tuple[str, ...]) -> None:
    report = validate(ENGINE, bad, [FIRES])
    assert (report.valid, report.quality, report.cases, report.missing_fields) == (False, None, (), missing)
    assert len(report.problems) == 1


def test_a_validation_without_cases_checks_the_rule_alone() -> None:
    report = validate(ENGINE, definition(), [])
    assert (report.valid, report.quality) == (True, None)


def test_a_silent_case_that_does_not_parse_is_not_passed() -> None:
    broken = Case(kind=CaseKind.SILENT, path="a.py", language="python", code="eval = = 1\n")
    report = validate(ENGINE, definition(), [broken])
    assert report.cases[0].passed is False
    assert "the engine cannot parse a.py, line 1" in report.recommendations


LOUD = Density(findings=404, lines=4_000_000, per_100k_lines=10.1)


def test_a_candidate_that_is_loud_on_clean_code_is_refused() -> None:
    asked: list[list[Any]] = []

    def densities(_: Engine, rules: Sequence[dict[str, Any]]) -> dict[str, Density | None]:
        asked.append([rule["id"] for rule in rules])
        return {str(rule["id"]): LOUD for rule in rules}

    silent, loud = (Candidate(definition=definition(id=name, pattern=f"{name}($X)")) for name in ("other", "eval"))
    verdicts = prove(ENGINE, [silent, loud], (FIRES, SILENT), fix=FIX, now=NOW, densities=densities)
    assert [refusal(verdict)[0] for verdict in verdicts] == ["fires", "clean"]
    assert asked == [[loud.id]]


def test_any_rule_is_told_how_loud_it_is_on_clean_code() -> None:
    report = validate(ENGINE, definition(), (), lambda _, rules: {str(rules[0]["id"]): LOUD})
    assert report.density == LOUD


def test_a_rule_that_is_not_valid_is_not_tried_on_clean_code() -> None:
    report = validate(ENGINE, definition(pattern="eval(("), (), lambda _, rules: {str(rules[0]["id"]): LOUD})
    assert report.density is None


def test_a_rule_that_a_reader_takes_is_not_run_without_cases(tmp_path: Path) -> None:
    broken = Engine("core", core=fake_core(tmp_path, "exit 7"))
    assert validate(broken, definition(), (), refusals=lambda _: {}).valid


def test_a_rule_that_a_reader_refuses_is_not_run(tmp_path: Path) -> None:
    broken = Engine("core", core=fake_core(tmp_path, "exit 7"))
    report = validate(broken, definition(), [FIRES], refusals=lambda rules: {str(rules[0]["id"]): "odd"})
    assert (report.valid, report.problems, report.cases) == (False, ("odd",), ())
