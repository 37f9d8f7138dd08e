"""Does a candidate hold what it promises?

Every candidate runs over every case in one go of the engine; `validation.judge` decides. Silence is evidence only where
the engine understood the code and had the time to look: a candidate that ran out of time is refused, and a silent case
that did not parse proves nothing. Should the engine itself break, each candidate is run alone to find the guilty one.
The rules that are known already run over the fix's own cases, apart from the candidates, so that none of them can spoil a
proof.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rsolv_ray.engine.match import RULE_REFUSED, TIMED_OUT, EngineError, Limits, Match
from rsolv_ray.engine.rules.problems import problems
from rsolv_ray.engine.semgrep import Engine, SourceText
from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CandidateId, RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.report import CaseResult, ValidationReport
from rsolv_ray.model.rule import Accepted, Candidate, Case, CaseKind, CaseSource, Density, Rule, Verdict
from rsolv_ray.synthesis import propose
from rsolv_ray.validation.cases import cases_for
from rsolv_ray.validation.gates import Evidence, Hit
from rsolv_ray.validation.judge import judge
from rsolv_ray.validation.quality import missing_fields, quality, recommendations, structure_score
from rsolv_ray.validation.trials import trials_of

__all__ = [
    "DensitiesIn",
    "Learned",
    "Observed",
    "Refusals",
    "densities_of",
    "learn",
    "nowhere",
    "observe",
    "prove",
    "validate",
]

DensitiesIn = Callable[[Engine, Sequence[JsonObject]], Mapping[str, Density | None]]
"""How often rules fire on the clean code of their languages, by their ids; None where that is not known."""
Refusals = Callable[[Sequence[JsonObject]], Mapping[str, str]]
"""Why the engine's own reader refuses rules, by their ids."""


def nowhere(_engine: Engine, _rules: Sequence[JsonObject]) -> Mapping[str, Density | None]:
    """There is no clean code to try rules on: nothing is known."""
    return {}


# A candidate that is run alone, after the engine broke on all of them together, may take so long.
_ALONE_S = 10.0
MOST_KNOWN = 200
"""So many known rules, the newest, are asked whether they find the fix already."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a fix taught. `reason` says why no candidate was accepted, or is None."""

    candidates: tuple[Candidate, ...]
    verdicts: tuple[Verdict, ...]
    reason: str | None

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(verdict.rule for verdict in self.verdicts if isinstance(verdict, Accepted))


@dataclass(frozen=True, slots=True)
class Observed:
    """What the engine saw: hits by candidate and case, why candidates fell, and which cases it could not parse."""

    hits: dict[str, dict[int, list[Hit]]] = field(default_factory=dict[str, dict[int, list[Hit]]])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    unparsed: dict[int, str] = field(default_factory=dict[int, str])

    def add(self, other: Observed) -> None:
        self.hits.update(other.hits)
        self.refused.update(other.refused)
        self.unparsed.update(other.unparsed)


def learn(
    engine: Engine,
    fix: Fix,
    *,
    now: datetime,
    known: Sequence[Rule] = (),
    densities: DensitiesIn = nowhere,
    more: Sequence[Candidate] = (),
) -> Learned:
    """The rules that a fix teaches, judged; `more`: candidates of other proposers, which compete with those made here.

    Raises:
        ToolFailed: the engine works for no candidate at all.
    """
    proposals = propose(fix).with_more(more)
    if not proposals.candidates:
        return Learned(candidates=(), verdicts=(), reason=proposals.reason)
    cases = cases_for(fix)
    verdicts = prove(engine, proposals.candidates, cases, fix=fix, now=now, known=known, densities=densities)
    return Learned(candidates=proposals.candidates, verdicts=verdicts, reason=_why_none(verdicts))


def prove(
    engine: Engine,
    candidates: Sequence[Candidate],
    cases: Sequence[Case],
    *,
    fix: Fix,
    now: datetime,
    known: Sequence[Rule] = (),
    densities: DensitiesIn = nowhere,
) -> tuple[Verdict, ...]:
    """One verdict for each candidate, in the order given. Generated cases that the engine cannot parse are left out."""
    seen = observe(engine, {candidate.id: candidate.definition for candidate in candidates}, cases)
    kept = [index for index, case in enumerate(cases) if index not in seen.unparsed or not _is_generated(case)]
    blind = next((reason for index, reason in seen.unparsed.items() if not _is_generated(cases[index])), None)
    refused = {candidate.id: seen.refused.get(candidate.id, blind) for candidate in candidates}
    judged = [cases[index] for index in kept]
    hits = {CandidateId(name): _renumbered(found, kept) for name, found in seen.hits.items()}
    return judge(
        candidates,
        judged,
        hits,
        refused={name: reason for name, reason in refused.items() if reason is not None},
        fix=fix,
        now=now,
        known=known,
        covered=_covered(engine, judged, known),
        densities=lambda some: densities_of(engine, some, densities),
        mending=_mending(
            engine, [one for one in candidates if one.id not in refused or refused[one.id] is None], judged, hits
        ),
    )


def _mending(
    engine: Engine,
    candidates: Sequence[Candidate],
    cases: Sequence[Case],
    hits: Mapping[CandidateId, Mapping[int, Sequence[Hit]]],
) -> dict[CandidateId, JsonObject]:
    """What mends, by candidate; fixes that are read off the after side are tried in one more run of the engine."""
    mended, trials = trials_of(candidates, cases, hits)
    tried = {one.candidate.id: one for one in trials if not problems(one.definition)}
    if not tried:
        return mended
    sides = [case for case in cases if case.source is CaseSource.FIX]
    try:
        seen = _seen_together(engine, {name: one.definition for name, one in tried.items()}, sides, None)
    except ToolFailed:
        return mended  # without a fix a rule is worth what it was
    return mended | {name: one.fix for name, one in tried.items() if one.is_right(sides, seen.hits.get(name, {}))}


def densities_of(
    engine: Engine, candidates: Sequence[Candidate], ask: DensitiesIn
) -> dict[CandidateId, Density | None]:
    rules: list[JsonObject] = [{**candidate.definition, "id": candidate.id} for candidate in candidates]
    return {CandidateId(name): density for name, density in ask(engine, rules).items()}


def _covered(engine: Engine, cases: Sequence[Case], known: Sequence[Rule]) -> dict[int, RuleId]:
    """Index of a before side -> the first known rule that fires where it changed and is silent on all after sides."""
    own = [index for index, case in enumerate(cases) if case.source is CaseSource.FIX]
    languages = {cases[index].language for index in own}
    asked = [rule for rule in known if languages & set(rule.languages)][-MOST_KNOWN:]
    if not asked or not own:
        return {}
    sides = [cases[index] for index in own]
    try:
        seen = _seen_together(engine, {rule.id: rule.definition for rule in asked}, sides, None)
    except ToolFailed:
        return {}  # the worst that comes of it is a second rule for the same, while a proof need not fail for an old rule
    found: dict[int, RuleId] = {}
    for rule in asked:
        evidence = Evidence(Candidate(definition=rule.definition), sides, seen.hits.get(rule.id, {}))
        silent = evidence.of(CaseKind.SILENT, CaseSource.FIX)
        if all(evidence.right(index) and index not in seen.unparsed for index in silent):
            for index in evidence.of(CaseKind.FIRES, CaseSource.FIX):
                if evidence.right(index):
                    found.setdefault(own[index], rule.id)
    return found


def validate(
    engine: Engine,
    definition: JsonObject,
    cases: Sequence[Case],
    densities: DensitiesIn = nowhere,
    *,
    refusals: Refusals | None = None,
) -> ValidationReport:
    """How any rule does on any cases, and on clean code of its languages. Raises `ToolFailed` where the engine breaks on it.

    Where `refusals` is given it is asked first, and without cases a rule is not run at all.
    """
    started = time.monotonic()
    candidate = Candidate(definition=definition)
    found = problems(definition) or _refused(candidate, refusals)
    is_settled = bool(found) or (refusals is not None and not cases)
    seen = Observed() if is_settled else _seen_together(engine, {candidate.id: definition}, cases, None)
    evidence = Evidence(candidate, cases, seen.hits.get(candidate.id, {}))
    is_valid = not found and not seen.refused
    was_run = is_valid and bool(cases)
    return ValidationReport(
        valid=is_valid,
        problems=(*found, *seen.refused.values()),
        missing_fields=missing_fields(definition),
        structure_score=structure_score(definition),
        quality=quality(definition, evidence.tally) if was_run else None,
        cases=tuple(_result(evidence, index, index not in seen.unparsed) for index in range(len(cases)))
        if was_run
        else (),
        density=densities_of(engine, [candidate], densities).get(candidate.id) if is_valid else None,
        recommendations=(*recommendations(definition, evidence.tally), *seen.unparsed.values()) if was_run else (),
        elapsed_ms=round((time.monotonic() - started) * 1000),
    )


def _refused(candidate: Candidate, refusals: Refusals | None) -> tuple[str, ...]:
    if refusals is None:
        return ()
    return tuple(refusals([{**candidate.definition, "id": candidate.id}]).values())


def _result(evidence: Evidence, index: int, was_parsed: bool) -> CaseResult:
    case, hits = evidence.cases[index], evidence.hits.get(index, ())
    lines = tuple(sorted({hit.first_line for hit in hits}))
    return CaseResult(
        index=index, kind=case.kind, path=case.path, passed=was_parsed and evidence.right(index), lines=lines
    )


def _why_none(verdicts: Sequence[Verdict]) -> str | None:
    if any(isinstance(verdict, Accepted) for verdict in verdicts):
        return None
    refused = [verdict for verdict in verdicts if not isinstance(verdict, Accepted)]
    by_known = next((verdict.reason for verdict in refused if verdict.gate == "known"), None)
    if by_known is not None:
        return by_known
    reasons = [verdict.reason for verdict in refused]
    commonest = max(dict.fromkeys(reasons), key=reasons.count)
    return f"none of {len(reasons)} candidates was accepted: {commonest}"


def observe(engine: Engine, definitions: Mapping[str, JsonObject], cases: Sequence[Case]) -> Observed:
    """All well-formed candidates together; should the engine break on them, each alone."""
    seen = Observed()
    for name, definition in definitions.items():
        if found := problems(definition):
            seen.refused[name] = "; ".join(found)
    runnable = {name: definition for name, definition in definitions.items() if name not in seen.refused}
    try:
        seen.add(_seen_together(engine, runnable, cases, None))
    except ToolFailed:
        seen.add(_seen_alone(engine, runnable, cases))
    return seen


def _seen_alone(engine: Engine, definitions: Mapping[str, JsonObject], cases: Sequence[Case]) -> Observed:
    seen, limits = Observed(), replace(engine.limits, wall_s=min(engine.limits.wall_s, _ALONE_S))
    for name, definition in definitions.items():
        try:
            seen.add(_seen_together(engine, {name: definition}, cases, limits))
        except ToolFailed as error:
            seen.refused[name] = f"the engine breaks on it: {error}"
    if definitions and len(seen.refused) == len(definitions):
        raise ToolFailed(next(iter(seen.refused.values())))
    return seen


def _seen_together(
    engine: Engine, definitions: Mapping[str, JsonObject], cases: Sequence[Case], limits: Limits | None
) -> Observed:
    rules: list[JsonObject] = [{**definition, "id": name} for name, definition in definitions.items()]
    texts = [SourceText(case.path, case.language, case.code) for case in cases]
    run = engine.run_texts(rules, texts, limits)
    seen = Observed()
    for error in run.errors:
        _note(error, cases, seen)
    for match in run.matches:
        seen.hits.setdefault(match.rule, {}).setdefault(match.target, []).append(_hit(match))
    return seen


def _note(error: EngineError, cases: Sequence[Case], seen: Observed) -> None:
    if error.rule is not None and error.kind == RULE_REFUSED:
        seen.refused[error.rule] = error.message
    elif error.rule is not None:
        word = "it ran out of time" if error.kind == TIMED_OUT else f"the engine says {error.kind!r}"
        seen.refused[error.rule] = f"{word} on {error.path}"
    elif error.target is not None and error.is_of_parsing:
        if _matters(error, cases[error.target]):
            place = f", line {error.lines[0]}" if error.lines else ""
            seen.unparsed[error.target] = f"the engine cannot parse {error.path}{place}"
    else:
        raise ToolFailed(f"{error.kind}: {error.message}")


def _matters(error: EngineError, case: Case) -> bool:
    """Does a gap in what was parsed make the rule's silence worthless? Firing speaks for itself, but for variants."""
    if case.kind is CaseKind.FIRES and not _is_generated(case):
        return False
    return error.lines is None or not case.lines or any(line.touches(*error.lines) for line in case.lines)


def _is_generated(case: Case) -> bool:
    return case.source in {CaseSource.VARIANT, CaseSource.NEAR_MISS}


def _renumbered(hits: Mapping[int, Sequence[Hit]], kept: Sequence[int]) -> dict[int, Sequence[Hit]]:
    return {now: hits[before] for now, before in enumerate(kept) if before in hits}


def _hit(match: Match) -> Hit:
    return Hit(
        first_line=match.span.start_line,
        last_line=match.span.end_line,
        text=match.text,
        rendered_fix=match.rendered_fix,
        start=match.start,
        end=match.end,
        metavariables=match.metavariables,
    )
