"""What has to be known of an org to say how much it has learned? Counts, as its file gives them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat

from rsolv_ray.model.noun import Count, Moment, Noun

FIRST_JUDGED = 10
"""How many findings the earliest judgements are of, which later ones are compared with."""


class DayFacts(Noun):
    """What happened on one UTC day, which begins at `day`. `rules` counts rules that were accepted for the first time."""

    day: Moment
    rules: Count = 0
    patterns: Count = 0
    found: Count = 0


class Judged(Noun):
    """What people last said of findings: `right` true positives, `wrong` false ones. Ignored ones say nothing."""

    right: Count = 0
    wrong: Count = 0

    @property
    def n(self) -> int:
        return self.right + self.wrong


class LearningFacts(Noun):
    """An org's counts since its beginning.

    - `began_at`: its first event. `days`: those on which something happened, in order.
    - `fixes_ended`: fixes whose cycle has ended; of these `fixes_taught` gave a rule, and `fixes_known` gave none because
      a rule of the org found them already.
    - `rules_in_use` are in monitor or active; `quality_in_use` is the sum of their overall quality (0 to 1 each), and
      `judged_in_use` what people said of their findings.
    - `places_by_rule`: for each rule that found something, how many places, but those called false positives.
    - `findings`: all places but those called false positives or ignored; of these `findings_fixed` are fixed, and
      `findings_patched` are not fixed and have a patch that nobody has rejected or reverted.
    - `judged`: what people said of all findings; `judged_first`: of the first `FIRST_JUDGED` that they judged.
    - `patterns`: how many patterns there are of each weakness, the first of those that a fix names; "" for none.
    """

    began_at: Moment | None = None
    days: tuple[DayFacts, ...] = ()
    fixes_ended: Count = 0
    fixes_taught: Count = 0
    fixes_known: Count = 0
    rules_in_use: Count = 0
    quality_in_use: Annotated[NonNegativeFloat, Field(allow_inf_nan=False)] = 0.0
    judged_in_use: Judged = Judged()
    places_by_rule: tuple[Count, ...] = ()
    findings: Count = 0
    findings_fixed: Count = 0
    findings_patched: Count = 0
    judged: Judged = Judged()
    judged_first: Judged = Judged()
    patterns: dict[str, Count] = Field(default_factory=dict)
