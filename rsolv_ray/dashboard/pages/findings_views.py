"""How does a list of findings look, to be judged row by row or many at once? As HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.asking import form, select
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import first_line, shown
from rsolv_ray.dashboard.pages.rules_views import pages
from rsolv_ray.dashboard.words import Html, address
from rsolv_ray.model.finding import FindingRecord, FindingState, Repository, TriageLabel
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import RuleId
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.page import Page

LABELS = {
    TriageLabel.TRUE_POSITIVE: "True positive",
    TriageLabel.FALSE_POSITIVE: "False positive",
    TriageLabel.IGNORED: "Ignore",
}


class Choice(StrEnum):
    """Which states the list shows."""

    TO_BE_MENDED = "unresolved"
    OPEN = "open"
    TRIAGED = "triaged"
    FIXED = "fixed"
    ALL = "all"


class Order(StrEnum):
    """In which order the rows of a page stand."""

    NEWEST = "newest"
    BY_RULE = "by_rule"


_STATES = {
    Choice.TO_BE_MENDED: None,
    Choice.OPEN: frozenset({FindingState.OPEN, FindingState.REOPENED}),
    Choice.TRIAGED: frozenset({FindingState.TRIAGED}),
    Choice.FIXED: frozenset({FindingState.FIXED}),
    Choice.ALL: None,
}
_CHOICES = {
    "unresolved": "To be mended",
    "open": "Open or reopened",
    "triaged": "Triaged",
    "fixed": "Fixed",
    "all": "All",
}
_ORDERS = {"newest": "Newest first", "by_rule": "Grouped by rule"}
_HEADINGS = ("Place", "Code", "State", "Severity", "First seen")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings are asked for, and how they stand."""

    choice: Choice = Choice.TO_BE_MENDED
    severity: Severity | None = None
    rule: RuleId | None = None
    repository: Repository | None = None
    order: Order = Order.NEWEST
    cursor: str | None = None

    @property
    def states(self) -> frozenset[FindingState] | None:
        return _STATES[self.choice]

    @property
    def unresolved(self) -> bool:
        """Those alone that are open, back again, or true positives?"""
        return self.choice is Choice.TO_BE_MENDED

    @property
    def filters(self) -> dict[str, str]:
        """What narrows and orders the list, as it stands in an address."""
        told = {
            "state": self.choice.value if self.choice is not Choice.TO_BE_MENDED else "",
            "severity": self.severity.value if self.severity else "",
            "rule": self.rule or "",
            "repository": self.repository.name if self.repository else "",
            "order": self.order.value if self.order is not Order.NEWEST else "",
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings of an org: a page of those that are asked for. `rules` are the newest, to choose from."""

    org: Org
    wanted: Wanted
    page: Page[FindingRecord]
    repositories: tuple[Repository, ...]
    rules: tuple[RuleId, ...]


def filters(seen: Findings, visitor: Visitor) -> Html:
    """The fields that narrow the list."""
    wanted = seen.wanted
    names = {"": "All"} | {one.name: one.name for one in seen.repositories}
    severities = {"": "All"} | {one.value: one.value.capitalize() for one in Severity}
    known = "".join(f'<option value="{escape(one)}">' for one in seen.rules)
    rule = (
        f'<label>Rule<input name="rule" list="rules" value="{escape(wanted.rule or "")}" maxlength="200" '
        f'placeholder="any"></label><datalist id="rules">{known}</datalist>'
    )
    fields = (
        select("state", "State", _CHOICES, wanted.choice),
        select("severity", "Severity", severities, wanted.severity or ""),
        select("repository", "Repository", names, wanted.repository.name if wanted.repository else ""),
        rule,
        select("order", "Order", _ORDERS, wanted.order),
    )
    return form("findings", visitor, fields, is_narrowed=bool(wanted.filters))


def listed(seen: Findings, visitor: Visitor, url: str) -> Html:
    """The findings, or what to do where there are none."""
    if not seen.page.items:
        return _nothing(seen, visitor)
    may = visitor.may(Scope.MANAGE)
    body = _bodies(seen, visitor, may)
    heads = "".join(f'<th scope="col">{one}</th>' for one in (*_HEADINGS, *(("Triage",) if may else ())))
    mark = '<th scope="col"><span class="out-of-sight">Mark</span></th>' if may else ""
    told = (
        f'<section class="panel findings"><h2>Findings</h2>{_toolbar() if may else _hint()}<div class="wide">'
        f"<table><thead><tr>{mark}{heads}</tr></thead>{body}</table></div></section>"
    )
    further = pages("findings", visitor, seen.wanted.filters, seen.wanted.cursor, seen.page.next_cursor)
    return Html(f'<div class="stack">{told}{further}{_exports(seen, visitor, url)}</div>')


def state_of(record: FindingRecord) -> Html:
    """The state of a finding; a triaged one bears its label."""
    is_triaged = record.state is FindingState.TRIAGED and record.triage
    return words.badge(record.triage.label.replace("_", " ") if is_triaged and record.triage else record.state)


def severity(of: Severity) -> Html:
    """A severity in its own colour."""
    return Html(f'<span class="badge severity-{of}">{of}</span>')


def _bodies(seen: Findings, visitor: Visitor, may: bool) -> str:
    names = {one.id: one.name for one in seen.repositories}

    def rows(records: Sequence[FindingRecord]) -> str:
        return "".join(_row(one, names.get(one.finding.repository), visitor, may) for one in records)

    if seen.wanted.order is Order.NEWEST:
        return f"<tbody>{rows(seen.page.items)}</tbody>"
    groups: dict[RuleId, list[FindingRecord]] = {}
    for one in seen.page.items:
        groups.setdefault(one.finding.rule, []).append(one)
    width = len(_HEADINGS) + 2 * may
    return "".join(
        f'<tbody><tr><th scope="rowgroup" colspan="{width}">{_rule(rule, visitor)} {len(of_rule)} on this page</th></tr>'
        f"{rows(of_rule)}</tbody>"
        for rule, of_rule in groups.items()
    )


def _row(record: FindingRecord, repository: str | None, visitor: Visitor, may: bool) -> str:
    finding = record.finding
    where = f"{shown(finding.path)}:{finding.span.start_line}"
    name = shown(repository) if repository else "a repository that was removed"
    place = (
        f'<a href="{address("findings", visitor, finding=finding.id)}">{where}</a><br><small>{name}, '
        f"{_rule(finding.rule, visitor)}</small>"
    )
    code = f'<code class="clip">{shown(first_line(finding.snippet))}</code>'
    brief = (state_of(record), severity(finding.severity), words.moment(record.first_seen))
    told = f"<td>{place}</td><td>{code}</td>" + "".join(f'<td class="brief">{cell}</td>' for cell in brief)
    if not may:
        return f"<tr>{told}</tr>"
    label = escape(f"Mark {finding.path}:{finding.span.start_line}")
    seen = f"{record.state} {record.triage.label if record.triage else ''}".strip()
    mark = f'<input type="checkbox" data-id="{finding.id}" data-seen="{seen}" aria-label="{label}">'
    quick = "" if _is_false(record) else _button(TriageLabel.FALSE_POSITIVE, finding.id)
    return f'<tr><td class="mark">{mark}</td>{told}<td class="brief">{quick}</td></tr>'


def _is_false(record: FindingRecord) -> bool:
    return record.triage is not None and record.triage.label is TriageLabel.FALSE_POSITIVE


def _rule(rule: RuleId, visitor: Visitor) -> str:
    return f'<a href="{address("rules", visitor, rule=rule)}">{escape(rule)}</a>'


def _button(label: TriageLabel, name: str = "") -> str:
    return f'<button type="button" data-do="triage:{label}" data-id="{escape(name)}">{LABELS[label]}</button>'


def triage_buttons(name: str = "") -> str:
    """A button for each label: for the finding of that name, or for those that are marked."""
    return "".join(_button(label, name) for label in TriageLabel)


def _toolbar() -> str:
    every = '<label class="all"><input type="checkbox" data-all> Mark all on this page</label>'
    return (
        f'<div class="actions" role="group" aria-label="Say of the marked findings">{every}'
        f'<span data-marked role="status">Nothing is marked</span>{triage_buttons()}</div>'
    )


def _hint() -> str:
    return '<p class="hint">To triage them, log in with a key of the scope <code>manage</code>.</p>'


def _exports(seen: Findings, visitor: Visitor, url: str) -> str:
    here = address("download/findings.sarif", visitor, **seen.wanted.filters)
    api = escape(f"{url}/api/v1/orgs/{seen.org.name}/findings")
    return (
        f'<section class="panel"><h2>Take them with you</h2><p><a href="{here}" download>These findings, as SARIF 2.1.0</a>, '
        f"on all pages. For programs, with an API key and <code>Accept: application/sarif+json</code>: "
        f'<code class="long">{api}</code></p></section>'
    )


def _nothing(seen: Findings, visitor: Visitor) -> Html:
    if seen.wanted.filters or seen.wanted.cursor:
        clear = f'<a href="{address("findings", visitor)}">Show all that have to be mended</a>'
        return Html(f'<section class="panel"><h2>No finding is like that</h2><p>{clear}</p></section>')
    if not seen.repositories:
        todo = "No repository is registered. Register one, and every rule is run over it:"
        return words.begin(todo, f"{words.register(visitor)}\nrsolv scan --org {seen.org.name}")
    if not seen.rules:
        learn = f'<a href="{address("learn", visitor)}">Learn from a fix</a>'
        return Html(
            f'<section class="panel"><h2>No rule has been learned yet</h2><p>{learn}, and its rule is run over the '
            f"{len(seen.repositories)} repositories that are registered.</p></section>"
        )
    every = f'<a href="{address("findings", visitor, state="all")}">Show those that are fixed, false or ignored</a>'
    return Html(f'<section class="panel"><h2>Nothing has to be mended</h2><p>{every}</p></section>')
