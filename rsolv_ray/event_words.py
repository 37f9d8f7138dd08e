"""How is an event told in a line? Field names are those of the wire."""

from __future__ import annotations

from typing import Any


def event_line(event: dict[str, Any]) -> str:
    """What an event says, without its name."""
    tell = _TELLERS.get(event["type"])
    return tell(event) if tell else ", ".join(f"{name} {value}" for name, value in event.items() if name != "type")


def _received(event: dict[str, Any]) -> str:
    title = event.get("title") or "a fix without a title"
    return f"{title} ({', '.join(event.get('cwe') or ['no weakness named'])}, {', '.join(event['paths'])})"


def _scanned(event: dict[str, Any]) -> str:
    report = event["report"]
    found, files = counted(report["findings"], "finding"), counted(report["files"], "file")
    return f"{found} in {files}, {report['opened']} of them new"


def _started(event: dict[str, Any]) -> str:
    scan = event["scan"]
    where = counted(len(scan["repositories"]), "repository", "repositories")
    return f"{counted(len(scan['rules']), 'rule')} over {where}"


def _offered(event: dict[str, Any]) -> str:
    offered = f"{counted(len(event['proposals']), 'patch', 'patches')} offered"
    return offered + (f", {event['withheld']} withheld: not proved" if event["withheld"] else "")


def counted(number: int, one: str, more: str = "") -> str:
    """A number with its noun; `more`: its plural, where that is not `one` with an s."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def _accepted(event: dict[str, Any]) -> str:
    rule = event["rule"]
    return f"{rule['id']} ({rule['form']}), confidence {rule['confidence']}"


def _proposed(event: dict[str, Any]) -> str:
    return "; ".join([event.get("reason") or counted(len(event["candidates"]), "candidate"), *event.get("notes", ())])


def _merged(event: dict[str, Any]) -> str:
    rule, parents = event["rule"], event["parents"]
    return f"{' and '.join(parents)} are one: {rule['id']}, version {rule['version']}"


def _lesson(event: dict[str, Any]) -> str:
    rule = event.get("rule")
    version = f", version {event['version']}" if event.get("version") else ""
    return (f"{rule}{version}: " if rule else "") + event["lesson"]


_TELLERS = {
    "FixReceived": _received,
    "CommandAttempted": lambda event: f"{event['step']}, attempt {event['attempt']}",
    "CommandFailed": lambda event: f"{event['step']}, attempt {event['attempt']}: {event['reason']}",
    "CommandAbandoned": lambda event: f"{event['step']}: {event['reason']}",
    "RulesProposed": _proposed,
    "RuleAccepted": _accepted,
    "RuleRejected": lambda event: f"{event['form']}: {event['reason']}",
    "RuleMerged": _merged,
    "LessonLearned": _lesson,
    "RuleStateChanged": lambda event: f"{event['rule']}: {event['before']} -> {event['after']} ({event['reason']})",
    "PatternStored": lambda event: event["pattern"]["message"],
    "FixClassified": lambda event: f"{event['prediction']['label']} ({event['prediction']['confidence']:.2f})",
    "ScanStarted": _started,
    "ScanProgressed": lambda event: f"{event['done']} of {event['total']} parts, {event['findings']} findings",
    "ScanCompleted": _scanned,
    "FindingOpened": lambda event: f"{event['path']}:{event['line']} ({event['severity']})",
    "FindingFixed": lambda event: f"{event['path']}:{event['line']}",
    "FindingReopened": lambda event: f"{event['path']}:{event['line']} ({event['severity']})",
    "FindingTriaged": lambda event: f"{event['finding']}: {event['triage']['label']}",
    "FixesProposed": _offered,
    "CycleCompleted": lambda event: event["outcome"] + (f": {event['reason']}" if event.get("reason") else ""),
}
