"""Which rules does the org have, what are they worth, and what shall become of them? `?rule=` shows one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.asking import Astray, astray, named, no_org, one_of, reason_of, text_of
from rsolv_ray.dashboard.clicks import Click, clicked
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import rule_text, rule_views, rules_views
from rsolv_ray.dashboard.pages.rule_views import Lesson, OneRule
from rsolv_ray.dashboard.pages.rules_views import Rules, Wanted
from rsolv_ray.model.errors import NotFound, Rejected
from rsolv_ray.model.fix import Fix
from rsolv_ray.model.ids import FixId, OrgId, RuleId
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.rule import TRANSITIONS, Rule, RuleState, RuleSummary

PAGE, PLACES, LESSONS = 50, 5, 3
LARGEST_VERSION = 2**31 - 1
_WAY_BACK = ("rules", "no rule", "All rules")
LONGEST_DIFF = 100_000
"""So many characters of a fix are compared at most: beyond, a comparison may take long."""

Seen = Rules | OneRule | Astray


@dataclass(frozen=True, slots=True)
class Reason:
    """The field for a reason: is it there, and under which words?"""

    label: str = ""

    def update(self) -> dict[str, Any]:
        """As Gradio wants it: what was typed stays."""
        return gr.update(visible=True, label=self.label) if self.label else gr.update(visible=False)


async def look(house: House, org: Org, asked: Mapping[str, str]) -> Seen:
    """The rule that the address names, or those that it asks for."""
    try:
        name = text_of(asked, "rule")
        return await (_one(house, org, name, asked) if name else _several(house, org, asked))
    except Rejected as wrong:
        return Astray(str(wrong))


async def _several(house: House, org: Org, asked: Mapping[str, str]) -> Rules:
    wanted = Wanted(text_of(asked, "q"), one_of(rules_views.Choice, asked, "state"), text_of(asked, "cursor"))
    page = await house.rules(org.id, wanted.states, PAGE, wanted.cursor, text=wanted.text)
    counts = await house.finding_counts(org.id, [rule.id for rule in page.items])
    return Rules(org, wanted, page, counts)


async def _one(house: House, org: Org, name: str, asked: Mapping[str, str]) -> OneRule:
    known = named(RuleId, name, "rule")
    rule = await house.rule(org.id, known, _version(asked))
    versions, history, counts, found, lessons = await asyncio.gather(
        house.rule_versions(org.id, known),
        house.rule_history(org.id, known),
        house.finding_counts(org.id, [known]),
        house.findings(org.id, rule=known, limit=PLACES),
        asyncio.gather(*(_lesson(house, org.id, fix) for fix in rule.origin_fixes[:LESSONS])),
    )
    before = await _before(house, org.id, rule, versions)
    return OneRule(org, rule, versions, history, counts[known], found.items, tuple(lessons), before)


def _version(asked: Mapping[str, str]) -> int | None:
    text = text_of(asked, "version")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_VERSION):
        raise Rejected(f"{text[:80]!r} is no version: versions are counted from 1.")
    return int(text)


async def _before(house: House, org: OrgId, rule: Rule, versions: Sequence[RuleSummary]) -> Rule | None:
    """The version that came before the one that is shown, if there is one."""
    older = [one.version for one in versions if one.version < rule.version]
    return await house.rule(org, rule.id, max(older)) if older else None


async def _lesson(house: House, org: OrgId, name: FixId) -> Lesson:
    try:
        fix = await house.fix(org, name)
    except NotFound:
        return Lesson(name)
    return Lesson(name, fix, await asyncio.to_thread(_diff_of, fix))


def _diff_of(fix: Fix) -> str | None:
    """What a fix has changed, or None where that is too long to be compared here."""
    if sum(len(change.before) + len(change.after) for change in fix.changes) > LONGEST_DIFF:
        return None
    return "".join(map(rule_text.changed, fix.changes))


def draw(view: View[Seen], url: str) -> Sequence[Any]:
    """The parts of the page, in the order of its outputs: what is above the reason, its field, what is below it."""
    visitor = view.visitor
    match view.seen:
        case OneRule() as seen:
            may = visitor.may(Scope.MANAGE) and bool(TRANSITIONS[seen.rule.state])
            field = Reason("Reason" if may else "")
            return (rule_views.above(seen, visitor), field.update(), rule_views.below(seen, visitor, url))
        case Rules() as seen:
            return (rules_views.filters(seen, visitor), Reason().update(), rules_views.listed(seen, visitor, url))
        case Astray() as seen:
            return (astray(seen, visitor, *_WAY_BACK), Reason().update(), "")
        case None:
            return (no_org(visitor), Reason().update(), "")


async def change(house: House, visitor: Visitor, click: Click, typed: object) -> str:
    """Move a rule to the state that was clicked, for the reason that was typed; what was done, in words.

    Raises:
        NotAllowed: the visitor may not manage the org. Rejected: there is no reason, or it is too long.
        NotFound: the org has no such rule. Conflict: no way leads from its state to that one.
    """
    org = visitor.to(Scope.MANAGE)
    rule, to = named(RuleId, click.id, "rule"), one_of(RuleState, {"state": click.do}, "state")
    reason = reason_of(typed)
    if to is None or reason is None:
        raise Rejected("Say why: the reason stays with the rule, and its event tells it.")
    await house.change_rule_state(org.id, rule, to, reason=reason, by=visitor.by)
    return f"{rule} is {to} now."


def build(frame: Frame) -> None:
    """Put the page together."""
    above = frame.drawing("rules", clicks=True)
    reason = gr.Textbox(visible=False, lines=1, max_lines=4, elem_id="rsolv-rule-reason")
    below = frame.drawing("rule", clicks=True)

    async def act(visitor: Visitor, event: gr.EventData, typed: str) -> str:
        return await change(frame.desk.house, visitor, clicked(event), typed)

    for drawing in (above, below):
        frame.on(drawing.click, act, [reason], [reason])
    frame.follow(look, draw, [above, reason, below])
