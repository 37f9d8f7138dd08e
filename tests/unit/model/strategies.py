"""Which nouns can there be? Strategies for the ones that travel: fixes, rules, findings, batches, events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st
from pydantic import BaseModel

from rsolv_ray.model.batch import Batch
from rsolv_ray.model.events import Event
from rsolv_ray.model.finding import Finding, Proposal, Span, Triage
from rsolv_ray.model.fix import CodeSample, FileChange, Fix, FixContext, Origin
from rsolv_ray.model.ids import (
    CandidateId,
    CycleId,
    FindingId,
    FixId,
    LessonId,
    OrgId,
    PatternId,
    ProposalId,
    RepositoryId,
    RuleId,
    ScanId,
)
from rsolv_ray.model.languages import LANGUAGES
from rsolv_ray.model.pattern import Neighbour, Pattern, PatternInsight
from rsolv_ray.model.prediction import Prediction
from rsolv_ray.model.rule import Candidate, Case, CaseKind, LineRange, Quality, Rule, RuleSummary

EVENTS: tuple[type[BaseModel], ...] = get_args(get_args(Event)[0])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
CODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
SHARES = st.floats(0, 1)
MOMENTS = st.integers(0, 4 * 10**15).map(
    lambda us: datetime.fromtimestamp(us // 10**6, UTC) + timedelta(microseconds=us % 10**6)
)
CWES = st.integers(1, 99_999).map(lambda number: f"CWE-{number}")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=4)
RULE_IDS = st.from_regex(RuleId.pattern, fullmatch=True).map(RuleId)


def _ids(kind: Any) -> st.SearchStrategy[Any]:
    return st.integers(0, 10**6).map(kind.of)


for _kind in (CandidateId, CycleId, FindingId, FixId, LessonId, PatternId, ProposalId, RepositoryId, ScanId):
    st.register_type_strategy(_kind, _ids(_kind))
st.register_type_strategy(OrgId, st.just(OrgId("01JD3Z6Q4T8V5W2X9Y7A1B0C3D")))
st.register_type_strategy(RuleId, RULE_IDS)
st.register_type_strategy(datetime, MOMENTS)

PATHS = st.from_regex(r"[\w .-]{1,20}(/[\w .-]{1,20}){0,3}", fullmatch=True).filter(
    lambda path: path.isprintable() and ".." not in path.split("/")
)
CHANGES = st.builds(
    FileChange,
    path=PATHS,
    before=CODE.filter(str.strip),
    after=CODE,
    language=st.sampled_from(sorted(LANGUAGES)),
)
SAMPLES = st.builds(CodeSample, path=PATHS, code=CODE.filter(bool))
ORIGINS = st.builds(Origin, repository=st.none() | TEXT, commit=st.none() | TEXT, url=st.none() | TEXT)
FIXES = st.builds(
    Fix,
    changes=st.lists(CHANGES, min_size=1, max_size=3)
    .filter(lambda made: any(one.before != one.after for one in made))
    .map(tuple),
    cwe=st.lists(CWES, max_size=2).map(tuple),
    title=st.none() | TEXT,
    origin=ORIGINS,
    rule=st.none() | OBJECTS,
    context=st.builds(
        FixContext,
        fires=st.lists(SAMPLES, max_size=2).map(tuple),
        silent=st.lists(SAMPLES, max_size=2).map(tuple),
        notes=st.none() | TEXT,
    ),
)
RANGES = st.tuples(st.integers(1, 99), st.integers(0, 9)).map(
    lambda pair: LineRange(first=pair[0], last=pair[0] + pair[1])
)
QUALITIES = st.builds(Quality, **dict.fromkeys(("structure", "effectiveness", "accuracy", "overall"), SHARES))


def _cases(kind: CaseKind) -> st.SearchStrategy[Case]:
    return st.builds(
        Case,
        kind=st.just(kind),
        path=PATHS,
        language=TEXT,
        code=TEXT,
        lines=st.lists(RANGES, max_size=2).map(tuple),
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    name = draw(RULE_IDS)
    return draw(
        st.builds(
            Rule,
            id=st.just(name),
            definition=OBJECTS.map(lambda said: {**said, "id": name}),
            cases=st.tuples(_cases(CaseKind.FIRES), _cases(CaseKind.SILENT)),
            cwe=st.lists(CWES, max_size=2).map(tuple),
            quality=QUALITIES,
            form=TEXT,
            message=TEXT.filter(bool),
            languages=st.lists(TEXT, min_size=1, max_size=2).map(tuple),
            recommendations=st.lists(TEXT, max_size=2).map(tuple),
            origin_fixes=st.lists(_ids(FixId), min_size=1, max_size=2).map(tuple),
            created_at=MOMENTS,
        )
    )


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    repository, path = draw(_ids(RepositoryId)), draw(TEXT)
    fingerprint = f"v1:{draw(st.integers(0, 2**128 - 1)):032x}"
    return Finding(
        id=Finding.id_of(repository, fingerprint, path),
        fingerprint=fingerprint,
        rule=draw(RULE_IDS),
        rule_version=draw(st.integers(1, 9)),
        repository=repository,
        path=path,
        span=draw(SPANS),
        snippet=draw(TEXT),
        message=draw(TEXT),
        severity=draw(st.sampled_from(["low", "medium", "high", "critical"])),  # type: ignore[arg-type]
        cwe=tuple(draw(st.lists(CWES, max_size=2))),
        metavariables=draw(st.dictionaries(TEXT, TEXT, max_size=2)),
    )


SPANS = st.builds(Span)
RULES, FINDINGS = rules(), findings()
FLOATS = st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=4).map(tuple)
PATTERNS = st.builds(
    Pattern,
    encoder=TEXT,
    vector=FLOATS,
    fixed_vector=FLOATS,
    language=TEXT,
    cwe=st.lists(CWES, max_size=2).map(tuple),
    snippet=TEXT,
    created_at=MOMENTS,
)
PROPOSALS = st.builds(Proposal, rule=RULE_IDS, path=TEXT, diff=TEXT.filter(bool), created_at=MOMENTS)
st.register_type_strategy(Origin, ORIGINS)
st.register_type_strategy(Quality, QUALITIES)
st.register_type_strategy(Triage, st.builds(Triage, reason=st.none() | TEXT, by=TEXT))
st.register_type_strategy(Candidate, st.builds(Candidate, definition=OBJECTS, form=TEXT))
st.register_type_strategy(RuleSummary, RULES.map(Rule.summary))
st.register_type_strategy(Neighbour, st.builds(Neighbour, similarity=st.floats(-1, 1)))
st.register_type_strategy(
    Prediction,
    st.builds(
        Prediction,
        confidence=SHARES,
        top=st.lists(st.tuples(TEXT, SHARES), max_size=2).map(tuple),
        explanation=st.just(()),
    ),
)
st.register_type_strategy(PatternInsight, st.builds(PatternInsight))


def events(kind: type[BaseModel]) -> st.SearchStrategy[BaseModel]:
    """Events of one type: its own fields by their types, the weaknesses and numbers within their bounds."""
    own: dict[str, st.SearchStrategy[Any]] = {"type": st.just(kind.model_fields["type"].default)}
    if "cwe" in kind.model_fields:
        own["cwe"] = st.lists(CWES, max_size=2).map(tuple)
    for name in ("value", "values", "metrics"):
        if name in kind.model_fields:
            number = st.floats(allow_nan=False)
            own[name] = number if name == "value" else st.dictionaries(TEXT, number, max_size=3)
    return st.builds(kind, **own)


EVERY_EVENT = st.one_of([events(kind) for kind in EVENTS])
BATCHES = st.builds(
    Batch,
    once=st.none() | TEXT,
    events=st.lists(EVERY_EVENT, max_size=3).map(tuple),
    rules=st.lists(RULES, max_size=1).map(tuple),
    patterns=st.lists(PATTERNS, max_size=2).map(tuple),
    proposals=st.lists(PROPOSALS, max_size=2).map(tuple),
    opens=st.lists(_ids(CycleId) | _ids(ScanId), max_size=2).map(tuple),
    closes=st.lists(_ids(CycleId) | _ids(ScanId), max_size=2).map(tuple),
    cause=st.none() | st.integers(1, 9),
)
