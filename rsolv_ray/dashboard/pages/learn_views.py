"""How does a cycle look while it runs, and what came of it? As HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rsolv_ray.dashboard import listing, words
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import first_line, shown
from rsolv_ray.dashboard.pages import rule_text
from rsolv_ray.dashboard.pages.rules_views import precision, recall
from rsolv_ray.dashboard.words import Html, address
from rsolv_ray.model.cycle import Cycle, Outcome, Step, StepState, StepStatus
from rsolv_ray.model.finding import FindingRecord
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.org import Org
from rsolv_ray.model.rule import Rule

_TITLES = {
    Step.SYNTHESIS: "Derive rules",
    Step.JUDGEMENT: "Prove them",
    Step.PATTERN: "Keep the pattern",
    Step.CLASSIFICATION: "Classify",
    Step.SCAN: "Scan the organisation",
    Step.PROPOSALS: "Propose patches",
}
_MARKS = {
    StepStatus.PENDING: "&middot;",
    StepStatus.RUNNING: "&#8226;",
    StepStatus.DONE: "&#10003;",
    StepStatus.FAILED: "&#10005;",
    StepStatus.SKIPPED: "&ndash;",
}
_ENDS = {
    None: ("running", "The cycle runs. This page follows it by itself."),
    Outcome.LEARNED: ("learned", "A rule was learned."),
    Outcome.NO_RULE: ("no-rule", "No rule came of this fix."),
    Outcome.PARTIAL: ("partly-done", "The cycle ended, but a step of it did not come to an end."),
}
_PIPELINE = """rsolv learn --org {org} --base HEAD~1   # in a checkout, after the fix
curl -sS -H "Authorization: Bearer $RSOLV_API_KEY" {url}/api/v1/orgs/{org}/fixes --json @fix.json"""


def watched(cycle: Cycle, fix: Fix, rule: Rule | None, findings: Sequence[FindingRecord], visitor: Visitor) -> Html:
    """One cycle: its steps, and what came of it so far."""
    kind, told = _ENDS[cycle.outcome]
    reason = f" {shown(cycle.reason[:1].upper() + cycle.reason[1:])}." if cycle.reason else ""
    steps = "".join(_step(step, cycle.steps.get(step, StepState())) for step in Step)
    title = shown(fix.title or ", ".join(change.path for change in fix.changes))
    parts = [
        f'<section class="panel cycle {kind}"><h2>{title}</h2>',
        f'<p class="outcome" role="status">{words.badge(kind.replace("-", " "))} {told}{reason}</p>',
        f'<ol class="steps">{steps}</ol>{_advice(cycle)}</section>',
        _rule(cycle, rule, visitor),
        _places(cycle, findings, visitor),
        _pattern(cycle),
        _refused(cycle),
    ]
    return Html(f'<div class="stack">{"".join(parts)}</div>')


def recent(cycles: Sequence[Cycle], visitor: Visitor) -> Html:
    """The newest cycles, to look at again."""
    rows = [
        (
            words.moment(one.received_at),
            Html(f'<a href="{address("learn", visitor, cycle=one.id)}">{shown(one.title or "without a title")}</a>'),
            words.badge(_ENDS[one.outcome][0].replace("-", " ")),
            Html(f"<code>{escape(one.rule.id)}</code>") if one.rule else one.reason or "",
        )
        for one in cycles
    ]
    empty = "Nothing was learned here yet. Paste a fix above, or take an example."
    return words.table("Learned lately", ("Received", "Fix", "Outcome", "Rule"), rows, empty=empty)


def no_such_cycle(visitor: Visitor) -> Html:
    """What to do where the address names no cycle of the org."""
    back = address("learn", visitor)
    return Html(
        f'<section class="panel"><h2>There is no such cycle here</h2><p>Its address names none of this organisation. '
        f'<a href="{back}">Learn from a fix</a>.</p></section>'
    )


def in_a_pipeline(url: str, org: Org) -> Html:
    """How the same is done without a browser."""
    return words.begin("The same from a pipeline", _PIPELINE.format(url=url, org=org.name))


def _step(step: Step, state: StepState) -> str:
    took = f"<small>{words.duration(state.elapsed_ms)}</small>" if state.elapsed_ms is not None else ""
    tries = f"<small>attempt {state.attempts}</small>" if state.attempts > 1 else ""
    said = shown(state.description or str(state.status))
    return (
        f'<li class="{state.status}"><span class="mark" aria-hidden="true">{_MARKS[state.status]}</span>'
        f"<b>{_TITLES[step]}</b><span>{took}{tries}</span><p>{said}</p></li>"
    )


def _advice(cycle: Cycle) -> str:
    if cycle.outcome is not Outcome.NO_RULE:
        return ""
    return (
        "<p>What helps: paste whole functions on both sides, so that the rule sees where the value comes from and goes to; "
        "keep the fix to one weakness; name the weakness. A rule of your own may be sent with the fix over HTTP "
        "(<code>rule</code>), and passes the same gates.</p>"
    )


def _rule(cycle: Cycle, rule: Rule | None, visitor: Visitor) -> str:
    if cycle.rule is None or rule is None:
        return ""
    quality = rule.quality
    facts = (
        ("Confidence", words.badge(rule.confidence.lower())),
        ("State", words.badge(rule.state)),
        ("Precision", precision(quality)),
        ("Recall", recall(quality)),
    )
    told = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return (
        f'<section class="panel"><h2>The rule <a href="{address("rules", visitor, rule=rule.id)}">{escape(rule.id)}</a></h2>'
        f'<p>{shown(rule.message)}</p><dl class="facts">{told}</dl>'
        f"<p><small>Precision and recall are on its {len(rule.cases)} cases.</small></p>"
        f"<details><summary>The rule in Semgrep's language</summary>"
        f"{listing.yaml(rule_text.text_of(rule), name='rule-yaml')}</details></section>"
    )


def _places(cycle: Cycle, findings: Sequence[FindingRecord], visitor: Visitor) -> str:
    if cycle.scan is None or cycle.rule is None:
        return ""
    if not cycle.scan.repositories:
        todo = "No repository was scanned. Register one, and the next rule is tried on it:"
        return words.begin(todo, words.register(visitor))
    rows = [
        (
            Html(f'<a href="{address("findings", visitor, finding=one.finding.id)}">{_place(one)}</a>'),
            Html(f"<code>{shown(first_line(one.finding.snippet))}</code>"),
            words.badge(one.state),
        )
        for one in findings
    ]
    scan = cycle.scan
    title = f"Found: {scan.findings} in {words.counted(scan.repositories, 'repository', 'repositories')}, in {words.duration(scan.duration_ms)}"
    told = words.table(title, ("Place", "Code", "State"), rows, empty="The weakness is nowhere else.")
    patches = f"{words.counted(len(cycle.proposals), 'patch', 'patches')} offered." if cycle.proposals else ""
    every = f'<a class="button" href="{address("findings", visitor, rule=cycle.rule.id)}">All findings of this rule</a>'
    return f'{told}<p class="actions">{every}<span>{patches}</span></p>'


def _place(one: FindingRecord) -> str:
    return shown(f"{one.finding.path}:{one.finding.span.start_line}")


def _pattern(cycle: Cycle) -> str:
    if cycle.pattern is None:
        return ""
    alike = "".join(
        f"<li><code>{escape(one.pattern)}</code> {one.similarity:.2f}</li>" for one in cycle.pattern.similar
    )
    told = f"<p>Similar ones, by cosine similarity:</p><ul>{alike}</ul>" if alike else ""
    return (
        f'<section class="panel"><h2>The pattern</h2><p>{words.badge(cycle.pattern.insight)} '
        f"{escape(cycle.pattern.message)}</p>{told}</section>"
    )


def _refused(cycle: Cycle) -> str:
    if not cycle.rejected:
        return ""
    rows = "".join(f"<li><code>{escape(one.candidate[:12])}</code> {shown(one.reason)}</li>" for one in cycle.rejected)
    return (
        f'<details class="panel"><summary>{len(cycle.rejected)} candidates did not pass their proof</summary>'
        f"<ul>{rows}</ul></details>"
    )
