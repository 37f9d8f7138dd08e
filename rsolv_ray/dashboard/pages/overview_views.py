"""How do an org's cycles, rules and scans look at a glance, and what is said where there are none? As HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import first_line, shown
from rsolv_ray.dashboard.pages.learn_views import known, outcome
from rsolv_ray.dashboard.words import Html, address, badge, counted, duration, moment, panel
from rsolv_ray.model.cycle import Cycle, StepState, StepStatus
from rsolv_ray.model.finding import Repository, ScanRecord
from rsolv_ray.model.org import Org
from rsolv_ray.model.rule import RuleSummary

_TICKED = re.compile(r"`([^`]+)`")
_TRIGGERS = {"new_rule": "For a new rule"}
_FIRST_ORG = """rsolv orgs create acme
# or
curl -sS -H "Authorization: Bearer $RSOLV_API_KEY" \\
  {url}/api/v1/orgs --json '{{"name": "acme"}}'"""
_FIRST_FIX = """# in a checkout whose last commit is a fix
rsolv learn --org {org} --commit HEAD --repo . --wait 60

# or from anywhere
curl -sS -H "Authorization: Bearer $RSOLV_API_KEY" \\
  "{url}/api/v1/orgs/{org}/fixes?wait=60" --json @- <<'JSON'
{{"changes": [{{"path": "app/db.py",
   "before": "def find(db, name):\\n    return db.execute(\\"SELECT * FROM user WHERE name = '%s'\\" % name)\\n",
   "after": "def find(db, name):\\n    return db.execute(\\"SELECT * FROM user WHERE name = ?\\", (name,))\\n"}}],
 "cwe": ["CWE-89"], "title": "Bind the name"}}
JSON"""


def running(told: Sequence[Cycle], visitor: Visitor) -> Html:
    """The cycles that run right now, each with its steps. The panel stays where none does, so that nothing below it jumps."""
    if not told:
        return panel(
            "Learning right now",
            "<p><small>No cycle runs. The next fix shows here while it is learned from.</small></p>",
        )
    rows = "".join(
        f'<li data-row="{one.id}"><span>{_title(one, visitor)} {moment(one.received_at)}</span>{_chips(one)}</li>'
        for one in told
    )
    return panel("Learning right now", f'<ol class="now">{rows}</ol>', kind="busy")


def learned(told: Sequence[Cycle], visitor: Visitor) -> Html:
    """The cycles that ended last: with what, and how much else was found by it."""
    rows = "".join(_ended(one, visitor) for one in told)
    inner = f'<ol class="rows">{rows}</ol>' if rows else "<p>The first fix is being learned from.</p>"
    return panel("Recent learning", inner, more=f'<a href="{address("learn", visitor)}">Learn from a fix</a>')


def lists(rules: Sequence[RuleSummary], scans: Sequence[ScanRecord], visitor: Visitor) -> Html:
    """The newest rules, and the newest scans."""
    return Html(f'<div class="stack">{_rules(rules, visitor)}{_scans(scans, visitor)}</div>')


def begin(org: Org, visitor: Visitor, repositories: Sequence[Repository], url: str) -> Html:
    """What to do where no fix has come yet: the ways to send the first one, after something to scan is there."""
    if repositories:
        names = ", ".join(escape(one.name) for one in repositories[:5])
        scanned = f"<p>{counted(len(repositories), 'repository', 'repositories')} will be scanned with each rule: {names}.</p>"
    else:
        scanned = f"<p>Register what each rule is to be tried on:</p>{_code(words.register(visitor))}"
    inner = (
        f'<ol class="begin"><li><h3>Repositories</h3>{scanned}</li><li><h3>A first fix, here</h3>'
        f"<p>Paste code before and after a security fix, and watch what it teaches.</p>"
        f'<p><a class="button primary" href="{address("learn", visitor)}">Learn from a fix</a></p></li>'
        f"<li><h3>Or from a terminal or a pipeline</h3>{_code(_FIRST_FIX.format(url=url, org=org.name))}</li></ol>"
    )
    return panel("Nothing is learned here yet", inner, kind="begins")


def no_org(url: str) -> Html:
    """What to do where there is no organisation at all."""
    return panel(
        "There is no organisation yet",
        f"<p>Make one; this page shows it at once.</p>{_code(_FIRST_ORG.format(url=url))}",
    )


def _ended(one: Cycle, visitor: Visitor) -> str:
    said = [f"<code>{escape(one.rule.id)}</code>"] if one.rule else []
    if one.known_rule:
        said.append(known(one.known_rule, visitor))
    elif one.reason:
        said.append(shown(first_line(one.reason)))
    if one.rule and one.scan:
        said.append(
            f"{counted(one.scan.findings, 'finding')}; {counted(one.scan.repositories, 'repository', 'repositories')} scanned"
        )
    if one.proposals:
        said.append(f"{counted(len(one.proposals), 'patch', 'patches')} offered")
    failed = [name for name, step in one.steps.items() if step.status is StepStatus.FAILED]
    if failed:
        said.append(f'<span class="bad">failed: {", ".join(failed)}</span>')
    return (
        f'<li data-row="{one.id}"><span>{_title(one, visitor)} {outcome(one)}</span>{moment(one.received_at)}'
        f"<small>{' &middot; '.join(said)}</small></li>"
    )


def _title(one: Cycle, visitor: Visitor) -> str:
    title = shown(first_line(one.title or "A fix without a title", 90))
    weakness = f" <small>{escape(', '.join(one.cwe[:3]))}</small>" if one.cwe else ""
    return f'<a href="{address("learn", visitor, cycle=one.id)}">{title}</a>{weakness}'


def _chips(one: Cycle) -> str:
    return f'<span class="chips">{"".join(_chip(name, step) for name, step in one.steps.items())}</span>'


def _chip(name: str, step: StepState) -> str:
    took = f", {step.elapsed_ms} ms" if step.elapsed_ms is not None else ""
    hint = f"{step.status}{took}: {step.description}" if step.description else f"{step.status}{took}"
    return f'<span class="chip {step.status}" title="{escape(hint)}">{escape(name)}</span>'


def _rules(told: Sequence[RuleSummary], visitor: Visitor) -> str:
    rows = "".join(
        f'<li data-row="{one.id}"><span><a href="{address("rules", visitor, rule=one.id)}">{escape(one.id)}</a> {badge(one.state)}'
        f"{badge(f'{one.confidence.lower()} confidence')}</span>{moment(one.created_at)}"
        f"<small>{_message(one)}</small></li>"
        for one in told
    )
    inner = f'<ol class="rows">{rows}</ol>' if rows else "<p>No rule has been accepted yet.</p>"
    return panel("Newest rules", inner, more=f'<a href="{address("rules", visitor)}">All rules</a>')


def _message(rule: RuleSummary) -> str:
    return _TICKED.sub(r"<code>\1</code>", shown(first_line(rule.message)))


def _scans(told: Sequence[ScanRecord], visitor: Visitor) -> str:
    rows = [_scan(one, visitor) for one in told]
    headings = ("Scan", "State", "Findings", "New", "Took", "Repositories")
    empty = "No scan has run yet: one begins with each new rule, as soon as a repository is registered."
    return words.table("Recent scans", headings, rows, empty=empty)


def _scan(one: ScanRecord, visitor: Visitor) -> tuple[str, ...]:
    scan, report = one.scan, one.report
    trigger = escape(_TRIGGERS.get(scan.trigger, scan.trigger.capitalize()))
    if scan.cycle is not None:
        trigger = f'<a href="{address("learn", visitor, cycle=scan.cycle)}">{trigger}</a>'
    counts = (
        ("", "", "") if report is None else (f"{report.findings:,}", f"{report.opened:,}", duration(report.duration_ms))
    )
    return (
        Html(f"{trigger} {moment(scan.started_at)}"),
        badge(f"scan {one.status}" if one.status == "failed" else one.status),
        *counts,
        f"{len(scan.repositories):,}",
    )


def _code(text: str) -> str:
    return f'<pre tabindex="0"><code>{escape(text)}</code></pre>'
