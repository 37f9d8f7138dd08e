"""Why might a candidate be refused?

Each gate looks at one candidate with its hits and answers with a reason in words, or with None. The first gate that a
candidate fails is the one that is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from rsolv_ray.model.ids import RuleId, digest
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Candidate, Case, CaseKind, CaseSource, Density, Rule
from rsolv_ray.validation.alignment import aligned
from rsolv_ray.validation.quality import Tally

LEAST_VARIANTS = 0.5
"""A rule that fires on a smaller share of the rewritings repeats the fixed line."""
MOST_DENSE = 0.5
"""A rule that flags a larger share of the lines of a before side finds everything."""
MOST_PER_100K_LINES = 10.0
"""A rule that fires more often on clean code costs people more than it finds: 1 in 10,000 lines is what they bear."""
LEAST_COUNTED = 5
"""So many findings are needed before a rate is believed: one in a small corpus is chance. Of an estimate the standard error
is taken off."""
_TOLD_ELSEWHERE = ("id", "message", "metadata", "severity", "fix", "fix-regex")


@dataclass(frozen=True)
class Hit:
    """A place where a candidate fires: lines counted from 1, the text found, the text that its `fix` gives, the offsets in
    characters of what that stands in place of, and the text that each metavariable is bound to."""

    first_line: int
    last_line: int
    text: str = ""
    rendered_fix: str | None = None
    start: int = 0
    end: int = 0
    metavariables: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Evidence:
    """A candidate with the hits in each case, by the case's index. `fix` is what mends, proved on the fix itself, or None."""

    candidate: Candidate
    cases: Sequence[Case]
    hits: Mapping[int, Sequence[Hit]]
    fix: JsonObject | None = None

    def counted(self, index: int) -> list[Hit]:
        """The hits in the lines of a case that count."""
        case, hits = self.cases[index], self.hits.get(index, ())
        found = [
            hit
            for hit in hits
            if not case.lines or any(line.touches(hit.first_line, hit.last_line) for line in case.lines)
        ]
        if found and (case.kind, case.source) == (CaseKind.SILENT, CaseSource.FIX):
            others = self._unfixed(index)
            found = [hit for hit in found if (hit.start, hit.end) not in others]
        return found

    def sides(self) -> list[tuple[int, int]]:
        """The indexes of the two sides of each change of the fix."""
        return list(
            zip(self.of(CaseKind.FIRES, CaseSource.FIX), self.of(CaseKind.SILENT, CaseSource.FIX), strict=False)
        )

    def _unfixed(self, fixed: int) -> set[tuple[int, int]]:
        """Where an after side still holds what the fix changed elsewhere: places that no edit touched, and where the rule fired before,
        while it fired at what was edited, too, and does so no longer."""
        own = next((index for index, other in self.sides() if other == fixed), None)
        hits = self.hits.get(own, ()) if own is not None else ()
        if own is None or not any(hit.end for hit in hits):
            return set()
        alignment = aligned(self.cases[own].code, self.cases[fixed].code)
        kept = [hit for hit in hits if alignment.equal(hit.start, hit.end)]
        places = {place for hit in kept if (place := alignment.counterpart(hit.start, hit.end)) is not None}
        return places if len(kept) < len(hits) else set()

    def right(self, index: int) -> bool:
        return bool(self.counted(index)) is (self.cases[index].kind is CaseKind.FIRES)

    @property
    def tally(self) -> Tally:
        return Tally(tuple(self.cases), tuple(self.right(index) for index in range(len(self.cases))))

    def of(self, kind: CaseKind, source: CaseSource) -> list[int]:
        return [index for index, case in enumerate(self.cases) if (case.kind, case.source) == (kind, source)]


def matches_something_named(evidence: Evidence) -> str | None:
    """Is there anything in the patterns that is neither a metavariable nor an ellipsis?"""
    if not any(_is_concrete(text) for text in _positive(evidence.candidate.definition)):
        return "the rule matches anything: no pattern names a call, a keyword or a value"
    return None


def fires_before(evidence: Evidence) -> str | None:
    own = evidence.of(CaseKind.FIRES, CaseSource.FIX)
    if any(evidence.right(index) for index in own):
        return None
    if any(evidence.hits.get(index) for index in own):
        return "it fires on the before side, but not at the changed place"
    return "it does not fire on the before side"


def is_silent_after(evidence: Evidence) -> str | None:
    for index in evidence.of(CaseKind.SILENT, CaseSource.FIX):
        if hits := evidence.counted(index):
            return f"it still fires on the fixed code: {evidence.cases[index].path}, line {hits[0].first_line}"
    return None


def is_no_flood(evidence: Evidence) -> str | None:
    for index in evidence.of(CaseKind.FIRES, CaseSource.FIX):
        lines = evidence.cases[index].code.count("\n") + 1
        flagged = {line for hit in evidence.hits.get(index, ()) for line in range(hit.first_line, hit.last_line + 1)}
        if lines >= 20 and len(flagged) / lines > MOST_DENSE:
            return f"it flags {len(flagged)} of {lines} lines of the before side"
    return None


def respects_the_caller(evidence: Evidence) -> str | None:
    for index in evidence.of(CaseKind.SILENT, CaseSource.CALLER):
        if hits := evidence.counted(index):
            return f"it fires on code that must stay silent: {evidence.cases[index].path}, line {hits[0].first_line}"
    for index in evidence.of(CaseKind.FIRES, CaseSource.CALLER):
        if not evidence.counted(index):
            return f"it is silent on code that it must flag: {evidence.cases[index].path}"
    return None


def finds_variants(evidence: Evidence) -> str | None:
    """Of the files that it finds: what several changes show need not be one thing."""
    found = {
        evidence.cases[index].path for index in evidence.of(CaseKind.FIRES, CaseSource.FIX) if evidence.right(index)
    }
    tried = [index for index in evidence.of(CaseKind.FIRES, CaseSource.VARIANT) if evidence.cases[index].path in found]
    share = sum(map(evidence.right, tried)) / len(tried) if tried else None
    if share is not None and share < LEAST_VARIANTS:
        return f"it is too special: it fires on {share:.0%} of the rewritings of the fixed code"
    return None


def spares_near_misses(evidence: Evidence) -> str | None:
    wrong = [i for i in evidence.of(CaseKind.SILENT, CaseSource.NEAR_MISS) if not evidence.right(i)]
    return f"it fires on {len(wrong)} safe look-alikes of the fixed code" if wrong else None


def is_quiet(density: Density) -> str | None:
    """The gate `clean`. It stands apart from `GATES`, since what it asks for is measured only where they are passed."""
    if density.per_100k_lines - density.margin <= MOST_PER_100K_LINES or density.findings < LEAST_COUNTED:
        return None
    return f"it is too loud: {density.words}, at most {MOST_PER_100K_LINES:g} are borne"


GATES = {
    "match-all": matches_something_named,
    "fires": fires_before,
    "silent": is_silent_after,
    "density": is_no_flood,
    "caller": respects_the_caller,
    "variants": finds_variants,
    "near-miss": spares_near_misses,
}


def normal_form(definition: JsonObject) -> str:
    """Equal for rules that match the same by their text: what is told to people is left out."""
    return digest({key: value for key, value in definition.items() if key not in _TOLD_ELSEWHERE})


def repeats(candidate: Candidate, known: Sequence[Rule]) -> RuleId | None:
    """The id of a known rule with the same definition, or None."""
    form = normal_form(candidate.definition)
    return next((rule.id for rule in known if normal_form(rule.definition) == form), None)


def _positive(value: JsonValue, key: str = "") -> Iterator[str]:
    """The texts of all patterns that find something; a regular expression on a metavariable names something, too."""
    if isinstance(value, str) and key in ("pattern", "pattern-regex", "pattern-inside", "regex"):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if "not" not in name and name != "pattern-sources":
                yield from _positive(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _positive(inner, key)


def _is_concrete(pattern: str) -> bool:
    bare = re.sub(r"\$\.{0,3}[A-Z_][A-Z_0-9]*|\.\.\.", "", pattern)
    return re.search(r"\w", bare) is not None
