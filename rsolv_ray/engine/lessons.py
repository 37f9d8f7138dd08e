"""Can a rule be taught to spare a place, and still find what it should?

The place and those that people called right are run in the code around them, so that what the rule sees there is seen again. What could tell
them apart (`synthesis.narrowing`) is run over all cases; `validation.lessons` decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rsolv_ray.engine.match import Match
from rsolv_ray.engine.patch import source_of
from rsolv_ray.engine.proof import observe
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.fingerprints import Outline
from rsolv_ray.model.finding import Finding
from rsolv_ray.model.ids import RepositoryId
from rsolv_ray.model.languages import language_of
from rsolv_ray.model.rule import Candidate, Case, CaseKind, CaseSource, LineRange, Rule
from rsolv_ray.synthesis.rules.narrowing import Place, narrowings
from rsolv_ray.validation.gates import Evidence
from rsolv_ray.validation.lessons import MOST_LESSONS, cases_with, is_spared, narrowed_rule

__all__ = ["Taught", "case_of", "teach"]

MOST_CODE = 20_000
"""Characters of a file that is kept whole as a case; of a longer one the definition around the place is kept."""
MOST_LINES = 300


@dataclass(frozen=True, slots=True)
class Taught:
    """What a rule learned from being wrong: its next version, or None; the lesson in words either way."""

    rule: Rule | None
    lesson: str


def teach(
    engine: Engine,
    rule: Rule,
    wrong: Sequence[Finding],
    right: Sequence[Finding],
    folders: Mapping[RepositoryId, Path] | Mapping[str, Path],
    *,
    now: datetime,
) -> Taught:
    """The rule with the places of `wrong` spared, as many of them as can be, and all of `right` still found.

    Raises:
        ToolFailed: the engine crashed, or went over a limit.
    """
    by_name = {str(name): folder for name, folder in folders.items()}
    taught: list[str] = []
    best: Rule | None = None
    keep = [case for one in right if (case := case_of(one, by_name.get(one.repository), CaseKind.FIRES))]
    for finding in wrong:
        case = case_of(finding, by_name.get(finding.repository), CaseKind.SILENT)
        step = _spare(engine, best or rule, case, keep, now)
        best = step.rule or best
        taught.append(f"{finding.path}, line {finding.span.start_line}: {step.lesson}")
    if best is None:
        return Taught(None, "; ".join(taught))
    return Taught(best.model_copy(update={"version": rule.version + 1}), "; ".join(taught))


def case_of(finding: Finding, folder: Path | None, kind: CaseKind) -> Case | None:
    """A finding's place as a case, in its file as it is now; None where that is gone or cannot be read."""
    source, language = source_of(folder, finding.path) if folder else None, language_of(finding.path)
    if source is None or language is None:
        return None
    first, last, code = finding.span.start_line, finding.span.end_line, source
    if len(source) > MOST_CODE:
        around = Outline(source, language).lines_around(first, MOST_LINES)
        if around is None or last > around[1]:
            return None
        code = "".join(source.splitlines(keepends=True)[around[0] - 1 : around[1]])
        first, last = first - around[0] + 1, last - around[0] + 1
    lines = (LineRange(first=first, last=last),)
    return Case(kind=kind, path=finding.path, language=language, code=code, lines=lines, source=CaseSource.TRIAGE)


def _spare(engine: Engine, rule: Rule, case: Case | None, keep: Sequence[Case], now: datetime) -> Taught:
    if case is None:
        return Taught(None, "the code is gone, or too long to be kept")
    if sum(one.source is CaseSource.TRIAGE for one in rule.cases) >= MOST_LESSONS:
        return Taught(None, f"{MOST_LESSONS} lessons are in the rule already: look at it yourself")
    seen = _places(engine, rule, (*rule.cases, *keep, case))
    if not seen[-1]:
        return Taught(None, "the rule does not fire there any more")
    still = [one for one, places in zip(keep, seen[len(rule.cases) : -1], strict=True) if places]
    true = [place for one, places in zip((*rule.cases, *keep), seen[:-1], strict=True) if one.kind is CaseKind.FIRES for place in places]  # fmt: skip
    cases = cases_with(rule, still, [case])
    found = [one for place in seen[-1] for one in narrowings(rule.definition, case.language, place, true)]
    candidates = {Candidate(definition=one.definition).id: one for one in reversed(found)}
    observed = observe(engine, {name: one.definition for name, one in candidates.items()}, cases)
    for one in found:
        candidate = Candidate(definition=one.definition, proposer=rule.proposer, form=rule.form)
        evidence = Evidence(candidate, cases, observed.hits.get(candidate.id, {}))
        if candidate.id not in observed.refused and not observed.unparsed and is_spared(evidence):
            return Taught(narrowed_rule(rule, one.definition, cases, now), one.why)
    return Taught(None, "nothing tells it from what the rule should find")


def _places(engine: Engine, rule: Rule, cases: Sequence[Case]) -> list[list[Place]]:
    """Where the rule fires in each case, in the lines that count."""
    texts = [SourceText(case.path, case.language, case.code) for case in cases]
    places: list[list[Place]] = [[] for _ in cases]
    for match in engine.run_texts([rule.definition], texts).matches:
        case = cases[match.target]
        if not case.lines or any(lines.touches(match.span.start_line, match.span.end_line) for lines in case.lines):
            places[match.target].append(_place(match, case))
    return places


def _place(match: Match, case: Case) -> Place:
    around = Outline(case.code, case.language).lines_around(match.span.start_line, MOST_LINES)
    lines = case.code.splitlines(keepends=True)
    before = lines[(around[0] if around else 1) - 1 : match.span.end_line]
    return Place(match.text, dict(match.metavariables), "".join(before))
