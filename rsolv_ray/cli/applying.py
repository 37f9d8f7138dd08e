"""Which patches are put where, and what is said of it, to whoever asked and to the service?

All that were chosen or none, unless those that do not fit are to be left out. The service hears only of what was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typer

from rsolv_ray.cli.answers import asked, asked_proposal, understood
from rsolv_ray.cli.console import one_line, say, show_code, show_json
from rsolv_ray.cli.exits import Usage
from rsolv_ray.cli.remote import Service
from rsolv_ray.commit_message import commit_message
from rsolv_ray.model.errors import Rejected, RsolvError
from rsolv_ray.model.explanation import ExplainedProposal, Explanation
from rsolv_ray.model.finding import FindingState, ProposalRecord, Repository, TriageLabel
from rsolv_ray.model.ids import digest
from rsolv_ray.repos.branches import Branches, Patch, apply_to_folder

MOST = 500
"""Tried: with every tenth that does not fit, so many take 9 s on two cores, for a folder and for a branch alike."""
_ALL = 1_000_000
_DONE_WITH = {TriageLabel.FALSE_POSITIVE, TriageLabel.IGNORED}


@dataclass(frozen=True)
class Offer:
    """A patch that was chosen."""

    repository: str
    patch: Patch
    why: Explanation

    @property
    def is_wanted(self) -> bool:
        """Whether there is still something to mend, and nobody has said that it is to be left."""
        return self.why.state is not FindingState.FIXED and self.why.triage not in _DONE_WITH


@dataclass(frozen=True)
class Choice:
    """Which patches: those named, or the newest offered for each finding, of a rule, a finding, a repository alone."""

    named: tuple[str, ...]
    rule: str | None
    finding: str | None
    everything: bool
    repository: str | None

    def read(self, service: Service, org: str) -> list[Offer]:
        """The patches, each with its reasons.

        Raises:
            Usage: nothing is chosen, or in two ways, or too much; or the patches are of several repositories.
            NotFound: there is no such proposal or repository. Unavailable: the service answers something else.
        """
        by_filter = self.everything or bool(self.rule or self.finding)
        if bool(self.named) == by_filter:
            raise Usage("which patches? Give either their ids, or --rule, --finding or --all")
        if self.named and self.repository:
            raise Usage("--repo goes with --rule, --finding or --all: an id says which repository it is for")
        names = list(dict.fromkeys(self.named)) if self.named else self._offered(service, org)
        if len(names) > MOST:
            raise Usage(
                f"{len(names)} patches are chosen, and at most {MOST} are applied at once: choose fewer, by their ids or with "
                "--repo, --rule or --finding"
            )
        offers = [_offer(asked_proposal(service, org, name, quote(name, safe=""))) for name in names]
        if by_filter:
            offers = sorted((one for one in offers if one.is_wanted), key=_place)
        _refuse_several(service, org, offers)
        return offers

    def _offered(self, service: Service, org: str) -> list[str]:
        place = None
        if self.repository:
            place = asked(service, f"orgs/{org}/repositories/{quote(self.repository, safe='')}", Repository).id
        newest: dict[str, str] = {}
        for record in service.pages(f"orgs/{org}/proposals", _ALL, state=["offered"], finding=self.finding):
            offered = understood(ProposalRecord, record).proposal
            if self.rule in (None, offered.rule) and place in (None, offered.repository):
                newest.setdefault(offered.finding, offered.id)
        return list(newest.values())


@dataclass(frozen=True)
class Place:
    """Where to: the files of a folder, or a new branch of its repository. `branch` is "" for a name of our own making."""

    folder: Path
    branch: str | None
    base: str


@dataclass(frozen=True)
class Outcome:
    """What came of it. `diff` is of all that fit; the rest speaks of a branch alone. `untold`: who the service refused."""

    misfits: dict[str, str]
    diff: str
    branch: str | None = None
    base: str | None = None
    message: str | None = None
    commit: str | None = None
    is_applied: bool = False
    untold: dict[str, str] = field(default_factory=dict)


def apply_offers(
    service: Service, org: str, choice: Choice, place: Place, *, skip_unfit: bool, dry_run: bool, as_json: bool
) -> None:
    """Put the chosen patches in their place, and say so.

    Raises:
        Rejected: one does not fit, so that none was applied; or git refuses. Conflict: there is such a branch already.
    """
    offers = choice.read(service, org)
    put = _in_folder if place.branch is None else _on_branch
    outcome = put(offers, place, skip_unfit=skip_unfit, dry_run=dry_run) if offers else Outcome({}, "")
    if outcome.is_applied:
        outcome = replace(outcome, untold=_tell_service(service, org, offers, outcome))
    if as_json:
        show_json(_as_json(offers, outcome))
    else:
        _tell(offers, outcome, place, dry_run=dry_run)
    for name, refusal in outcome.untold.items():
        typer.echo(f"rsolv: the service does not know that {name} is applied: {one_line(refusal)}", err=True)
    if _stops(offers, outcome.misfits, skip_unfit=skip_unfit):
        advice = "" if len(outcome.misfits) == len(offers) else "; --skip-unfit applies the others"
        raise Rejected(
            f"{len(outcome.misfits)} of {len(offers)} patches do not fit {place.folder.resolve()}, so that nothing is "
            f"changed{advice}"
        )


def branch_for(patches: Sequence[Explanation]) -> str:
    """A name that says which rule and which patch, the same for the same patches, and that git takes."""
    rules = {str(one.rule) for one in patches}
    subject = rules.pop() if len(rules) == 1 else "several-rules"
    while ".." in subject:
        subject = subject.replace("..", ".")
    if subject.endswith(".lock"):
        subject = f"{subject.removesuffix('.lock')}-lock"
    names = sorted(one.proposal for one in patches)
    return f"rsolv/{subject}/{(names[0].partition('_')[2] if len(names) == 1 else digest(names))[:12]}"


def _in_folder(offers: Sequence[Offer], place: Place, *, skip_unfit: bool, dry_run: bool) -> Outcome:
    patches = [one.patch for one in offers]
    misfits = apply_to_folder(place.folder, patches, only_try=True)
    fitting = [one for one in patches if one.name not in misfits]
    outcome = Outcome(misfits, "".join(one.diff for one in fitting))
    if dry_run or _stops(offers, misfits, skip_unfit=skip_unfit):
        return outcome
    if late := apply_to_folder(place.folder, fitting):
        raise Rejected(
            f"the code was changed at the same time, and {', '.join(late)} does not fit any more: see `git diff`"
        )
    return replace(outcome, is_applied=True)


def _on_branch(offers: Sequence[Offer], place: Place, *, skip_unfit: bool, dry_run: bool) -> Outcome:
    branches = Branches(place.folder)
    if place.branch:
        branches.check_name(place.branch)
    stack = branches.stack(branches.base(place.base), [one.patch for one in offers], keep=not dry_run)
    fitting = [one.why for one in offers if one.patch.name in stack.fits]
    if not fitting:
        return Outcome(stack.misfits, "", base=stack.base)
    name = place.branch or branch_for(fitting)
    branches.check_name(name)
    outcome = Outcome(stack.misfits, stack.diff, name, stack.base, commit_message(fitting))
    if dry_run or _stops(offers, stack.misfits, skip_unfit=skip_unfit):
        return outcome
    commit = branches.commit(stack, outcome.message or "")
    branches.create(name, commit)
    return replace(outcome, commit=commit, is_applied=True)


def _stops(offers: Sequence[Offer], misfits: dict[str, str], *, skip_unfit: bool) -> bool:
    return bool(misfits) and (not skip_unfit or len(misfits) == len(offers))


def _offer(record: ExplainedProposal) -> Offer:
    offered = record.proposal
    return Offer(offered.repository, Patch(offered.id, offered.path, offered.diff), record.explanation)


def _place(offer: Offer) -> tuple[str, int]:
    return offer.patch.path, offer.why.line or 0


def _refuse_several(service: Service, org: str, offers: Sequence[Offer]) -> None:
    places = {one.repository for one in offers}
    if len(places) > 1:
        known = {one["id"]: one["name"] for one in service.get(f"orgs/{org}/repositories")["items"]}
        names = ", ".join(sorted(known.get(place, place) for place in places))
        raise Usage(f"the patches are for several repositories ({names}): choose those of one, with --repo")


def _tell_service(service: Service, org: str, offers: Sequence[Offer], outcome: Outcome) -> dict[str, str]:
    """Tell what was applied; what the service says against that comes back, since the code is changed all the same."""
    body = {"state": "applied"} | ({"branch": outcome.branch} if outcome.branch else {})
    untold: dict[str, str] = {}
    for name in (one.patch.name for one in offers if one.patch.name not in outcome.misfits):
        try:
            service.post(f"orgs/{org}/proposals/{name}/state", body)
        except RsolvError as refusal:
            untold[name] = str(refusal)
    return untold


def _as_json(offers: Sequence[Offer], outcome: Outcome) -> dict[str, Any]:
    def told(offer: Offer) -> dict[str, Any]:
        name = offer.patch.name
        fits = name not in outcome.misfits
        is_applied = fits and outcome.is_applied
        return {
            "proposal": name,
            "path": offer.patch.path,
            "fits": fits,
            "reason": outcome.misfits.get(name),
            "applied": is_applied,
            "reported": is_applied and name not in outcome.untold,
        }

    return {
        "applied": outcome.is_applied,
        "branch": outcome.branch,
        "base": outcome.base,
        "commit": outcome.commit,
        "message": outcome.message,
        "diff": outcome.diff,
        "proposals": [told(offer) for offer in offers],
    }


def _tell(offers: Sequence[Offer], outcome: Outcome, place: Place, *, dry_run: bool) -> None:
    if not offers:
        say("no such patch is offered")
    where = f"the branch {outcome.branch}" if outcome.branch else str(place.folder)
    for patch in (one.patch for one in offers):
        path = one_line(patch.path)
        if reason := outcome.misfits.get(patch.name):
            say(f"{patch.name} does not fit {path}: {one_line(reason)}")
        elif outcome.is_applied:
            say(
                f"{patch.name} is applied to {path} on {where}"
                if outcome.branch
                else f"{patch.name} is applied to {place.folder / path}"
            )
        else:
            say(f"{patch.name} fits {path}")
    if outcome.branch and outcome.commit:
        say(f"{where} is commit {outcome.commit}; nothing is pushed")
    if dry_run and outcome.diff:
        say()
        if outcome.branch:
            say(f"{where}, on {outcome.base}, with the message\n\n{outcome.message}")
        show_code(outcome.diff, "diff")
