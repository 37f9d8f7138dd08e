"""What may a visitor say of findings and of patches, and what does the house make of it?"""

from __future__ import annotations

from rsolv_ray.actors.client import House
from rsolv_ray.dashboard.asking import named, reason_of
from rsolv_ray.dashboard.clicks import Click
from rsolv_ray.dashboard.desk import Visitor
from rsolv_ray.dashboard.words import counted
from rsolv_ray.model.errors import NotFound, Rejected
from rsolv_ray.model.finding import ProposalState, Triage, TriageLabel
from rsolv_ray.model.ids import FindingId, ProposalId
from rsolv_ray.model.org import Scope

_WORDS = {
    TriageLabel.TRUE_POSITIVE: "true positive",
    TriageLabel.FALSE_POSITIVE: "false positive",
    TriageLabel.IGNORED: "ignored",
}


async def triage(house: House, visitor: Visitor, label: TriageLabel | None, click: Click, typed: object) -> str:
    """Say of the finding that was clicked, or of all that are marked where none is named, what it is; what was done, in words.

    Raises:
        NotAllowed: the visitor may not manage the org.
        Rejected: nothing is marked, several are and no reason is given, or what was sent is wrong.
        NotFound: the org has none of them.
    """
    org = visitor.to(Scope.MANAGE)
    reason = reason_of(typed)
    names = [named(FindingId, name, "finding") for name in ([click.id] if click.id else click.marked)]
    if label is None:
        raise Rejected("This page was changed: load it anew.")
    if not names:
        raise Rejected("Nothing is marked: mark the findings that you mean, in the first column.")
    if len(names) > 1 and reason is None:
        raise Rejected(f"{len(names)} findings are marked: type a reason above, so that others can follow.")
    said = Triage(label=label, reason=reason, by=visitor.by)
    missing = await house.triage_many(org.id, names, said)
    if len(missing) == len(names):
        raise NotFound("There is no such finding.")
    return _told(len(names) - len(missing), len(names), label)


async def say_of_patch(house: House, visitor: Visitor, to: ProposalState | None, name: str, typed: object) -> str:
    """Say what became of a patch; what was done, in words.

    Raises:
        NotAllowed: the visitor may not write. NotFound: the org has no such patch.
        Rejected: what was sent is wrong. Conflict: no way leads from its state to that one.
    """
    org = visitor.to(Scope.WRITE)
    patch, reason = named(ProposalId, name, "patch"), reason_of(typed)
    if to is None:
        raise Rejected("This page was changed: load it anew.")
    await house.set_proposal_state(org.id, patch, to, reason=reason)
    return f"The patch is {to} now."


def _told(done: int, asked: int, label: TriageLabel) -> str:
    missing = f" {asked - done} were not found." if done < asked else ""
    return f"{counted(done, 'finding')} marked as {_WORDS[label]}.{missing}"
