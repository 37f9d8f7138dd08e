"""How are an event, a cycle and a finding told in a line? Field names are those of the wire."""

from __future__ import annotations

from typing import Any

MARKS = {"done": "ok", "failed": "FAILED", "running": "...", "pending": "", "skipped": "skipped"}


def event_line(event: dict[str, Any]) -> str:
    """What an event says, without its name."""
    tell = _TELLERS.get(event["type"])
    return tell(event) if tell else ", ".join(f"{name} {value}" for name, value in event.items() if name != "type")


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
        lines += [f"  advice: {advice}" for advice in rule.get("recommendations", ())]
    lines += [f"refused {one['candidate']}: {one['reason']}" for one in cycle.get("rejected", ())]
    if scan := cycle.get("scan"):
        lines.append(f"scan {scan['id']}: findings: {scan['findings']}, repositories: {scan['repositories']}")
    if cycle.get("proposals"):
        lines.append(f"patches offered: {len(cycle['proposals'])}")
    return lines


def finding_row(record: dict[str, Any]) -> tuple[str, ...]:
    """id, state, severity, place, rule, code."""
    finding = record["finding"]
    triage = record.get("triage")
    state = f"{record['state']}: {triage['label']}" if triage else record["state"]
    place = f"{finding['path']}:{finding['span']['start_line']}"
    return finding["id"], state, finding["severity"], place, finding["rule"], first_line(finding["snippet"])


def first_line(code: str) -> str:
    """The first line of code that says something, and a mark if there are more."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    return "" if not lines else lines[0] + (" ..." if len(lines) > 1 else "")


def _received(event: dict[str, Any]) -> str:
    title = event.get("title") or "a fix without a title"
    return f"{title} ({', '.join(event.get('cwe') or ['no weakness named'])}, {', '.join(event['paths'])})"


def _scanned(event: dict[str, Any]) -> str:
    report = event["report"]
    return f"{report['findings']} findings in {report['files']} files, {report['opened']} of them new"


def _accepted(event: dict[str, Any]) -> str:
    rule = event["rule"]
    return f"{rule['id']} ({rule['form']}), confidence {rule['confidence']}"


_TELLERS = {
    "FixReceived": _received,
    "CommandAttempted": lambda event: f"{event['step']}, attempt {event['attempt']}",
    "CommandFailed": lambda event: f"{event['step']}, attempt {event['attempt']}: {event['reason']}",
    "CommandAbandoned": lambda event: f"{event['step']}: {event['reason']}",
    "RulesProposed": lambda event: event.get("reason") or f"{len(event['candidates'])} candidates",
    "RuleAccepted": _accepted,
    "RuleRejected": lambda event: f"{event['form']}: {event['reason']}",
    "RuleStateChanged": lambda event: f"{event['rule']}: {event['before']} -> {event['after']} ({event['reason']})",
    "PatternStored": lambda event: event["pattern"]["message"],
    "FixClassified": lambda event: f"{event['prediction']['label']} ({event['prediction']['confidence']:.2f})",
    "ScanStarted": lambda event: (
        f"{len(event['scan']['rules'])} rules over {len(event['scan']['repositories'])} repositories"
    ),
    "ScanProgressed": lambda event: f"{event['done']} of {event['total']} parts, {event['findings']} findings",
    "ScanCompleted": _scanned,
    "FindingOpened": lambda event: f"{event['path']}:{event['line']} ({event['severity']})",
    "FindingFixed": lambda event: f"{event['path']}:{event['line']}",
    "FindingReopened": lambda event: f"{event['path']}:{event['line']} ({event['severity']})",
    "FindingTriaged": lambda event: f"{event['finding']}: {event['triage']['label']}",
    "FixesProposed": lambda event: f"{len(event['proposals'])} patches offered, {event['withheld']} withheld",
    "CycleCompleted": lambda event: event["outcome"] + (f": {event['reason']}" if event.get("reason") else ""),
}
