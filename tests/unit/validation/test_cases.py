"""On which code a rule must prove itself."""

from rsolv_ray.model.fix import Fix
from rsolv_ray.model.rule import CaseKind, CaseSource
from rsolv_ray.validation import cases_for
from tests.unit.validation.samples import FIX


def test_the_fix_itself_fires_before_and_is_silent_after_at_the_changed_lines() -> None:
    before, after = cases_for(FIX)[:2]
    assert (before.kind, after.kind) == (CaseKind.FIRES, CaseKind.SILENT)
    assert [(line.first, line.last) for line in before.lines] == [(2, 2)]
    assert [(line.first, line.last) for line in after.lines] == [(2, 2)]


def test_an_indented_side_is_dedented() -> None:
    change = {"path": "a.py", "before": "    x = f(1)\n", "after": "    x = g(1)\n"}
    assert cases_for(Fix.model_validate({"changes": [change]}))[0].code == "x = f(1)\n"


def test_the_callers_samples_count_in_all_their_lines() -> None:
    sent = FIX.model_dump() | {
        "context": {"fires": [{"path": "m.py", "code": "f()"}], "silent": [{"path": "m.py", "code": "g()"}]}
    }
    mine = [case for case in cases_for(Fix.model_validate(sent)) if case.source is CaseSource.CALLER]
    assert [(case.kind, case.lines) for case in mine] == [(CaseKind.FIRES, ()), (CaseKind.SILENT, ())]


def test_rewritings_fire_and_look_alikes_are_silent() -> None:
    made = [case for case in cases_for(FIX) if case.source in (CaseSource.VARIANT, CaseSource.NEAR_MISS)]
    assert {(case.source, case.kind) for case in made} == {
        (CaseSource.VARIANT, CaseKind.FIRES),
        (CaseSource.NEAR_MISS, CaseKind.SILENT),
    }


def test_a_new_file_gives_no_case() -> None:
    changes = [FIX.changes[0].model_dump(), {"path": "new.py", "before": "", "after": "x = 1\n"}]
    cases = cases_for(Fix.model_validate({"changes": changes}))
    assert {case.path for case in cases} == {"shop.py"}


def test_equal_fixes_give_equal_cases() -> None:
    assert cases_for(FIX) == cases_for(Fix.model_validate(FIX.model_dump()))
