"""How does an org look at a glance? As HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rsolv_ray.dashboard import words
from rsolv_ray.event_words import event_line
from rsolv_ray.model.cycle import Cycle, Outcome, StepState
from rsolv_ray.model.events import Recorded
from rsolv_ray.model.org import Org
from rsolv_ray.model.report import OrgMetrics
from rsolv_ray.model.rule import RuleSummary

_OUTCOMES = {Outcome.LEARNED: "learned", Outcome.NO_RULE: "no rule", Outcome.PARTIAL: "partly done"}
_FIRST_ORG = """curl -sS -H "Authorization: Bearer $RSOLV_API_KEY" \\
  {url}/api/v1/orgs --json '{{"name": "acme"}}'"""
_FIRST_FIX = """curl -sS -H "Authorization: Bearer $RSOLV_API_KEY" \\
  "{url}/api/v1/orgs/{org}/fixes?wait=60" --json @- <<'JSON'
{{"changes": [{{"path": "app/db.py",
   "before": "def find(db, name):\\n    return db.execute(\\"SELECT * FROM user WHERE name = '%s'\\" % name)\\n",
   "after": "def find(db, name):\\n    return db.execute(\\"SELECT * FROM user WHERE name = ?\\", (name,))\\n"}}],
 "cwe": ["CWE-89"], "title": "Bind the name"}}
JSON"""


def counts(metrics: OrgMetrics) -> words.Html:
    """The counts of now, each with what this week added."""
    now, week = metrics.now, metrics.weekly
    cards = (
        ("Rules in use", now["rules_active"] + now["rules_monitor"], week["rules_generated"], "learned"),
        ("Findings open", now["findings_open"], week["findings_opened"], "opened"),
        ("Patterns", now["patterns_learned"], week["patterns_learned"], "learned"),
        ("Cycles", now["fixes_received"], week["fixes_received"], "begun"),
    )
    told = "".join(
        f"<div><b>{count:,.0f}</b><span>{title}</span><small>{added:,.0f} {verb} this week</small></div>"
        for title, count, added, verb in cards
    )
    return words.Html(f'<section class="cards">{told}</section>')


def cycles(told: Sequence[Cycle], org: Org, url: str) -> words.Html:
    """The newest cycles; where there is none yet, how to begin."""
    if not told:
        return words.begin("Nothing is learned here yet. Send a first fix:", _FIRST_FIX.format(url=url, org=org.name))
    rows = [
        (
            words.moment(one.received_at),
            words.badge(_OUTCOMES[one.outcome] if one.outcome else "running"),
            words.Html(f'<span class="chips">{"".join(_chip(name, step) for name, step in one.steps.items())}</span>'),
            words.Html(f"<code>{escape(one.rule.id)}</code>") if one.rule else one.reason or "",
            str(one.additional_matches),
            str(len(one.proposals)),
        )
        for one in told
    ]
    return words.table("Newest cycles", ("Received", "Outcome", "Steps", "Rule", "Findings", "Patches"), rows)


def rules(told: Sequence[RuleSummary]) -> words.Html:
    """The rules with their states, newest first."""
    rows = [
        (
            words.Html(f"<code>{escape(one.id)}</code><br><small>{escape(one.message)}</small>"),
            words.badge(one.state),
            words.badge(one.confidence.lower()),
            f"{one.quality.precision:.2f}, {one.quality.recall:.2f}",
        )
        for one in told
    ]
    return words.table(
        "Rules", ("Rule", "State", "Confidence", "Precision, recall"), rows, empty="No rule has been accepted."
    )


def events(told: Sequence[Recorded]) -> words.Html:
    """The newest events, the last one first, without the mere attempts."""
    rows = [
        (words.moment(one.at), words.Html(f"<b>{one.name}</b> {escape(event_line(one.event.model_dump(mode='json')))}"))
        for one in reversed(told)
        if one.name != "CommandAttempted"
    ]
    return words.table("Newest events", ("Time", "What happened"), rows, empty="Nothing has happened yet.")


def no_org(url: str) -> words.Html:
    """What to do where there is no organisation at all."""
    return words.begin("There is no organisation yet. Make one:", _FIRST_ORG.format(url=url))


def _chip(name: str, step: StepState) -> str:
    took = f", {step.elapsed_ms} ms" if step.elapsed_ms is not None else ""
    hint = f"{step.status}{took}: {step.description}" if step.description else f"{step.status}{took}"
    return f'<span class="chip {step.status}" title="{escape(hint)}">{escape(name)}</span>'
