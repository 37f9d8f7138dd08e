"""How does one rule look, with its proof and its past? As HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rsolv_ray.dashboard import listing, words
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import first_line, shown
from rsolv_ray.dashboard.pages import rule_text
from rsolv_ray.dashboard.pages.findings_views import severity, state_of
from rsolv_ray.dashboard.pages.rules_views import made_by, precision, recall
from rsolv_ray.dashboard.words import Html, address, sentence
from rsolv_ray.model.finding import FindingCounts, FindingRecord, Span
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import CycleId, FixId
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.rule import TRANSITIONS, Case, CaseKind, Density, Rule, RuleState, RuleStep, RuleSummary
from rsolv_ray.model.weakness import label

MOST_CASES = 60
_VERBS = {
    (RuleState.DRAFT, RuleState.MONITOR): "Put to use, in monitor",
    (RuleState.MONITOR, RuleState.ACTIVE): "Approve",
    (RuleState.ACTIVE, RuleState.MONITOR): "Back to monitor",
    (RuleState.RETIRED, RuleState.MONITOR): "Take up again, in monitor",
}
_MEANINGS = {
    RuleState.DRAFT: "It is not judged yet and scans nothing.",
    RuleState.MONITOR: "It scans and offers patches, and fails no build.",
    RuleState.ACTIVE: "It scans, offers patches, and is in the pack of learned rules.",
    RuleState.RETIRED: "It scans no more.",
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """A fix that taught a rule. `fix` is None where it is no longer kept, `diff` where it is too long to be shown."""

    name: FixId
    fix: Fix | None = None
    diff: str | None = None


@dataclass(frozen=True, slots=True)
class OneRule:
    """A version of a rule with all that is known of it. `before` is the version that it replaced; `found` are some of its
    findings, `history` how it came into its state, oldest first."""

    org: Org
    rule: Rule
    versions: tuple[RuleSummary, ...]
    history: tuple[RuleStep, ...]
    counts: FindingCounts
    found: tuple[FindingRecord, ...]
    lessons: tuple[Lesson, ...]
    before: Rule | None = None

    @property
    def newest(self) -> int:
        return self.versions[0].version


def above(seen: OneRule, visitor: Visitor) -> Html:
    """What the rule is about, and what it is worth."""
    rule = seen.rule
    back = f'<p class="back"><a href="{address("rules", visitor)}">All rules</a></p>'
    facts = (
        ("State", words.badge(rule.state)),
        ("Confidence", words.badge(rule.confidence.lower())),
        ("Weakness", Html(", ".join(escape(label(one)) for one in rule.cwe) or escape(label("")))),
        ("Severity", severity(rule.severity)),
        ("Languages", Html(escape(", ".join(rule.languages)))),
        ("Made by", made_by(rule.form, rule.proposer)),
        ("Version", Html(f"{rule.version} of {seen.newest}")),
        ("Learned", words.moment(rule.created_at)),
    )
    told = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return Html(
        f'{back}<section class="panel"><h2>{escape(rule.id)}</h2><p class="message">{shown(rule.message)}</p>'
        f'<dl class="facts">{told}</dl>{_older(seen, visitor)}</section>'
    )


def below(seen: OneRule, visitor: Visitor, url: str) -> Html:
    """What may become of it, its text, its proof, what taught it, where it fires, and its past."""
    parts = (
        _actions(seen.rule, visitor), _text(seen, visitor, url), _quality(seen.rule), _cases(seen.rule),
        *(_lesson(one, visitor) for one in seen.lessons), _findings(seen, visitor), _versions(seen, visitor),
        _history(seen.history),
    )  # fmt: skip
    return Html(f'<div class="stack">{"".join(parts)}</div>')


def _older(seen: OneRule, visitor: Visitor) -> str:
    if seen.rule.version == seen.newest:
        return ""
    newest = address("rules", visitor, rule=seen.rule.id)
    return f'<p class="notice">This is an older version. <a href="{newest}">The newest one</a></p>'


def _actions(rule: Rule, visitor: Visitor) -> str:
    if not visitor.may(Scope.MANAGE):
        need = "To approve or retire it, log in with a key of the scope <code>manage</code>."
        return f'<p class="hint">{_MEANINGS[rule.state]} {need}</p>'
    ways = sorted(TRANSITIONS[rule.state], key=list(RuleState).index)
    buttons = "".join(
        f'<button type="button" data-do="{to}" data-id="{escape(rule.id)}">{_VERBS.get((rule.state, to), "Retire")}</button>'
        for to in ways
    )
    return f'<div class="actions" role="group" aria-label="State of the rule">{buttons}<span>{_MEANINGS[rule.state]}</span></div>'


def _text(seen: OneRule, visitor: Visitor, url: str) -> str:
    rule, text = seen.rule, rule_text.text_of(seen.rule)
    here = address(f"download/rules/{rule.id}.yaml", visitor)
    api = escape(f"{url}/api/v1/orgs/{seen.org.name}/rules/{rule.id}.yaml")
    newest = f'<a class="button" href="{here}" download>Download</a>' if rule.version == seen.newest else ""
    return (
        f'<section class="panel"><h2>The rule, for Semgrep</h2><p class="actions">{listing.copying("rule-yaml", "YAML", text)}{newest}'
        f'<span>With an API key: <code class="long">{api}</code></span></p>'
        f"{listing.yaml(text, name='rule-yaml')}</section>"
    )


def _quality(rule: Rule) -> str:
    quality = rule.quality
    rows = (
        ("Precision", precision(quality), "of the cases that it flags, those that it should"),
        ("Recall", recall(quality), "of the cases that it should flag, those that it does"),
        ("F1", f"{quality.f1:.2f}", "harmonic mean of precision and recall"),
        ("Structure", f"{quality.structure:.2f}", "how complete the rule's own text is"),
        ("Effectiveness", f"{quality.effectiveness:.2f}", "0.4 x specificity + 0.6 x coverage"),
        ("Accuracy", f"{quality.accuracy:.2f}", _of_cases(rule)),
        ("Overall", f"{quality.overall:.2f}", "mean of structure, effectiveness and accuracy"),
        ("Noise", *_noise(rule.density)),
    )
    advice = "".join(f"<li>{shown(sentence(one))}</li>" for one in rule.recommendations)
    told = f'<section class="panel"><h2>Recommendations</h2><ul>{advice}</ul></section>' if advice else ""
    return words.table(f"Quality, on its {len(rule.cases)} cases", ("Measure", "Value", "What it is"), rows) + told


def _noise(density: Density | None) -> tuple[str, str]:
    if density is None:
        return "unknown", "there was no clean code of its language to try it on"
    return f"{density.per_100k_lines:,.1f}", escape(density.words)


def _of_cases(rule: Rule) -> str:
    right = rule.quality.tp + rule.quality.tn
    return f"{right} of {right + rule.quality.fp + rule.quality.fn} cases are told right"


def _cases(rule: Rule) -> str:
    rows = [_case(number, one) for number, one in enumerate(rule.cases[:MOST_CASES])]
    more = len(rule.cases) - len(rows)
    title = f"Its proof: {len(rule.cases)} cases" + (f", of which {more} are not shown" if more else "")
    return words.table(title, ("Must", "Where it comes from", "Lines", "Code"), rows)


def _case(number: int, case: Case) -> tuple[str, ...]:
    lines = ", ".join(f"{one.first}" if one.first == one.last else f"{one.first} to {one.last}" for one in case.lines)
    flagged = Span(start_line=case.lines[0].first, end_line=case.lines[0].last) if case.lines else None
    begin = flagged.start_line - 1 if flagged else 0
    telling = first_line("\n".join(case.code.split("\n")[begin:]), 90)
    code = (
        f'<details data-id="case-{number}"><summary><code>{shown(telling)}</code></summary>'
        f"{listing.code(case.code, flagged=flagged)}</details>"
    )
    source = f"{escape(case.source.replace('_', ' '))}<br><small>{shown(case.path)}</small>"
    return (_must(case.kind), Html(source), lines or "any", Html(code))


def _must(kind: CaseKind) -> Html:
    return words.badge("fire") if kind is CaseKind.FIRES else words.badge("stay silent")


def _lesson(lesson: Lesson, visitor: Visitor) -> str:
    cycle = address("learn", visitor, cycle=CycleId.of(lesson.name))
    if lesson.fix is None:
        return f'<section class="panel"><h2>Learned from {escape(lesson.name)}</h2><p>The fix is no longer kept.</p></section>'
    origin = lesson.fix.origin
    places = [f"{kind} {value}" for kind, value in (("in", origin.repository), ("commit", origin.commit)) if value]
    link = shown(origin.url) if origin.url else ""
    told = ", ".join([origin.kind.replace("_", " "), *places])
    body = listing.diff(lesson.diff) if lesson.diff else "<p>The fix is too long to be compared here.</p>"
    title = lesson.fix.title or ", ".join(change.path for change in lesson.fix.changes)
    return (
        f'<section class="panel"><h2>Learned from: {shown(title)}</h2><p>{shown(told)} {link} '
        f'<a href="{cycle}">Its cycle</a></p>{body}</section>'
    )


def _findings(seen: OneRule, visitor: Visitor) -> str:
    counts = seen.counts
    rows = [
        (
            Html(f'<a href="{address("findings", visitor, finding=one.finding.id)}">{place(one)}</a>'),
            Html(f"<code>{shown(first_line(one.finding.snippet, 100))}</code>"),
            state_of(one),
        )
        for one in seen.found
    ]
    told = (
        f"{counts.open:,} open, {counts.fixed:,} fixed, {counts.true_positive:,} true positives, "
        f"{counts.false_positive:,} false positives, {counts.ignored:,} ignored"
    )
    empty = "It has flagged nothing in the repositories that are registered."
    every = (
        f'<p><a href="{address("findings", visitor, rule=seen.rule.id)}">All findings of this rule</a></p>'
        if rows
        else ""
    )
    return words.table(f"Findings: {told}", ("Place", "Code", "State"), rows, empty=empty) + every


def place(record: FindingRecord) -> Html:
    """Where a finding is: path and line."""
    return Html(f"{shown(record.finding.path)}:{record.finding.span.start_line}")


def _versions(seen: OneRule, visitor: Visitor) -> str:
    rows = [
        (
            Html(f'<a href="{address("rules", visitor, rule=one.id, version=str(one.version))}">{one.version}</a>'),
            words.moment(one.created_at),
            made_by(one.form, one.proposer),
            ", ".join(one.origin_fixes),
            f"{one.quality.overall:.2f}",
        )
        for one in seen.versions
    ]
    told = words.table("Versions", ("Version", "Learned", "Made by", "From the fix", "Overall quality"), rows)
    return told + _changes(seen)


def _changes(seen: OneRule) -> str:
    if seen.before is None:
        return ""
    old, new = (rule_text.text_of(one) for one in (seen.before, seen.rule))
    changed = rule_text.diff_of(f"{seen.rule.id}.yaml", old, new)
    body = listing.diff(changed) if changed else "<p>The text of the rule is the same; its proof may differ.</p>"
    title = f"What changed from version {seen.before.version} to {seen.rule.version}"
    return f'<section class="panel"><h2>{title}</h2>{body}</section>'


def _history(steps: Sequence[RuleStep]) -> str:
    rows = [(words.moment(one.at), words.badge(one.state), shown(one.reason), shown(one.by)) for one in reversed(steps)]
    return words.table("How it came into its state", ("Time", "State", "Why", "By"), rows)
