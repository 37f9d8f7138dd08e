"""Which fixes have still to be tried?

A candidate's own fix is proved by what the engine filled in when the candidate ran. One that is read off the after side has to run
once more, on the sides of the fix alone. What a person sent with a fix of its own is the person's, and is not touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rsolv_ray.model.ids import CandidateId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate, Case, Proposer
from rsolv_ray.validation.gates import Evidence, Hit, fires_before, is_silent_after
from rsolv_ray.validation.mending import derived, mends, own_fix, says_nothing, without_fix

__all__ = ["Trial", "trials_of"]


@dataclass(frozen=True)
class Trial:
    """A candidate with a fix that was read off the after side: what it puts into the definition."""

    candidate: Candidate
    fix: JsonObject

    @property
    def definition(self) -> JsonObject:
        return {**without_fix(self.candidate.definition), **self.fix}

    def is_right(self, sides: Sequence[Case], hits: Mapping[int, Sequence[Hit]]) -> bool:
        """Whether the engine, filling it in, gave the after side; `hits` by the index of a side."""
        return mends(Evidence(self.candidate, sides, hits))


def trials_of(
    candidates: Sequence[Candidate],
    cases: Sequence[Case],
    hits: Mapping[CandidateId, Mapping[int, Sequence[Hit]]],
) -> tuple[dict[CandidateId, JsonObject], list[Trial]]:
    """The fixes that are proved already, by candidate, and those to be tried; none of what does not hold on the fix itself."""
    proved: dict[CandidateId, JsonObject] = {}
    trials: list[Trial] = []
    for one in candidates:
        evidence, own = Evidence(one, cases, hits.get(one.id, {})), own_fix(one.definition)
        is_persons = one.proposer is Proposer.CLIENT and own is not None
        if is_persons or is_silent_after(evidence) or fires_before(evidence):
            continue
        if own is not None and (mends(evidence) or says_nothing(evidence)):
            proved[one.id] = own
        elif (other := derived(evidence)) is not None:
            trials.append(Trial(one, other))
    return proved, trials
