"""How does a list of rules look? As HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from rsolv_ray.dashboard import words
from rsolv_ray.dashboard.asking import form, select
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.listing import first_line, shown
from rsolv_ray.dashboard.words import Html, address
from rsolv_ray.model.finding import FindingCounts
from rsolv_ray.model.ids import CycleId, RuleId
from rsolv_ray.model.org import Org
from rsolv_ray.model.page import Page
from rsolv_ray.model.rule import SCANNING_STATES, Proposer, Quality, RuleState, RuleSummary
from rsolv_ray.model.weakness import label


class Choice(StrEnum):
    """What the list may be narrowed to: a state, or all that scan."""

    IN_USE = "in_use"
    DRAFT = "draft"
    MONITOR = "monitor"
    ACTIVE = "active"
    RETIRED = "retired"


_CHOICES = {"": "All"} | {one.value: one.value.replace("_", " ").capitalize() for one in Choice}
_HEADINGS = (
    "Rule", "State", "Confidence", "Precision", "Recall", "Open", "False positives", "Weakness", "Learned",
)  # fmt: skip


_FORMS = {
    "taint": "follows a value from where it comes from to where it does harm",
    "keyword": "looks for calls with the weak argument",
    "setting": "looks for the weak setting",
    "literal": "looks for the weak text or number",
    "operator": "looks for the weak comparison",
    "call": "looks for the weak call",
    "guard": "looks for the call where the check before it is missing",
    "ladder": "looks for code like that before the fix, with names left open",
    "client": "was sent with the fix, and passed the same gates",
}
"""What rules of a form look for, by how its name begins."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rules are asked for. Nothing said means all of them, from the newest on."""

    text: str | None = None
    choice: Choice | None = None
    cursor: str | None = None

    @property
    def states(self) -> frozenset[RuleState] | None:
        if self.choice is None:
            return None
        return frozenset(SCANNING_STATES if self.choice is Choice.IN_USE else (RuleState(self.choice.value),))

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the list, as it stands in an address."""
        told = {"q": self.text or "", "state": self.choice.value if self.choice else ""}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules of an org: a page of those that are asked for, with how their findings stand."""

    org: Org
    wanted: Wanted
    page: Page[RuleSummary]
    counts: Mapping[RuleId, FindingCounts]


def filters(seen: Rules, visitor: Visitor) -> Html:
    """The fields that narrow the list."""
    wanted = seen.wanted
    text = (
        f'<label>Search<input type="search" name="q" value="{escape(wanted.text or "")}" maxlength="200" '
        f'placeholder="name, message, CWE, language"></label>'
    )
    state = select("state", "State", _CHOICES, wanted.choice or "")
    return form("rules", visitor, (text, state), is_narrowed=bool(wanted.filters))


def listed(seen: Rules, visitor: Visitor, url: str) -> Html:
    """The rules, or what to do where there are none."""
    if not seen.page.items:
        return _nothing(seen.wanted, visitor)
    rows = [_row(one, seen.counts.get(one.id, FindingCounts()), visitor) for one in seen.page.items]
    told = words.table("Rules", _HEADINGS, rows)
    return Html(f'<div class="stack">{told}{_pages(seen, visitor)}{_exports(seen.org, visitor, url)}</div>')


def precision(quality: Quality) -> str:
    """Of the cases that it flags, how many it should: with both counts."""
    return f"{quality.precision:.2f} ({quality.tp} of {quality.tp + quality.fp})"


def recall(quality: Quality) -> str:
    """Of the cases that it should flag, how many it does: with both counts."""
    return f"{quality.recall:.2f} ({quality.tp} of {quality.tp + quality.fn})"


def made_by(form: str, proposer: Proposer) -> Html:
    """The form of a rule and what made it; the pointer on it tells what the form looks for."""
    told = next((told for kind, told in _FORMS.items() if form.startswith(kind)), "")
    title = f' title="{escape(told)}"' if told else ""
    return Html(f"<span{title}>{shown(form or 'no form')}, by {escape(proposer)}</span>")


def _row(rule: RuleSummary, counts: FindingCounts, visitor: Visitor) -> tuple[str, ...]:
    name = f'<a href="{address("rules", visitor, rule=rule.id)}"><code>{escape(rule.id)}</code></a>'
    about = f"{shown(first_line(rule.message))}<br><small>{made_by(rule.form, rule.proposer)}</small>"
    weakness = "<br>".join(escape(label(one)) for one in rule.cwe) or escape(label(""))
    cycle = address("learn", visitor, cycle=CycleId.of(rule.origin_fixes[0]))
    found = address("findings", visitor, rule=rule.id)
    return (
        Html(f"{name}<br>{about}"),
        words.badge(rule.state),
        words.badge(rule.confidence.lower()),
        _with_counts(precision(rule.quality)),
        _with_counts(recall(rule.quality)),
        Html(f'<a href="{found}">{counts.open:,}</a>'),
        f"{counts.false_positive:,} of {counts.false_positive + counts.true_positive:,} judged",
        Html(f"{weakness}<br><small>{escape(', '.join(rule.languages))}</small>"),
        Html(f'{words.moment(rule.created_at)}<br><small><a href="{cycle}">from its fix</a></small>'),
    )


def _with_counts(told: str) -> Html:
    value, _, counts = told.partition(" ")
    return Html(f"{value}<br><small>{counts.strip('()')}</small>")


def _pages(seen: Rules, visitor: Visitor) -> str:
    return pages("rules", visitor, seen.wanted.filters, seen.wanted.cursor, seen.page.next_cursor)


def pages(path: str, visitor: Visitor, asked: Mapping[str, str], cursor: str | None, following: str | None) -> str:
    """The ways to the first and to the next page of a list, where there are any."""
    first = f'<a href="{address(path, visitor, **asked)}">First page</a>' if cursor else ""
    further = f'<a href="{address(path, visitor, **asked, cursor=following)}">Next page</a>' if following else ""
    return f'<nav class="paging" aria-label="Pages of the list">{first}{further}</nav>' if first or further else ""


def _exports(org: Org, visitor: Visitor, url: str) -> str:
    here = address("download/rules.yaml", visitor)
    api = escape(f"{url}/api/v1/orgs/{org.name}/rules")
    return (
        f'<section class="panel"><h2>Take them with you</h2><p><a href="{here}" download>All rules in use, as YAML</a> '
        f"for <code>semgrep scan --config rules.yaml</code>. For programs, with an API key: <code>{api}</code></p></section>"
    )


def _nothing(wanted: Wanted, visitor: Visitor) -> Html:
    if wanted.filters or wanted.cursor:
        clear = f'<a href="{address("rules", visitor)}">Show all rules</a>'
        return Html(f'<section class="panel"><h2>No rule is like that</h2><p>{clear}</p></section>')
    learn = f'<a href="{address("learn", visitor)}">Learn from a fix</a>'
    return Html(
        f'<section class="panel"><h2>No rule has been learned yet</h2><p>Every security fix that is sent here is turned '
        f"into a rule that is proven on it. {learn}: paste the code before and after, or take an example.</p></section>"
    )
