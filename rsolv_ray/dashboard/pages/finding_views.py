"""How does one finding look, with what is said of it and what is offered against it? As HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rsolv_ray.dashboard import listing, words
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import shown
from rsolv_ray.dashboard.pages.findings_views import severity, state_of, triage_buttons
from rsolv_ray.dashboard.words import Html, address
from rsolv_ray.model.finding import (
    PROPOSAL_TRANSITIONS,
    FindingRecord,
    FindingState,
    FindingStep,
    ProposalRecord,
    ProposalState,
)
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.rule import Rule
from rsolv_ray.model.weakness import label

_COMMANDS = """rsolv proposals apply {name} --org {org}
curl -sS -H "Authorization: Bearer $RSOLV_API_KEY" -H "Accept: text/x-diff" \\
  {url}/api/v1/orgs/{org}/proposals/{name} | git apply"""
_SAYINGS = {
    ProposalState.APPLIED: "Mark as applied",
    ProposalState.MERGED: "Mark as merged",
    ProposalState.REJECTED: "Reject",
    ProposalState.REVERTED: "Mark as reverted",
}


@dataclass(frozen=True, slots=True)
class OneFinding:
    """A finding with all that is known of it. `repository` is None where it was removed, `rule` where it is not kept."""

    org: Org
    record: FindingRecord
    history: tuple[FindingStep, ...]
    offered: tuple[ProposalRecord, ...]
    repository: str | None
    rule: Rule | None = None


def above(seen: OneFinding, visitor: Visitor) -> Html:
    """The place, its code, and what is wrong with it."""
    finding = seen.record.finding
    back = f'<p class="back"><a href="{address("findings", visitor)}">All that have to be mended</a></p>'
    code = listing.code(finding.snippet, first=finding.span.start_line, flagged=finding.span, name="finding-code")
    return Html(
        f'{back}<div class="stack"><section class="panel"><h2>{shown(finding.path)}:{finding.span.start_line}</h2>'
        f'<p class="message">{shown(finding.message)}</p>{code}{_facts(seen, visitor)}</section>{_variables(seen)}</div>'
    )


def below(seen: OneFinding, visitor: Visitor, url: str) -> Html:
    """What may be said of it, what is offered against it, and its past."""
    patches = "".join(_patch(one, seen, visitor, url) for one in seen.offered) or _no_patch(seen)
    return Html(f'<div class="stack">{_actions(seen, visitor)}{patches}{_history(seen.history)}</div>')


def _facts(seen: OneFinding, visitor: Visitor) -> str:
    record, finding = seen.record, seen.record.finding
    rule = f'<a href="{address("rules", visitor, rule=finding.rule)}">{escape(finding.rule)}</a>, version {finding.rule_version}'
    facts = (
        ("State", state_of(record)),
        ("Severity", severity(finding.severity)),
        ("Weakness", ", ".join(escape(label(one)) for one in finding.cwe) or escape(label(""))),
        ("Repository", shown(seen.repository) if seen.repository else "removed"),
        ("Rule", rule),
        ("First seen", words.moment(record.first_seen)),
        ("Changed", words.moment(record.changed_at)),
        ("Fingerprint", f"<code>{escape(finding.fingerprint)}</code>"),
    )
    return f'<dl class="facts">{"".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)}</dl>'


def _variables(seen: OneFinding) -> str:
    bound = sorted(seen.record.finding.metavariables.items())
    rows = [(Html(f"<code>{shown(name)}</code>"), Html(f"<code>{shown(value)}</code>")) for name, value in bound]
    return words.table("What the rule's variables stand for here", ("Variable", "Code"), rows) if rows else ""


def _actions(seen: OneFinding, visitor: Visitor) -> str:
    if not visitor.may(Scope.MANAGE):
        return '<p class="hint">To triage it, log in with a key of the scope <code>manage</code>.</p>'
    buttons = triage_buttons(seen.record.finding.id)
    return f'<div class="actions" role="group" aria-label="Say of this finding">{buttons}</div>'


def _patch(one: ProposalRecord, seen: OneFinding, visitor: Visitor, url: str) -> str:
    name = one.proposal.id
    here = address(f"download/proposals/{name}.diff", visitor)
    commands = _COMMANDS.format(name=name, org=seen.org.name, url=url)
    return (
        f'<section class="panel patch"><h2>Proposed patch {words.badge(one.state)}</h2>'
        f"<p>The patched code parses, and the rule no longer fires on it.</p>"
        f'<div class="actions" role="group" aria-label="Patch {name}">{listing.copying(f"diff-{name}", "patch", one.proposal.diff)}'
        f'<a class="button" href="{here}" download>Download</a>{_sayings(one, visitor)}</div>'
        f"{listing.diff(one.proposal.diff, name=f'diff-{name}')}"
        f"<p>Apply it in a checkout:</p><pre><code>{escape(commands)}</code></pre></section>"
    )


def _sayings(one: ProposalRecord, visitor: Visitor) -> str:
    if not visitor.may(Scope.WRITE):
        return ""
    ways = sorted(PROPOSAL_TRANSITIONS[one.state], key=list(ProposalState).index)
    return "".join(
        f'<button type="button" data-do="patch:{to}" data-id="{one.proposal.id}">{_SAYINGS[to]}</button>' for to in ways
    )


def _no_patch(seen: OneFinding) -> str:
    if seen.record.state is FindingState.FIXED:
        why = "It is fixed already."
    elif seen.rule is not None and seen.rule.fix is None:
        why = "Its rule tells what is wrong and knows no mending that fits everywhere."
    else:
        why = "No patch for it has passed its own proof: parsed, and silent when it is scanned again."
    return f'<section class="panel"><h2>No patch is offered</h2><p>{why}</p></section>'


def _history(steps: Sequence[FindingStep]) -> str:
    rows = [
        (
            words.moment(one.at),
            words.badge(
                one.triage.label.replace("_", " ") if one.triage and one.state is FindingState.TRIAGED else one.state
            ),
            shown(one.triage.reason or "") if one.triage else "",
            shown(one.triage.by) if one.triage else "",
        )
        for one in reversed(steps)
    ]
    return words.table("History", ("Time", "State", "Why", "By"), rows)
