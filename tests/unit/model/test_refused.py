"""Can a noun be built wrong? Each of these cannot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from rsolv_ray.model.finding import Finding, Repository, Span
from rsolv_ray.model.fix import FileChange, Fix, canonical_cwe
from rsolv_ray.model.ids import CycleId, FindingId, FixId, OrgId, OrgName, RepositoryId, RuleId
from rsolv_ray.model.org import Org
from rsolv_ray.model.rule import Case, CaseKind, Confidence, LineRange, Quality, Rule

NOW = datetime(2026, 11, 21, tzinfo=UTC)
CHANGE: dict[str, Any] = {"path": "a.py", "before": "run(a % b)", "after": "run(a, b)"}


def fix(**changed: Any) -> Fix:
    return Fix.model_validate({"changes": [{**CHANGE, **changed}]})


def rule(**changed: Any) -> Rule:
    cases = tuple(Case(kind=kind, path="a.py", language="python", code="x") for kind in CaseKind)
    ones = dict.fromkeys(("structure", "effectiveness", "accuracy", "overall", "precision", "recall", "f1"), 1.0)
    return Rule.model_validate({
        "id": "my-rule", "languages": ["python"], "message": "no", "confidence": Confidence.LOW,
        "definition": {"id": "my-rule"}, "cases": cases, "quality": Quality(**ones, tp=1, fn=0, tn=1, fp=0),
        "origin_fixes": [FixId.of(1)], "created_at": NOW, **changed,
    })  # fmt: skip


def test_a_right_fix_and_a_right_rule_can_be_built() -> None:
    assert fix().languages == ("python",)
    assert rule().fix is None


def test_a_language_is_known_by_its_name_its_alias_or_the_path() -> None:
    assert fix(language="PY").changes[0].language == "python"
    assert fix(path="x.tsx").changes[0].language == "typescript"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"before": "a\x00b"}, "binary content"),
        ({"after": "\x00"}, "binary content"),
        ({"before": "same", "after": "same"}, "equals 'after'"),
        ({"before": " \n"}, "the fix is empty"),
        ({"language": "cobol"}, "unsupported language 'cobol'"),
        ({"path": "notes.unknown"}, "give 'language'"),
        ({"path": "", "language": "python"}, "at least 1 character"),
        ({"extra": 1}, "Extra inputs"),
        ({"before": None}, "valid string"),
    ],
)
def test_a_fix_that_says_nothing_to_learn_from_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        fix(**changed)


@pytest.mark.parametrize("fields", [{"changes": []}, {"changes": [CHANGE], "cwe": ["89"]}, {"changes": [CHANGE] * 101}])
def test_a_fix_of_no_or_too_many_changes_or_of_a_false_weakness_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fix.model_validate(fields)


def test_what_is_refused_is_not_repeated_in_the_message() -> None:
    with pytest.raises(ValidationError) as refused:
        FileChange.model_validate({**CHANGE, "before": 12345678, "extra": "s3cr3t"})
    assert "s3cr3t" not in str(refused.value)
    assert "12345678" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "cwe"), [("89", "CWE-89"), ("cwe-089", "CWE-89"), ("CWE-79: Cross-site Scripting", "CWE-79")]
)
def test_a_weakness_has_one_spelling(text: str, cwe: str) -> None:
    assert canonical_cwe(text) == cwe


@pytest.mark.parametrize("text", ["", "CWE", "CWE-0", "XSS", "CWE-123456"])
def test_what_names_no_weakness_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no CWE"):
        canonical_cwe(text)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"cases": ()}, "at least one case"),
        ({"cases": (Case(kind=CaseKind.FIRES, path="a.py", language="python", code="x"),)}, "at least one case"),
        ({"definition": {"id": "other-rule"}}, "another id"),
        ({"definition": {}}, "another id"),
        ({"origin_fixes": ()}, "at least 1 item"),
        ({"languages": ()}, "at least 1 item"),
        ({"message": ""}, "at least 1 character"),
        ({"version": 0}, "greater than or equal to 1"),
        ({"created_at": datetime(2026, 11, 21)}, "needs its time zone"),
    ],
)
def test_a_rule_without_its_proof_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rule(**changed)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (OrgId, "01jd3z6q4t8v5w2x9y7a1b0c3d"), (OrgId, "../../etc/passwd"), (OrgId, "01JD3Z6Q4T8V5W2X9Y7A1B0C3D\n"),
        (OrgName, "Acme"), (OrgName, "-acme"), (OrgName, "a" * 64), (OrgName, ""), (RuleId, "a/b"), (RuleId, "a b"),
        (CycleId, "fix_0123456789abcdef01234567"), (CycleId, "cyc_0123"), (FixId, "fix_0123456789ABCDEF01234567"),
    ],
)  # fmt: skip
def test_a_bad_id_is_refused(kind: type[OrgId], text: str) -> None:
    with pytest.raises(ValueError, match=f"is no {kind.__name__}"):
        kind(text)


@pytest.mark.parametrize("text", ["01JD3Z6Q4T8V5W2X9Y7A1B0C3D\n", "x", ""])
def test_a_bad_id_is_refused_inside_a_noun_too(text: str) -> None:
    with pytest.raises(ValidationError):
        Org.model_validate({"id": text, "name": "acme", "created_at": NOW})


def test_a_finding_under_a_false_id_is_refused() -> None:
    with pytest.raises(ValidationError, match="digest of"):
        Finding(
            id=FindingId.of("another"), fingerprint="v1:" + "0" * 32, rule=RuleId("r"), rule_version=1,
            repository=RepositoryId.of("x"), path="a.py", span=Span(start_line=1, end_line=1), snippet="", message="",
            severity="high",  # type: ignore[arg-type]
        )  # fmt: skip


def test_lines_out_of_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="comes before the first"):
        LineRange(first=2, last=1)


def test_a_moment_without_its_zone_is_refused_and_others_are_told_in_utc() -> None:
    fields = {"id": Repository.id_of("/x", None), "name": "x", "kind": "path", "location": "/x"}
    with pytest.raises(ValidationError, match="time zone"):
        Repository.model_validate({**fields, "added_at": "2026-11-21T12:00:00"})
    told = Repository.model_validate({**fields, "added_at": "2026-11-21T12:00:00+02:00"})
    assert told.added_at.isoformat() == "2026-11-21T10:00:00+00:00"


def test_a_noun_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        fix().title = "new"  # type: ignore[misc]
