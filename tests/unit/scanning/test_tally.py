"""A rule that fires too often in a scan is cut off, told, and left out of the rest."""

from __future__ import annotations

from rsolv_ray.engine.scan import FileScan
from rsolv_ray.model.finding import Finding
from rsolv_ray.model.ids import RuleId
from rsolv_ray.scanning.planning import PlanPart
from rsolv_ray.scanning.tally import Tally
from tests.unit.store.samples import RULE, finding

OTHER = RuleId("python-cwe-79-0123456789")


def part(*found: Finding) -> FileScan:
    return FileScan(found, (), files=len(found))


def some(first: int, count: int, rule: RuleId = RULE) -> list[Finding]:
    return [
        finding(number, path=f"{number}.py").model_copy(update={"rule": rule}) for number in range(first, first + count)
    ]


def test_a_part_within_the_cap_stays_as_it_is() -> None:
    tally = Tally(3)
    gave = part(*some(0, 3))
    assert tally.take(gave) is gave
    assert tally.left(PlanPart((RULE, OTHER), ())).rules == (RULE, OTHER)


def test_the_cap_holds_over_all_parts() -> None:
    tally = Tally(5)
    kept = [tally.take(part(*some(first, 3))) for first in (0, 3, 6)]
    assert [len(one.findings) for one in kept] == [3, 2, 0]


def test_what_is_beyond_the_cap_is_told_and_its_files_are_unread() -> None:
    kept = Tally(1).take(part(*some(0, 3)))
    assert kept.errors == (f"{RULE}: Too many matches: set aside: it fires more than 1 times",)
    assert kept.unread == ("1.py", "2.py")


def test_each_rule_has_its_own_cap() -> None:
    tally = Tally(2)
    kept = tally.take(part(*some(0, 3), *some(0, 2, OTHER)))
    assert [one.rule for one in kept.findings] == [RULE, RULE, OTHER, OTHER]
    assert (tally.loud, tally.left(PlanPart((RULE, OTHER), ())).rules) == ({RULE}, (OTHER,))
