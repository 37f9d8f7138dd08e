"""How do nouns look on the page? As HTML; whatever came from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape

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


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def head(org: Org | None, others: Sequence[Org], links: Mapping[str, str], log_out: str) -> Html:
    """Whose page this is, the other orgs that may be looked at, and the ways out."""
    name = escape(org.title or org.name) if org else "no organisation"
    options = "".join(
        f"<option{' selected' if one == org else ''}>{escape(one.name)}</option>" for one in others if len(others) > 1
    )
    choice = (
        f'<form><label>Organisation <select name="org" onchange="this.form.submit()">{options}</select></label></form>'
    )
    ways = "".join(f'<a href="{escape(address)}">{escape(words)}</a>' for words, address in links.items())
    out = f'<form method="post" action="{log_out}"><button>Log out</button></form>'
    return Html(f"<header><h1>{name}</h1>{choice if options else ''}<nav>{ways}{out}</nav></header>")


def notice(words: str) -> Html:
    """One sentence that asks for attention; empty where there is none."""
    return Html(f'<p class="notice" role="status">{escape(words)}</p>' if words else "")


def counts(metrics: OrgMetrics) -> Html:
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
    return Html(f'<section class="cards">{told}</section>')


def cycles(told: Sequence[Cycle], org: Org, url: str) -> Html:
    """The newest cycles; where there is none yet, how to begin."""
    if not told:
        return _begin("Nothing is learned here yet. Send a first fix:", _FIRST_FIX.format(url=url, org=org.name))
    rows = [
        (
            moment(one.received_at),
            badge(_OUTCOMES[one.outcome] if one.outcome else "running"),
            Html(f'<span class="chips">{"".join(_chip(name, step) for name, step in one.steps.items())}</span>'),
            Html(f"<code>{escape(one.rule.id)}</code>") if one.rule else one.reason or "",
            str(one.additional_matches),
            str(len(one.proposals)),
        )
        for one in told
    ]
    return table("Newest cycles", ("Received", "Outcome", "Steps", "Rule", "Findings", "Patches"), rows)


def rules(told: Sequence[RuleSummary]) -> Html:
    """The rules with their states, newest first."""
    rows = [
        (
            Html(f"<code>{escape(one.id)}</code><br><small>{escape(one.message)}</small>"),
            badge(one.state),
            badge(one.confidence.lower()),
            f"{one.quality.precision:.2f}, {one.quality.recall:.2f}",
        )
        for one in told
    ]
    return table(
        "Rules", ("Rule", "State", "Confidence", "Precision, recall"), rows, empty="No rule has been accepted."
    )


def events(told: Sequence[Recorded]) -> Html:
    """The newest events, the last one first, without the mere attempts."""
    rows = [
        (moment(one.at), Html(f"<b>{one.name}</b> {escape(event_line(one.event.model_dump(mode='json')))}"))
        for one in reversed(told)
        if one.name != "CommandAttempted"
    ]
    return table("Newest events", ("Time", "What happened"), rows, empty="Nothing has happened yet.")


def no_org(url: str) -> Html:
    """What to do where there is no organisation at all."""
    return _begin("There is no organisation yet. Make one:", _FIRST_ORG.format(url=url))


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str = "") -> Html:
    """A table of cells, each text or `Html`; `empty` is said where there are no rows."""
    heads = "".join(f"<th>{escape(one)}</th>" for one in headings)
    body = "".join("<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    inner = (
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>" if body else f"<p>{escape(empty)}</p>"
    )
    return Html(f'<section class="panel"><h2>{escape(title)}</h2><div class="wide">{inner}</div></section>')


def badge(word: str) -> Html:
    """A word in its own colour."""
    return Html(f'<span class="badge {escape(word.replace(" ", "-"))}">{escape(word)}</span>')


def moment(at: datetime) -> Html:
    """A moment in UTC, to the second."""
    return Html(f'<time datetime="{at.isoformat()}">{at:%d %b %H:%M:%S}</time>')


def _chip(name: str, step: StepState) -> str:
    took = f", {step.elapsed_ms} ms" if step.elapsed_ms is not None else ""
    hint = f"{step.status}{took}: {step.description}" if step.description else f"{step.status}{took}"
    return f'<span class="chip {step.status}" title="{escape(hint)}">{escape(name)}</span>'


def _begin(words: str, command: str) -> Html:
    return Html(f'<section class="panel"><h2>{escape(words)}</h2><pre><code>{escape(command)}</code></pre></section>')


def _safe(cell: str) -> str:
    return cell if isinstance(cell, Html) else escape(cell)
