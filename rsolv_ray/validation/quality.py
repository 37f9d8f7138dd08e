"""How good is a rule, in numbers and in words?

Structure: which required fields and forms the rule has. Effectiveness = 0.4 specificity + 0.6 coverage, both over cases:
specificity is the share of silent cases that stay silent, coverage the share of firing cases that fire. Accuracy is the share
of all cases that are right. Overall is the mean of structure, effectiveness and accuracy.
"""

from __future__ import annotations

from dataclasses import dataclass

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.model.rule import Case, CaseKind, CaseSource, Confidence, Quality

REQUIRED = ("id", "languages", "severity", "message")
OPERATORS = ("pattern", "patterns", "pattern-either", "pattern-regex")
"""One of them, or `mode: taint` with sources and sinks."""
_TOLD = ("cwe", "category", "confidence")
_BESIDE = frozenset({"pattern-not", "pattern-not-inside", "pattern-inside", "metavariable-regex", "focus-metavariable"})
SURE_FORMS = ("taint", "call", "keyword")


@dataclass(frozen=True)
class Tally:
    """Which cases a rule got right."""

    cases: tuple[Case, ...]
    right: tuple[bool, ...]

    def count(self, kind: CaseKind, *, right: bool) -> int:
        return sum(case.kind is kind and ok is right for case, ok in zip(self.cases, self.right, strict=True))

    def share(self, source: CaseSource) -> float | None:
        """The share of right ones among the cases of a source, or None where there are none."""
        of_source = [ok for case, ok in zip(self.cases, self.right, strict=True) if case.source is source]
        return sum(of_source) / len(of_source) if of_source else None


def missing_fields(definition: JsonObject) -> tuple[str, ...]:
    """The required fields that a rule lacks; `pattern` stands for any operator that finds something."""
    missing = [name for name in REQUIRED if not definition.get(name)]
    taint = {"pattern-sources", "pattern-sinks"} <= set(definition)
    if not taint and not any(name in definition for name in OPERATORS):
        missing.append("pattern")
    return tuple(missing)


def structure_score(definition: JsonObject) -> float:
    """0 to 1: required fields count for 0.6, metadata for 0.25, operators in their proper place for 0.15."""
    required = 1 - len(missing_fields(definition)) / (len(REQUIRED) + 1)
    metadata = definition.get("metadata")
    told = sum(bool(metadata.get(name)) for name in _TOLD) / len(_TOLD) if isinstance(metadata, dict) else 0.0
    ordered = not _BESIDE & set(definition)
    return round(0.6 * required + 0.25 * told + 0.15 * ordered, 4)


def quality(definition: JsonObject, tally: Tally) -> Quality:
    """The numbers of a rule on its cases; a share over nothing is 0, and 1 where nothing could go wrong."""
    tp, fn = (tally.count(CaseKind.FIRES, right=right) for right in (True, False))
    tn, fp = (tally.count(CaseKind.SILENT, right=right) for right in (True, False))
    precision, recall = _share(tp, tp + fp), _share(tp, tp + fn)
    specificity = _share(tn, tn + fp, empty=1.0)
    structure, accuracy = structure_score(definition), _share(tp + tn, tp + tn + fp + fn)
    effectiveness = round(0.4 * specificity + 0.6 * recall, 4)
    return Quality(
        structure=structure, effectiveness=effectiveness, accuracy=accuracy,
        overall=round((structure + effectiveness + accuracy) / 3, 4),
        tp=tp, fn=fn, tn=tn, fp=fp, precision=precision, recall=recall,
        f1=round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0,
    )  # fmt: skip


def _share(part: int, whole: int, *, empty: float = 0.0) -> float:
    return round(part / whole, 4) if whole else empty


def confidence(form: str, tally: Tally) -> Confidence:
    """HIGH: a form that says why the code is weak, right on at least three variants and on every look-alike. LOW: hardly tried."""
    variants, spared = tally.share(CaseSource.VARIANT), tally.share(CaseSource.NEAR_MISS)
    tried = sum(case.source is CaseSource.VARIANT for case in tally.cases)
    if form.startswith(SURE_FORMS) and tried >= 3 and variants is not None and variants >= 0.8 and spared == 1.0:
        return Confidence.HIGH
    if variants is not None and variants >= 0.5 and not form.startswith("ladder"):
        return Confidence.MEDIUM
    return Confidence.LOW


def recommendations(definition: JsonObject, tally: Tally) -> tuple[str, ...]:
    """What a person could do to make the rule better."""
    said: list[str] = [f"add the missing field {name!r}" for name in missing_fields(definition)]
    metadata = definition.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("cwe"):
        said.append("name the weakness (CWE) of the fix: messages and sinks follow from it")
    if "fix" not in definition and "fix-regex" not in definition:
        said.append(
            "there is no autofix: proposals need a person or another fix whose after side can be written as a template"
        )
    variants = tally.share(CaseSource.VARIANT)
    if variants is None:
        said.append("no rewriting of the fixed code could be generated: add samples that the rule should flag")
    elif variants < 1.0:
        said.append(f"the rule misses {1 - variants:.0%} of the rewritings of the fixed code: look at its variants")
    if not any(case.source is CaseSource.CALLER for case in tally.cases):
        said.append("add samples of your own that must stay silent before the rule may fail builds")
    return tuple(said)
