"""Are several changes of one weakness judged together?"""

from __future__ import annotations

from rsolv_ray.model.rule import Accepted, Candidate, Case, CaseKind, CaseSource
from rsolv_ray.validation.gates import Evidence, Hit, finds_variants
from rsolv_ray.validation.judge import judge
from tests.unit.validation.samples import FIX, NOW, candidate

LINE = Hit(first_line=1, last_line=1)


def _case(path: str, kind: CaseKind = CaseKind.FIRES, source: CaseSource = CaseSource.FIX) -> Case:
    return Case(kind=kind, path=path, language="python", code="a\n", source=source)


CASES = (
    _case("1/a.py"),
    _case("2/a.py"),
    _case("1/a.py", source=CaseSource.VARIANT),
    _case("2/a.py", source=CaseSource.VARIANT),
    _case("1/a.py", CaseKind.SILENT),
)


def test_the_rewritings_of_a_change_that_a_rule_does_not_find_do_not_count() -> None:
    assert finds_variants(Evidence(candidate(), CASES, {0: [LINE], 2: [LINE]})) is None


def test_the_rewritings_of_a_change_that_a_rule_finds_count() -> None:
    assert finds_variants(Evidence(candidate(), CASES, {0: [LINE], 3: [LINE]})) is not None


def _accepted(*found: tuple[Candidate, set[int]]) -> list[str]:
    candidates = [one for one, _ in found]
    hits = {one.id: {index: [LINE] for index in at} for one, at in found}
    verdicts = judge(candidates, CASES, hits, refused={}, fix=FIX, now=NOW)
    return [str(one.rule.definition["patterns"]) for one in verdicts if isinstance(one, Accepted)]


def test_what_finds_all_bad_sides_comes_before_what_finds_one_and_ranks_a_little_better() -> None:
    special, general = candidate("f(1)", rank=10), candidate("f(...)", rank=14)
    assert _accepted((special, {0, 2}), (general, {0, 1, 2, 3})) == ["[{'pattern': 'f(...)'}]"]
