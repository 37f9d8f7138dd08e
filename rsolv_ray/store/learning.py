"""What does an org's file say of its learning? Counts, gathered in one go, for `intelligence.intelligence_of`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rsolv_ray.model.learning import FIRST_JUDGED, DayFacts, Judged, LearningFacts
from rsolv_ray.model.rule import SCANNING_STATES
from rsolv_ray.store.connection import Row, as_moment
from rsolv_ray.store.file import OrgFile
from rsolv_ray.store.queries import load

_SQL = load("learning")


class _OfRule(NamedTuple):
    """A row of `findings`: what came of one rule."""

    in_use: bool
    places: int
    to_mend: int
    fixed: int
    patched: int
    right: int
    wrong: int
    first_right: int
    first_wrong: int

    @property
    def judged(self) -> Judged:
        return Judged(right=self.right, wrong=self.wrong)

    @property
    def judged_first(self) -> Judged:
        return Judged(right=self.first_right, wrong=self.first_wrong)


class Learning(OrgFile):
    """How far an org's learning has come."""

    def learning_facts(self) -> LearningFacts:
        """All counts since the org's beginning, as they are now."""
        (began,) = self._db.row(_SQL["began"]) or (None,)
        ended, taught, known = self._db.row(_SQL["fixes"]) or (0, 0, 0)
        rules, quality = self._db.row(_SQL["in_use"], states=list(SCANNING_STATES)) or (0, 0.0)
        by_rule = [
            _OfRule(*row) for row in self._db.rows(_SQL["findings"], states=list(SCANNING_STATES), first=FIRST_JUDGED)
        ]
        return LearningFacts(
            began_at=None if began is None else as_moment(began),
            days=tuple(map(_day, self._db.rows(_SQL["days"]))),
            fixes_ended=ended,
            fixes_taught=taught,
            fixes_known=known,
            rules_in_use=rules,
            quality_in_use=quality,
            judged_in_use=_sum_of(one.judged for one in by_rule if one.in_use),
            places_by_rule=tuple(one.places for one in by_rule if one.places),
            findings=sum(one.to_mend for one in by_rule),
            findings_fixed=sum(one.fixed for one in by_rule),
            findings_patched=sum(one.patched for one in by_rule),
            judged=_sum_of(one.judged for one in by_rule),
            judged_first=_sum_of(one.judged_first for one in by_rule),
            patterns=dict(self._db.rows(_SQL["patterns"])),
        )


def _day(row: Row) -> DayFacts:
    day, rules, patterns, found = row
    return DayFacts(day=as_moment(day), rules=rules, patterns=patterns, found=found)


def _sum_of(parts: Iterable[Judged]) -> Judged:
    listed = list(parts)
    return Judged(right=sum(one.right for one in listed), wrong=sum(one.wrong for one in listed))
