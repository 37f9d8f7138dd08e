"""How does a cycle look while it runs, and what came of it? As HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from rsolv_ray.dashboard import listing, words
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import first_line, shown
from rsolv_ray.dashboard.pages import rule_text
from rsolv_ray.dashboard.pages.rules_views import precision, recall
from rsolv_ray.dashboard.words import Html, address
from rsolv_ray.model.cycle import CYCLE_STEPS, Cycle, Outcome, Step, StepState, StepStatus
from rsolv_ray.model.finding import FindingRecord
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import PatternId, RuleId
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
_KNOWN = "already known"
_NO_CLASSIFIER = "Not built yet: see the roadmap."
_PIPELINE = """# in a checkout whose last commit is the fix
rsolv learn --org {org} --commit HEAD --repo . --wait 60

# or from anywhere
curl -sS -H "Authorization: Bearer $RSOLV_API_KEY" {url}/api/v1/orgs/{org}/fixes --json @fix.json"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A cycle with what came of it; `findings` are some of the `total` of its rule, `alike` the cycles that kept the
    patterns like its own, as far as they are among the newest."""

    cycle: Cycle
    fix: Fix
    rule: Rule | None = None
    findings: tuple[FindingRecord, ...] = ()
    total: int = 0
    alike: Mapping[PatternId, Cycle] = field(default_factory=dict[PatternId, Cycle])


def intro() -> Html:
    """What the page is for."""
    return words.panel(
        "Learn from a fix",
        "<p>Paste a function before and after its security fix: a rule is derived from the change, proven on it, and run "
        "over every registered repository.</p>",
    )


def outcome(cycle: Cycle) -> Html:
    """How a cycle ended, or that it runs, as a badge."""
    return words.badge(_KNOWN if cycle.known_rule else _ENDS[cycle.outcome][0].replace("-", " "))


def known(rule: RuleId, visitor: Visitor) -> Html:
    """The rule that was there already, and where it fires."""
    return Html(
        f'Rule <a href="{address("rules", visitor, rule=rule)}">{escape(rule)}</a> finds this already '
        f'(<a href="{address("findings", visitor, rule=rule)}">its open findings</a>).'
    )


def watched(seen: Watched, visitor: Visitor) -> Html:
    """One cycle: its steps, and what came of it so far."""
    cycle, fix = seen.cycle, seen.fix
    kind = _ENDS[cycle.outcome][0]
    steps = "".join(_step(step, cycle.steps.get(step, StepState())) for step in CYCLE_STEPS)
    title = shown(fix.title or ", ".join(change.path for change in fix.changes))
    parts = [
        f'<section class="panel cycle {kind}"><h2>{title}</h2>',
        f'<p class="outcome" role="status">{outcome(cycle)} {_end(cycle, visitor)}</p>',
        f'<ol class="steps">{steps}</ol>{_advice(cycle)}</section>',
        _rule(cycle, seen.rule, visitor),
        _places(seen, visitor),
        _pattern(seen, visitor),
        _refused(cycle),
    ]
    return Html(f'<div class="stack">{"".join(parts)}</div>')


def recent(cycles: Sequence[Cycle], visitor: Visitor) -> Html:
    """The newest cycles, to look at again."""
    rows = [
        (
            words.moment(one.received_at),
            Html(f'<a href="{address("learn", visitor, cycle=one.id)}">{shown(one.title or "without a title")}</a>'),
            outcome(one),
            _taught(one, visitor),
        )
        for one in cycles
    ]
    empty = "Nothing was learned here yet. Paste a fix above, or take an example."
    return words.table("Learned lately", ("Received", "Fix", "Outcome", "Rule"), rows, empty=empty)


def _taught(cycle: Cycle, visitor: Visitor) -> str:
    if cycle.rule is not None:
        return Html(f"<code>{escape(cycle.rule.id)}</code>")
    return known(cycle.known_rule, visitor) if cycle.known_rule else cycle.reason or ""


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


def _end(cycle: Cycle, visitor: Visitor) -> str:
    if cycle.known_rule:
        return known(cycle.known_rule, visitor)
    reason = f" {shown(words.sentence(cycle.reason))}" if cycle.reason else ""
    return f"{_ENDS[cycle.outcome][1]}{reason}"


def _step(step: Step, state: StepState) -> str:
    took = f"<small>{words.duration(state.elapsed_ms)}</small>" if state.elapsed_ms is not None else ""
    tries = f"<small>attempt {state.attempts}</small>" if state.attempts > 1 else ""
    is_to_come = step is Step.CLASSIFICATION and state.status is StepStatus.SKIPPED
    said = shown(_NO_CLASSIFIER if is_to_come else state.description or str(state.status))
    return (
        f'<li class="{state.status}"><span class="mark" aria-hidden="true">{_MARKS[state.status]}</span>'
        f"<b>{_TITLES[step]}</b><span>{took}{tries}</span><p>{said}</p></li>"
    )


def _advice(cycle: Cycle) -> str:
    if cycle.outcome is not Outcome.NO_RULE or cycle.known_rule:
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


def _places(seen: Watched, visitor: Visitor) -> str:
    cycle = seen.cycle
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
        for one in seen.findings
    ]
    scan = cycle.scan
    scanned = words.counted(scan.repositories, "repository", "repositories")
    title = f"{words.counted(scan.findings, 'finding')}; {scanned} scanned in {words.duration(scan.duration_ms)}"
    told = words.table(title, ("Place", "Code", "State"), rows, empty="The weakness is nowhere else.")
    patches = f"{words.counted(len(cycle.proposals), 'patch', 'patches')} offered." if cycle.proposals else ""
    rest = seen.total - len(rows)
    name = f"{rest:,} more: all {seen.total:,} findings" if rest > 0 else "All findings of this rule"
    every = f'<a href="{address("findings", visitor, rule=cycle.rule.id, state="all")}">{name}</a>'
    return f'{told}<p class="actions">{every}<span>{patches}</span></p>'


def _place(one: FindingRecord) -> str:
    return shown(f"{one.finding.path}:{one.finding.span.start_line}")


def _pattern(seen: Watched, visitor: Visitor) -> str:
    pattern = seen.cycle.pattern
    if pattern is None:
        return ""
    alike = "".join(
        f"<li>{_named(one.pattern, seen.alike.get(one.pattern), visitor)} <small>{one.similarity:.2f}</small></li>"
        for one in pattern.similar
    )
    told = f"<p>Similar fixes, by the cosine similarity of their code:</p><ul>{alike}</ul>" if alike else ""
    return (
        f'<section class="panel"><h2>The pattern</h2><p>{words.badge(pattern.insight)} '
        f"{escape(pattern.message)}</p>{told}</section>"
    )


def _named(pattern: PatternId, cycle: Cycle | None, visitor: Visitor) -> str:
    if cycle is None:
        return f"<code>{escape(pattern)}</code>"
    title = shown(first_line(cycle.title or cycle.fix))
    return f'<a href="{address("learn", visitor, cycle=cycle.id)}">{title}</a>'


def _refused(cycle: Cycle) -> str:
    if not cycle.rejected:
        return ""
    rows = "".join(f"<li><code>{escape(one.candidate[:12])}</code> {shown(one.reason)}</li>" for one in cycle.rejected)
    return (
        f'<details class="panel"><summary>{words.counted(len(cycle.rejected), "candidate")} became no rule</summary>'
        f"<ul>{rows}</ul></details>"
    )
