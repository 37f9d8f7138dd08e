"""What happened lately? The feed of an org's events, as HTML. Attempts, progress and single findings are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import shown
from rsolv_ray.dashboard.words import Html, address, moment, panel
from rsolv_ray.event_words import event_line
from rsolv_ray.model.events import Recorded

TOLD = frozenset({
    "FixReceived", "RuleAccepted", "RuleMerged", "RuleStateChanged", "PatternForgotten", "ModelPublished",
    "ModelRolledBack", "ScanCompleted", "FindingTriaged", "FixesProposed", "ProposalApplied", "ProposalOutcome",
    "LessonLearned", "CommandAbandoned", "CycleCompleted", "DriftDetected", "RetentionApplied",
})  # fmt: skip
_KINDS = {
    "RuleAccepted": "good", "CycleCompleted": "end", "CommandAbandoned": "bad", "DriftDetected": "bad",
    "ModelRolledBack": "bad",
}  # fmt: skip
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def feed(told: Sequence[Recorded], visitor: Visitor) -> Html:
    """The newest events, the last one first, each with the way to what it is about."""
    rows = "".join(_row(one, visitor) for one in reversed(told))
    inner = f'<ol class="feed">{rows}</ol>' if rows else "<p>Nothing has happened yet.</p>"
    return panel("Activity", inner)


def _row(one: Recorded, visitor: Visitor) -> str:
    name = _WORD.sub(" ", one.name).capitalize()
    line = shown(event_line(one.event.model_dump(mode="json")))
    to = _way(one, visitor)
    title = f'<a href="{to}">{escape(name)}</a>' if to else escape(name)
    return (
        f'<li class="{_KINDS.get(one.name, "")}" data-row="{one.sequence}"><span><b>{title}</b> {moment(one.at)}</span>'
        f"<small>{line}</small></li>"
    )


def _way(one: Recorded, visitor: Visitor) -> str:
    """The page of what the event is about; empty where there is none."""
    rule, finding, cycle = (getattr(one.event, name, None) for name in ("rule", "finding", "cycle"))
    if rule is not None:
        return address("rules", visitor, rule=str(getattr(rule, "id", rule)))
    if finding is not None:
        return address("findings", visitor, finding=str(finding))
    return address("learn", visitor, cycle=str(cycle)) if cycle is not None else ""
