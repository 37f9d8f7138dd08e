"""How much does an org know, and how fast does it learn?

`intelligence_of` is the one place where score, velocity, cards and series are computed; docs/metrics.md says the same in
words. The laws of the score: an org that did nothing has 0; no part grows by volume alone, since shares carry a doubt
(`DOUBT` imagined things that went wrong stand beside what was counted: additive smoothing) and amounts saturate; a rule
counts for at most `PLACES_A_RULE` places, so a noisy one buys little; what people call a false positive never helps.
Additive smoothing: C. D. Manning, P. Raghavan, H. Schütze, Introduction to Information Retrieval (2008), section 11.3.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from rsolv_ray.model.events import Period
from rsolv_ray.model.intelligence import Card, Intelligence, Point, Score, ScorePart, Series, Share, Velocity
from rsolv_ray.model.learning import FIRST_JUDGED, DayFacts, Judged, LearningFacts
from rsolv_ray.model.weakness import label
from rsolv_ray.periods import start_of

WEIGHTS = {"coverage": 0.30, "proof": 0.25, "mending": 0.20, "reach": 0.15, "freshness": 0.10}
DOUBT = 5
"""Imagined fixes without a rule, rules without quality, places without a patch: so 1 of 1 is no full mark."""
JUDGEMENTS_OF_CASES = 10
"""The quality of rules on their own cases weighs as much as so many findings that people have judged."""
PLACES_A_RULE = 10
HALF_OF_PLACES = 10
HALF_OF_FRESH_RULES = 3
FRESH_DAYS = 30
VELOCITY_DAYS, LEAST_VELOCITY_DAYS = 28, 7
SERIES_DAYS = 90
JUDGED_TO_COMPARE = 2 * FIRST_JUDGED

_DAY = timedelta(days=1)


def intelligence_of(facts: LearningFacts, now: datetime) -> Intelligence:
    """What the facts say at `now`, a moment in UTC. Days are UTC days; today, which is not over, is one of them."""
    return Intelligence(
        at=now,
        score=score_of(facts, now),
        cards=(_rules(facts, now), _patterns(facts, now), _found(facts, now), _false_positives(facts)),
        velocity=velocity_of(facts, now),
        learning=_series(facts, now),
        distribution=_distribution(facts),
    )


def score_of(facts: LearningFacts, now: datetime) -> Score:
    """The sum of the parts by their weights, in whole points."""
    parts = (_coverage(facts), _proof(facts), _mending(facts), _reach(facts), _freshness(facts, now))
    return Score(value=round(100 * math.fsum(part.value * part.weight for part in parts)), parts=parts)


def velocity_of(facts: LearningFacts, now: datetime) -> Velocity:
    """Over 28 days; over the org's age where it is younger, but at least over 7, lest one good hour be made a trend."""
    today = start_of(Period.DAILY, now)
    age = (today - start_of(Period.DAILY, facts.began_at)).days + 1 if facts.began_at else LEAST_VELOCITY_DAYS
    days = min(VELOCITY_DAYS, max(LEAST_VELOCITY_DAYS, age))
    begun = today - (days - 1) * _DAY
    rules = _since(facts, begun, _rules_of)
    rules_before = _since(facts, begun - days * _DAY, _rules_of) - rules
    weeks = days / 7
    return Velocity(
        per_week=rules / weeks, before=rules_before / weeks, window_days=days, rules=rules, rules_before=rules_before
    )


# The parts of the score


def _coverage(facts: LearningFacts) -> ScorePart:
    ended, taught, known = facts.fixes_ended, facts.fixes_taught, facts.fixes_known
    told = f"{taught} of {_counted(ended, 'fix', 'fixes')} taught a rule"
    if known:
        told += f", {known} more {_were(known)} found by a rule already"
    return _part(
        "coverage", "Fixes that taught", _doubted(taught + known, ended), told if ended else "no fix yet", ended
    )


def _proof(facts: LearningFacts) -> ScorePart:
    """The mean quality of the rules in use on their cases, then corrected by what people say of their findings."""
    rules, judged = facts.rules_in_use, facts.judged_in_use
    of_cases = _doubted(facts.quality_in_use, rules)
    value = (judged.right + JUDGEMENTS_OF_CASES * of_cases) / (judged.n + JUDGEMENTS_OF_CASES)
    if not rules:
        return _part("proof", "Proof of the rules", 0.0, "no rule in use", 0)
    mean = facts.quality_in_use / rules
    told = f"{_counted(rules, 'rule', 'rules')} in use, mean quality {mean:.2f} on their cases; "
    told += f"{judged.right} of {judged.n} judged findings true" if judged.n else "no finding judged yet"
    return _part("proof", "Proof of the rules", value, told, rules + judged.n)


def _mending(facts: LearningFacts) -> ScorePart:
    mended, places = facts.findings_fixed + facts.findings_patched, facts.findings
    told = (
        f"{facts.findings_fixed} of {_counted(places, 'place', 'places')} fixed, {facts.findings_patched} more with a patch"
        if places
        else "no place to mend"
    )
    return _part("mending", "Places mended", _doubted(mended, places), told, places)


def _reach(facts: LearningFacts) -> ScorePart:
    counted = sum(min(places, PLACES_A_RULE) for places in facts.places_by_rule)
    places, rules = sum(facts.places_by_rule), len(facts.places_by_rule)
    told = f"{_counted(places, 'place', 'places')} found by {_counted(rules, 'rule', 'rules')}"
    if counted < places:
        told += f", {counted} counted: at most {PLACES_A_RULE} of each rule"
    return _part(
        "reach", "Places found", _saturating(counted, HALF_OF_PLACES), told if places else "no place found", places
    )


def _freshness(facts: LearningFacts, now: datetime) -> ScorePart:
    rules = _since(facts, start_of(Period.DAILY, now) - (FRESH_DAYS - 1) * _DAY, _rules_of)
    told = f"{_counted(rules, 'rule', 'rules')} accepted in the last {FRESH_DAYS} days"
    return _part("freshness", "Learned lately", _saturating(rules, HALF_OF_FRESH_RULES), told, rules)


def _part(name: str, title: str, value: float, told: str, n: int) -> ScorePart:
    return ScorePart(name=name, title=title, value=value, weight=WEIGHTS[name], told=told, n=n)


def _doubted(good: float, of: float) -> float:
    """A share with `DOUBT` imagined misses beside what was counted. 0 of 0 is 0; it never reaches 1."""
    return good / (of + DOUBT)


def _saturating(amount: float, half: float) -> float:
    """From 0 towards 1: a half at `half`, three quarters at twice that."""
    return 1.0 - 2.0 ** (-amount / half)


# The cards


def _rules(facts: LearningFacts, now: datetime) -> Card:
    delta = _since(facts, start_of(Period.MONTHLY, now), _rules_of)
    return _count("rules", "Rules in use", facts.rules_in_use, delta, "this month")


def _patterns(facts: LearningFacts, now: datetime) -> Card:
    delta = _since(facts, start_of(Period.WEEKLY, now), _patterns_of)
    return _count("patterns", "Patterns", sum(facts.patterns.values()), delta, "this week")


def _found(facts: LearningFacts, now: datetime) -> Card:
    delta = _since(facts, start_of(Period.WEEKLY, now), _found_of)
    return _count("found_by_learning", "Found by learning", sum(day.found for day in facts.days), delta, "this week")


def _count(name: str, title: str, value: int, delta: int, window: str) -> Card:
    return Card(name=name, title=title, value=value, unit="count", delta=delta, window=window, better="more")


def _false_positives(facts: LearningFacts) -> Card:
    judged, first = facts.judged, facts.judged_first
    rate = _wrong_rate(judged)
    return Card(
        name="false_positive_rate",
        title="False positives",
        value=rate,
        unit="rate",
        delta=rate - _wrong_rate(first) if judged.n >= JUDGED_TO_COMPARE else None,
        window=f"against the first {FIRST_JUDGED} judged",
        n=judged.n,
        better="less",
    )


def _wrong_rate(judged: Judged) -> float:
    return judged.wrong / judged.n if judged.n else 0.0


# Days


def _series(facts: LearningFacts, now: datetime) -> tuple[Series, ...]:
    days = _shown_days(facts, now)
    return (
        Series(name="rules_per_day", title="Rules accepted", points=_daily(facts, days, _rules_of)),
        Series(name="patterns_per_day", title="Patterns stored", points=_daily(facts, days, _patterns_of)),
        Series(name="rules_total", title="Rules accepted in all", points=_growth(facts, days, _rules_of)),
        Series(name="patterns_total", title="Patterns stored in all", points=_growth(facts, days, _patterns_of)),
    )


def _shown_days(facts: LearningFacts, now: datetime) -> list[datetime]:
    """Every day from the first event to today, at most the last 90; none where nothing has happened."""
    if facts.began_at is None:
        return []
    today = start_of(Period.DAILY, now)
    begun = max(start_of(Period.DAILY, facts.began_at), today - (SERIES_DAYS - 1) * _DAY)
    return [begun + number * _DAY for number in range((today - begun).days + 1)]


def _daily(facts: LearningFacts, days: Sequence[datetime], counted: Callable[[DayFacts], int]) -> tuple[Point, ...]:
    happened = {day.day: counted(day) for day in facts.days}
    return tuple(Point(at=day, value=happened.get(day, 0)) for day in days)


def _growth(facts: LearningFacts, days: Sequence[datetime], counted: Callable[[DayFacts], int]) -> tuple[Point, ...]:
    total = sum(counted(day) for day in facts.days if days and day.day < days[0])
    points: list[Point] = []
    for point in _daily(facts, days, counted):
        total += int(point.value)
        points.append(Point(at=point.at, value=total))
    return tuple(points)


def _since(facts: LearningFacts, moment: datetime, counted: Callable[[DayFacts], int]) -> int:
    return sum(counted(day) for day in facts.days if day.day >= moment)


def _rules_of(day: DayFacts) -> int:
    return day.rules


def _patterns_of(day: DayFacts) -> int:
    return day.patterns


def _found_of(day: DayFacts) -> int:
    return day.found


def _distribution(facts: LearningFacts) -> tuple[Share, ...]:
    shares = [Share(name=label(cwe), count=count) for cwe, count in facts.patterns.items() if count]
    return tuple(sorted(shares, key=lambda share: (-share.count, share.name)))


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
