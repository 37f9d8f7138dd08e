"""How are a cycle and a finding told in a few lines? Field names are those of the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rsolv_ray.cli.clean import noise

if TYPE_CHECKING:
    from rsolv_ray.cli.remote import Service

FINDING_COLUMNS = ("finding", "state", "severity", "repository", "place", "rule", "code")
MARKS = {"done": "ok", "failed": "FAILED", "running": "...", "pending": "", "skipped": "skipped"}


def cycle_lines(cycle: dict[str, Any]) -> list[str]:
    """A cycle: its outcome, its steps, what it learned and found."""
    outcome = cycle.get("outcome") or "running"
    lines = [f"cycle {cycle['id']}: {outcome}" + (f" ({cycle['reason']})" if cycle.get("reason") else "")]
    for name, step in cycle["steps"].items():
        took = f"{step['elapsed_ms']} ms" if step.get("elapsed_ms") is not None else ""
        lines.append(
            f"  {name:<15}{MARKS.get(step['status'], step['status']):<8} {took:>8}  {step.get('description', '')}".rstrip()
        )
    if rule := cycle.get("rule"):
        lines.append(
            f"rule {rule['id']} version {rule['version']}, {rule['state']}, confidence {rule['confidence']}, "
            f"precision {rule['quality']['precision']:.2f}, recall {rule['quality']['recall']:.2f} on its cases"
        )
        if parents := rule.get("parents"):
            lines.append(f"  made one with the new {parents[-1]}: it stands for both, with all their cases")
        lines.append(f"  noise: {noise(rule.get('density'))}")
        lines += [f"  advice: {advice}" for advice in rule.get("recommendations", ())]
    lines += [f"refused {one['candidate']}: {one['reason']}" for one in cycle.get("rejected", ())]
    if scan := cycle.get("scan"):
        lines.append(f"scan {scan['id']}: findings: {scan['findings']}; repositories scanned: {scan['repositories']}")
    if cycle.get("proposals"):
        lines.append(f"patches offered: {len(cycle['proposals'])}")
    return lines


def names_of(service: Service, org: str) -> dict[str, str]:
    """The names of an org's repositories, by id."""
    return {one["id"]: one["name"] for one in service.get(f"orgs/{org}/repositories")["items"]}


def finding_row(record: dict[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    """What stands under `FINDING_COLUMNS`. `names`: those of repositories, by id."""
    finding = record["finding"]
    triage = record.get("triage")
    state = f"{record['state']}: {triage['label']}" if triage else record["state"]
    place = f"{finding['path']}:{finding['span']['start_line']}"
    repository = names.get(finding["repository"], "(removed)")
    code = first_line(finding["snippet"])
    return finding["id"], state, finding["severity"], repository, place, finding["rule"], code


def first_line(code: str) -> str:
    """The first line of code that says something, and a mark if there are more."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    return "" if not lines else lines[0] + (" ..." if len(lines) > 1 else "")
