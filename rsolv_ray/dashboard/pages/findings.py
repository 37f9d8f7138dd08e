"""Where do the org's rules fire, and what do people say of it? `?finding=` shows one of the places."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.asking import Astray, astray, named, no_org, one_of, text_of
from rsolv_ray.dashboard.clicks import Click, clicked
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.frame import Frame
from rsolv_ray.dashboard.live import View
from rsolv_ray.dashboard.pages import finding_views, findings_views
from rsolv_ray.dashboard.pages.finding_views import OneFinding
from rsolv_ray.dashboard.pages.findings_views import Choice, Findings, Order, Wanted
from rsolv_ray.dashboard.pages.saying import say_of_patch, triage
from rsolv_ray.model.errors import NotFound, Rejected
from rsolv_ray.model.finding import ProposalState, Repository, TriageLabel
from rsolv_ray.model.fix import Severity
from rsolv_ray.model.ids import FindingId, OrgId, RepositoryId, RuleId
from rsolv_ray.model.org import Org, Scope
from rsolv_ray.model.rule import Rule

PAGE, PATCHES, RULES = 50, 20, 100
HINT = "Stays in the history with what you mark."
HINT_OF_MANY = f"{HINT} Needed where several are marked."
_WAY_BACK = ("findings", "no finding", "All that have to be mended")

Seen = Findings | OneFinding | Astray


async def look(house: House, org: Org, asked: Mapping[str, str]) -> Seen:
    """The finding that the address names, or those that it asks for."""
    try:
        name = text_of(asked, "finding")
        return await (_one(house, org, named(FindingId, name, "finding")) if name else _several(house, org, asked))
    except Rejected as wrong:
        return Astray(str(wrong))


async def _several(house: House, org: Org, asked: Mapping[str, str]) -> Findings:
    repositories = await house.repositories(org.id)
    wanted = wanted_of(asked, repositories)
    page, rules = await asyncio.gather(
        house.findings(
            org.id,
            states=wanted.states,
            unresolved=wanted.unresolved,
            rule=wanted.rule,
            repository=wanted.repository.id if wanted.repository else None,
            severity=wanted.severity,
            limit=PAGE,
            cursor=wanted.cursor,
        ),
        house.rules(org.id, None, RULES, None),
    )
    return Findings(org, wanted, page, repositories, tuple(one.id for one in rules.items))


def wanted_of(asked: Mapping[str, str], repositories: Sequence[Repository]) -> Wanted:
    """What an address asks for.

    Raises:
        Rejected: it is wrong. NotFound: it names a repository that is none of these.
    """
    rule = text_of(asked, "rule")
    return Wanted(
        choice=one_of(Choice, asked, "state") or Choice.TO_BE_MENDED,
        severity=one_of(Severity, asked, "severity"),
        rule=named(RuleId, rule, "rule") if rule else None,
        repository=_repository(text_of(asked, "repository"), repositories),
        order=one_of(Order, asked, "order") or Order.NEWEST,
        cursor=text_of(asked, "cursor"),
    )


def _repository(asked: str | None, known: Sequence[Repository]) -> Repository | None:
    if asked is None:
        return None
    found = next((one for one in known if asked in (one.name, one.id)), None)
    if found is None:
        raise NotFound(f"There is no repository {asked!r}.")
    return found


async def _one(house: House, org: Org, name: FindingId) -> OneFinding:
    record = await house.finding(org.id, name)
    history, offered, repositories, rule = await asyncio.gather(
        house.finding_history(org.id, name),
        house.proposals(org.id, finding=record.finding.id, limit=PATCHES),
        house.repositories(org.id),
        _rule_of(house, org.id, record.finding.rule),
    )
    return OneFinding(org, record, history, offered.items, _name(record.finding.repository, repositories), rule)


async def _rule_of(house: House, org: OrgId, name: RuleId) -> Rule | None:
    try:
        return await house.rule(org, name)
    except NotFound:
        return None


def _name(repository: RepositoryId, known: Sequence[Repository]) -> str | None:
    return next((one.name for one in known if one.id == repository), None)


def draw(view: View[Seen], url: str) -> Sequence[Any]:
    """The parts of the page, in the order of its outputs: what is above the reason, its field, what is below it."""
    visitor = view.visitor
    match view.seen:
        case OneFinding() as seen:
            may = visitor.may(Scope.MANAGE) or (visitor.may(Scope.WRITE) and bool(seen.offered))
            return (finding_views.above(seen, visitor), _field(may, HINT), finding_views.below(seen, visitor, url))
        case Findings() as seen:
            may = visitor.may(Scope.MANAGE) and bool(seen.page.items)
            return (
                findings_views.filters(seen, visitor),
                _field(may, HINT_OF_MANY),
                findings_views.listed(seen, visitor, url),
            )
        case Astray() as seen:
            return (astray(seen, visitor, *_WAY_BACK), _field(False), "")
        case None:
            return (no_org(visitor), _field(False), "")


def _field(is_there: bool, hint: str = "") -> dict[str, Any]:
    return gr.update(visible=is_there, info=hint) if hint else gr.update(visible=is_there)


async def act(house: House, visitor: Visitor, click: Click, typed: object) -> str:
    """Do what was clicked: say of findings, or of a patch; what was done, in words.

    Raises:
        NotAllowed: the visitor lacks the scope. Rejected: what was sent is wrong. NotFound: the org has no such thing.
        Conflict: no way leads from the patch's state to that one.
    """
    kind, _, to = click.do.partition(":")
    match kind:
        case "triage":
            label = one_of(TriageLabel, {"label": to}, "label")
            return await triage(house, visitor, label, click, typed)
        case "patch":
            state = one_of(ProposalState, {"state": to}, "state")
            return await say_of_patch(house, visitor, state, click.id, typed)
        case _:
            raise Rejected("This page was changed: load it anew.")


def build(frame: Frame) -> None:
    """Put the page together."""
    above = frame.drawing("findings", clicks=True)
    reason = gr.Textbox(
        label="Reason", info=HINT,
        visible=False, lines=1, max_lines=4, elem_id="rsolv-finding-reason",
    )  # fmt: skip
    below = frame.drawing("finding", clicks=True)

    async def answer(visitor: Visitor, event: gr.EventData, typed: str) -> str:
        return await act(frame.desk.house, visitor, clicked(event), typed)

    for drawing in (above, below):
        frame.on(drawing.click, answer, [reason], [reason])
    frame.follow(look, draw, [above, reason, below])
