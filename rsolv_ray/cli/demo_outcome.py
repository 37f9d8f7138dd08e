"""What came of the fix of an example, and is that what should have come of it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rsolv_ray.cli.example import BuiltExample, Comparison, Range, compare
from rsolv_ray.model.errors import Rejected

if TYPE_CHECKING:
    from rsolv_ray.cli.remote import Service

MOST = 1000
"""More findings or patches than an example can have."""


@dataclass(frozen=True)
class Registered:
    """An example that a service knows as one of its repositories."""

    example: BuiltExample
    repository: str


@dataclass(frozen=True)
class Outcome:
    """A cycle with its rule, the findings and patches in the example's repository, and how they compare with what is
    there. `took_s`: from the fix to the end of the cycle."""

    example: BuiltExample
    took_s: float
    cycle: dict[str, Any]
    yaml: str
    findings: list[dict[str, Any]]
    proposals: list[dict[str, Any]]
    comparison: Comparison

    @property
    def unexpected(self) -> str:
        """What is not as it should be; "" if all is."""
        wrong = [self.comparison.unexpected] if self.comparison.unexpected else []
        if self.cycle["outcome"] != "learned":
            wrong.append(f"the cycle ended as {self.cycle['outcome']} ({self.cycle['reason']})")
        return f"{self.example.name}: {'; '.join(wrong)}" if wrong else ""

    def told(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {
            "name": self.example.name,
            "language": self.example.language,
            "as_expected": not self.unexpected,
            "took_s": round(self.took_s, 2),
            "cycle": self.cycle,
            "yaml": self.yaml,
            "findings": self.findings,
            "proposals": self.proposals,
            "comparison": asdict(self.comparison),
        }


def outcome_of(service: Service, org: str, registered: Registered, cycle: dict[str, Any], took_s: float) -> Outcome:
    """What a cycle that has ended came to.

    Raises:
        Rejected: it gave no rule.
    """
    if not cycle.get("rule"):
        why = cycle.get("reason") or cycle.get("outcome") or "the cycle did not end in time"
        raise Rejected(
            f"the demo did not come out as it should: {registered.example.name}: no rule was learned ({why})"
        )
    findings = _here(registered, [one["finding"] for one in service.pages(f"orgs/{org}/findings", MOST)])
    proposals = _here(registered, [one["proposal"] for one in service.pages(f"orgs/{org}/proposals", MOST)])
    mended = {one["finding"] for one in proposals}
    return Outcome(
        example=registered.example,
        took_s=took_s,
        cycle=cycle,
        yaml=service.text(f"orgs/{org}/rules/{cycle['rule']['id']}.yaml", accept="application/yaml"),
        findings=findings,
        proposals=proposals,
        comparison=compare(
            _ranges(findings), registered.example.expected, _ranges([one for one in findings if one["id"] in mended])
        ),
    )


def astray(service: Service, org: str, rules: dict[str, str]) -> str:
    """Findings by a rule that was learned in another repository, in words; "" if there are none.

    `rules`: the id of the rule that was learned from a repository, by the repository's id.
    """
    findings = [record["finding"] for record in service.pages(f"orgs/{org}/findings", MOST)]
    strays = [
        f"{one['path']}:{one['span']['start_line']} by {one['rule']}"
        for one in findings
        if rules[one["repository"]] != one["rule"]
    ]
    return f"flagged by a rule that was learned elsewhere: {', '.join(strays)}" if strays else ""


def _here(registered: Registered, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in records if one["repository"] == registered.repository]


def _ranges(findings: Sequence[dict[str, Any]]) -> list[Range]:
    return [Range(one["path"], one["span"]["start_line"], one["span"]["end_line"]) for one in findings]
