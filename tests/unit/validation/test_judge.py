"""Which candidates become rules."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsolv_ray.model.ids import CandidateId, RuleId
from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import (
    Accepted,
    Candidate,
    Case,
    CaseKind,
    CaseSource,
    Confidence,
    Density,
    Proposer,
    Refused,
    RuleState,
    Verdict,
)
from rsolv_ray.validation import Hit, judge
from tests.unit.validation.samples import CASES, FIX, NOW, candidate

GOOD = {0: [Hit(2, 2)], 2: [Hit(1, 1)], 3: [Hit(1, 1)]}


def _judge(
    hits: Mapping[int, Sequence[Hit]] | None,
    *,
    cases: Sequence[Case] = CASES,
    one: Candidate | None = None,
    refused: str | None = None,
) -> Verdict:
    one = one or candidate()
    why = {one.id: refused} if refused else {}
    return judge([one], cases, {one.id: hits or {}}, refused=why, fix=FIX, now=NOW, known=())[0]


def _gate(verdict: Verdict) -> str:
    assert isinstance(verdict, Refused)
    return verdict.gate


def test_a_candidate_that_fires_before_and_is_silent_after_is_accepted() -> None:
    assert isinstance(_judge(GOOD), Accepted)


def test_a_rule_starts_in_monitor_and_bears_the_id_of_its_definition() -> None:
    verdict = _judge(GOOD)
    assert isinstance(verdict, Accepted)
    assert verdict.rule.state is RuleState.MONITOR
    assert verdict.rule.id == verdict.rule.definition["id"] == "python-cwe-89-0123456789"


def test_a_candidate_that_does_not_fire_before_is_refused() -> None:
    assert _gate(_judge({2: [Hit(1, 1)], 3: [Hit(1, 1)]})) == "fires"


def test_firing_before_at_another_place_does_not_count() -> None:
    verdict = _judge({**GOOD, 0: [Hit(3, 3)]})
    assert _gate(verdict) == "fires"
    assert isinstance(verdict, Refused)
    assert "not at the changed place" in verdict.reason


def test_firing_after_at_the_changed_place_is_refused() -> None:
    assert _gate(_judge({**GOOD, 1: [Hit(1, 2)]})) == "silent"


def test_firing_after_elsewhere_is_another_instance_and_allowed() -> None:
    assert isinstance(_judge({**GOOD, 1: [Hit(3, 3)]}), Accepted)


def test_a_rule_that_misses_the_rewritings_is_too_special() -> None:
    assert _gate(_judge({0: [Hit(2, 2)]})) == "variants"


def test_a_rule_that_flags_a_safe_look_alike_is_refused() -> None:
    assert _gate(_judge({**GOOD, 4: [Hit(1, 1)]})) == "near-miss"


def test_what_the_engine_refuses_is_refused_with_its_words() -> None:
    verdict = _judge(GOOD, refused="no such operator")
    assert isinstance(verdict, Refused)
    assert (verdict.gate, verdict.reason) == ("engine", "no such operator")


@pytest.mark.parametrize("pattern", ["$X", "...", "$F(...)", "$A = $B", "$...ARGS"])
def test_a_pattern_of_metavariables_alone_matches_anything(pattern: str) -> None:
    assert _gate(_judge(GOOD, one=candidate(pattern))) == "match-all"


def test_a_rule_that_flags_most_lines_is_refused() -> None:
    long = CASES[0].model_copy(update={"code": "x\n" * 40})
    assert _gate(_judge({**GOOD, 0: [Hit(1, 39)]}, cases=(long, *CASES[1:]))) == "density"


def test_the_callers_silent_code_binds() -> None:
    mine = Case(kind=CaseKind.SILENT, path="m.py", language="python", code="x\n", source=CaseSource.CALLER)
    assert _gate(_judge({**GOOD, 5: [Hit(1, 1)]}, cases=(*CASES, mine))) == "caller"


def test_the_callers_firing_code_binds() -> None:
    mine = Case(kind=CaseKind.FIRES, path="m.py", language="python", code="x\n", source=CaseSource.CALLER)
    assert _gate(_judge(GOOD, cases=(*CASES, mine))) == "caller"


def test_a_rule_that_is_known_under_another_name_is_refused() -> None:
    first = _judge(GOOD)
    assert isinstance(first, Accepted)
    twin = candidate()
    renamed = twin.model_copy(update={"definition": {**twin.definition, "id": "other", "message": "n"}})
    verdict = judge([renamed], CASES, {renamed.id: GOOD}, refused={}, fix=FIX, now=NOW, known=[first.rule])[0]
    assert isinstance(verdict, Refused)
    assert (verdict.gate, verdict.known_rule) == ("known", first.rule.id)


@pytest.mark.parametrize(
    ("proposer", "covered", "gate"),
    [
        (Proposer.SYNTAX, {0: RuleId("old")}, "known"),
        (Proposer.SYNTAX, {}, "accepted"),
        (Proposer.CLIENT, {0: RuleId("old")}, "accepted"),
    ],
)
def test_what_a_known_rule_finds_needs_no_second_rule_unless_a_person_sends_one(
    proposer: Proposer, covered: dict[int, RuleId], gate: str
) -> None:
    one = candidate().model_copy(update={"proposer": proposer})
    verdict = judge([one], CASES, {one.id: GOOD}, refused={}, fix=FIX, now=NOW, covered=covered)[0]
    assert (verdict.gate if isinstance(verdict, Refused) else "accepted") == gate


def test_a_candidate_that_finds_a_side_which_no_known_rule_finds_is_kept() -> None:
    one = candidate()
    second = CASES[0].model_copy(update={"path": "other.py"})
    hits = {one.id: {**GOOD, 5: [Hit(2, 2)]}}
    verdict = judge([one], (*CASES, second), hits, refused={}, fix=FIX, now=NOW, covered={0: RuleId("old")})[0]
    assert isinstance(verdict, Accepted)


def _several(hits: Sequence[Mapping[int, Sequence[Hit]]], ranks: Sequence[int]) -> list[str]:
    ones = [candidate(f"f{number}(...)", rank=rank) for number, rank in enumerate(ranks)]
    by_id: dict[CandidateId, Mapping[int, Sequence[Hit]]] = {one.id: hit for one, hit in zip(ones, hits, strict=True)}
    wide = CASES[0].model_copy(update={"lines": ()})
    verdicts = judge(ones, (wide, *CASES[1:]), by_id, refused={}, fix=FIX, now=NOW, known=())
    return [verdict.gate if isinstance(verdict, Refused) else "accepted" for verdict in verdicts]


def test_a_second_rule_that_flags_the_same_is_redundant() -> None:
    assert _several([GOOD, GOOD], [1, 2]) == ["accepted", "redundant"]


def test_a_second_rule_that_flags_another_place_is_kept() -> None:
    assert _several([GOOD, {**GOOD, 0: [Hit(3, 3)]}], [1, 2]) == ["accepted", "accepted"]


def test_a_weak_form_is_kept_only_for_want_of_a_better_one() -> None:
    other = {**GOOD, 0: [Hit(3, 3)]}
    assert _several([GOOD, other], [1, 70]) == ["accepted", "redundant"]
    assert _several([{}, other], [1, 70]) == ["fires", "accepted"]


def test_at_most_three_rules_come_of_one_fix() -> None:
    hits = [{**GOOD, 0: [Hit(line, line)]} for line in range(1, 6)]
    assert _several(hits, [1, 2, 3, 4, 5]).count("accepted") == 3


def density(per_100k: float, *, findings: int = 400, sampled: bool = False) -> Density:
    counts = {"files": 10, "possible_files": 90 if sampled else 10}
    return Density(findings=findings, lines=4_000_000, per_100k_lines=per_100k, sampled=sampled, **counts)


def _measured(
    loud: Sequence[Density | None], ranks: Sequence[int], hits: Sequence[Mapping[int, Sequence[Hit]]]
) -> tuple[list[Verdict], list[list[str]]]:
    """The verdicts on `f0(...)`, `f1(...)`, ..., and the patterns that were asked about, call by call."""
    ones = [candidate(f"f{number}(...)", rank=rank) for number, rank in enumerate(ranks)]
    by_id = {one.id: density for one, density in zip(ones, loud, strict=True)}
    asked: list[list[str]] = []

    def densities(some: Sequence[Candidate]) -> dict[CandidateId, Density | None]:
        asked.append([f"f{ones.index(one)}" for one in some])
        return {one.id: by_id[one.id] for one in some}

    verdicts = judge(
        ones, CASES, {one.id: hit for one, hit in zip(ones, hits, strict=True)},
        refused={}, fix=FIX, now=NOW, densities=densities,
    )  # fmt: skip
    return list(verdicts), asked


def _gates(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.gate if isinstance(verdict, Refused) else "accepted" for verdict in verdicts]


def test_a_candidate_that_is_loud_on_clean_code_is_refused_with_the_numbers() -> None:
    (verdict,), _ = _measured([density(10.1, findings=404)], [1], [GOOD])
    assert isinstance(verdict, Refused)
    assert verdict.gate == "clean"
    assert "10.1 findings in 100,000 lines of clean code (404 in 4,000,000)" in verdict.reason


def test_ten_findings_in_100_000_lines_are_borne() -> None:
    assert _gates(_measured([density(10.0)], [1], [GOOD])[0]) == ["accepted"]


def test_a_rate_of_four_findings_is_chance() -> None:
    assert _gates(_measured([density(80.0, findings=4)], [1], [GOOD])[0]) == ["accepted"]
    assert _gates(_measured([density(80.0, findings=5)], [1], [GOOD])[0]) == ["clean"]


def test_an_estimate_says_on_how_many_files_it_rests() -> None:
    (verdict,), _ = _measured([density(44.0, findings=44, sampled=True)], [1], [GOOD])
    assert isinstance(verdict, Refused)
    assert "an estimate, give or take 0.0: 44 in 10 of 90 files that could match" in verdict.reason


@pytest.mark.parametrize(("margin", "gate"), [(5.9, "clean"), (6.0, "accepted")])
def test_an_estimate_refuses_where_it_is_too_loud_by_more_than_its_error(margin: float, gate: str) -> None:
    loud = density(16.0, sampled=True).model_copy(update={"margin": margin})
    assert _gates(_measured([loud], [1], [GOOD])[0]) == [gate]


def test_an_accepted_rule_tells_its_density() -> None:
    (verdict,), _ = _measured([density(0.25)], [1], [GOOD])
    assert isinstance(verdict, Accepted)
    assert verdict.rule.density == verdict.rule.summary().density == density(0.25)


def test_without_clean_code_the_density_is_unknown_and_refuses_nothing() -> None:
    (verdict,), _ = _measured([None], [1], [GOOD])
    assert isinstance(verdict, Accepted)
    assert verdict.rule.density is None


def test_of_two_candidates_of_one_rank_the_quieter_is_kept() -> None:
    verdicts, _ = _measured([density(3.0), density(1.9)], [1, 1], [GOOD, GOOD])
    assert _gates(verdicts) == ["redundant", "accepted"]


@pytest.mark.parametrize(
    ("loud", "ranks"),
    [
        ([density(3.0), density(1.0)], [1, 2]),
        ([density(0.9), density(0.1)], [1, 1]),
        ([density(3.0).model_copy(update={"margin": 2.5}), density(0.1)], [1, 1]),
        ([None, None], [1, 1]),
    ],
    ids=["a better rank", "less than one finding apart", "by chance", "unknown"],
)
def test_else_the_first_candidate_is_kept(loud: Sequence[Density | None], ranks: Sequence[int]) -> None:
    assert _gates(_measured(loud, ranks, [GOOD, GOOD])[0]) == ["accepted", "redundant"]


def test_a_known_density_goes_before_an_unknown_one() -> None:
    assert _gates(_measured([None, density(3.0)], [1, 1], [GOOD, GOOD])[0]) == ["redundant", "accepted"]


def test_after_a_loud_candidate_the_next_one_has_its_chance() -> None:
    verdicts, asked = _measured([density(99.0), density(1.0)], [1, 2], [GOOD, GOOD])
    assert _gates(verdicts) == ["clean", "accepted"]
    assert asked == [["f0"], ["f1"]]


def test_clean_code_is_looked_at_only_for_what_would_become_a_rule() -> None:
    _, asked = _measured([None] * 4, [1, 2, 2, 70], [{}, GOOD, {**GOOD, 4: [Hit(1, 1)]}, GOOD])
    assert asked == [["f1"]]


def test_a_rule_carries_the_cases_that_it_got_right() -> None:
    verdict = _judge({**GOOD, 3: []})
    assert isinstance(verdict, Accepted)
    assert CASES[3] not in verdict.rule.cases
    assert len(verdict.rule.cases) == 4


def test_a_sure_form_with_few_variants_is_not_yet_sure() -> None:
    verdict = _judge(GOOD, one=candidate(form="taint:family"))
    assert isinstance(verdict, Accepted)
    assert verdict.rule.confidence is Confidence.MEDIUM


def test_confidence_stands_in_the_rules_metadata() -> None:
    verdict = _judge(GOOD, one=candidate(form="ladder:1"))
    assert isinstance(verdict, Accepted)
    metadata = verdict.rule.definition["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["confidence"] == "LOW"


def test_a_callers_rule_with_an_unusable_id_gets_a_readable_one() -> None:
    definition: JsonObject = {**candidate().definition, "id": "My Rule!"}
    one = Candidate(definition=definition, proposer=Proposer.CLIENT, form="client")
    verdict = _judge(GOOD, one=one)
    assert isinstance(verdict, Accepted)
    assert verdict.rule.id.startswith("my-rule-")
    assert verdict.rule.definition["id"] == verdict.rule.id


@given(
    st.dictionaries(
        st.integers(0, 4), st.lists(st.integers(1, 3).map(lambda line: Hit(line, line)), max_size=3), max_size=5
    )
)
def test_whatever_is_accepted_fires_before_and_is_silent_after(hits: dict[int, list[Hit]]) -> None:
    verdict = _judge(hits)
    fires = any(hit.first_line == 2 for hit in hits.get(0, []))
    silent = not any(hit.first_line == 2 for hit in hits.get(1, []))
    assert not isinstance(verdict, Accepted) or (fires and silent and not hits.get(4))
