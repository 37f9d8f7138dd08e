"""Which rules could this fix teach?

The way of a fix: read both sides, find what changed, name the kind of edit, write the forms that fit it, best first. Nothing
is judged here: whether a candidate fires before and is silent after is for the engine and `validation` to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.languages import SYNTHESIS_LANGUAGES
from rsolv_ray.model.noun import Noun
from rsolv_ray.model.rule import Candidate, Proposer
from rsolv_ray.synthesis.catalogue.families import Family
from rsolv_ray.synthesis.catalogue.weaknesses import families_of
from rsolv_ray.synthesis.code.edits import Hunk, aligned, hunks, is_edit, is_mostly_kept, is_too_wide
from rsolv_ray.synthesis.code.layouts import LAYOUTS
from rsolv_ray.synthesis.code.syntax import Tree, parse, unreadable
from rsolv_ray.synthesis.forms import (
    asked,
    commands,
    contrast,
    differences,
    generalise,
    given,
    guards,
    instructions,
    known,
    literals,
    markup,
    mixed,
    modes,
    openness,
    order,
    receivers,
    rewriting,
    sequences,
    settings,
    taint,
    weak_calls,
    wording,
    wrapping,
)
from rsolv_ray.synthesis.languages import GRAMMARS
from rsolv_ray.synthesis.rules.common import common
from rsolv_ray.synthesis.rules.semgrep_rule import Draft, candidate

MOST_CANDIDATES = 24
MOST_OF_SEVERAL = 40
"""So many candidates are judged where a fix, and where several changes of one weakness, are learned from."""

_SHORT_OF_CONTEXT = 8
"""So much later come the fix's own words, where little of the code stayed as it was: what they stand for is not sure."""


class Proposals(Noun):
    """Candidates, best first. None at all: `reason` says why, in words for people."""

    candidates: tuple[Candidate, ...]
    reason: str | None = None

    def with_more(self, more: Sequence[Candidate]) -> Proposals:
        """With candidates of other proposers, each in the place of its rank; a person's own stays first."""
        known = {one.id for one in self.candidates}
        added = [one for one in more if one.id not in known]
        first = [one for one in self.candidates if one.proposer is Proposer.CLIENT]
        rest = sorted([*self.candidates[len(first) :], *added], key=lambda one: one.rank)
        return Proposals(candidates=(*first, *rest), reason=None if added else self.reason) if added else self


@dataclass(frozen=True)
class _Read:
    """A change with both its sides and what differs."""

    change: FileChange
    before: Tree
    after: Tree
    edits: tuple[Hunk, ...]


def propose(fix: Fix) -> Proposals:
    """The candidates that a fix gives, the caller's own rule first, then those of all changes by their rank."""
    found = [Candidate(definition=fix.rule, proposer=Proposer.CLIENT, form="client")] if fix.rule else []
    reasons: list[str] = []
    reads: list[_Read] = []
    for change in fix.changes:
        read = _read(change)
        reads += [read] if isinstance(read, _Read) else []
        reasons += [read] if isinstance(read, str) else []
    drafts: list[tuple[Draft, str]] = []
    for read in reads:
        made = [(draft, read.change.language) for draft in _drafts(read, reads, fix)]
        drafts += made
        reasons += [] if made else [_why_none(read)]
    found += [
        candidate(draft, fix, language) for draft, language in sorted(_together(drafts), key=lambda one: one[0].rank)
    ]
    distinct = {one.id: one for one in reversed(found)}
    most = MOST_CANDIDATES if len(reads) < 2 else MOST_OF_SEVERAL
    kept = sorted(distinct.values(), key=found.index)[:most]
    return Proposals(candidates=tuple(kept), reason=None if kept else "; ".join(dict.fromkeys(reasons)))


def _together(drafts: list[tuple[Draft, str]]) -> list[tuple[Draft, str]]:
    """The drafts of all changes, and what those have in common that differ in a word."""
    merged = [
        (draft, language)
        for language in dict.fromkeys(language for _, language in drafts)
        for draft in common([draft for draft, of in drafts if of == language])
    ]
    return [*drafts, *merged]


def _read(change: FileChange) -> _Read | str:
    """Both sides of a change, or the reason why it cannot be learned from."""
    if reason := _unreadable(change):
        return reason
    before, after = parse(change.before, change.language), parse(change.after, change.language)
    if change.language in LAYOUTS:
        return _Read(change, before, after, ())
    edits = hunks(before, after)
    if is_too_wide(edits):
        return f"{change.path} changed in too many places to learn from"
    if before.errors and (before.root.kind == "ERROR" or _is_broken(before, edits)):
        return f"the before side does not parse: line {before.error_line}"
    return _Read(change, before, after, edits)


def _of_settings(before: Tree, after: Tree, fix: Fix) -> list[Draft]:
    """The drafts of a language in which nothing is called."""
    if before.language == "dockerfile":
        return instructions.drafts(before, after, LAYOUTS[before.language])
    found = settings.drafts(before, after, families_of(before.language, fix.cwe))
    return [*found, *markup.drafts(before, after, LAYOUTS["html"])] if before.language == "html" else found


def _is_broken(before: Tree, edits: Sequence[Hunk]) -> bool:
    """Whether what changed does not parse, and the language's own parser agrees, which knows more of its later words."""
    changed = [unit for hunk in edits for unit in hunk.before]
    touched = any(
        not unit.lines().isdisjoint(range(error.line, error.end_line + 1))
        for unit in changed
        for error in before.errors
    )
    parses = GRAMMARS[before.language].parses
    return touched and not (parses is not None and parses(before.code))


def _why_none(read: _Read) -> str:
    edits = read.edits
    if read.change.language in LAYOUTS:
        return "no setting was changed, added or taken away"
    if not edits:
        return "only comments or formatting changed"
    if all(hunk.only_adds for hunk in edits):
        return "the change only adds lines: nothing that was removed or changed can be matched"
    return "no known form fits what changed"


def _unreadable(change: FileChange) -> str | None:
    if change.language not in SYNTHESIS_LANGUAGES:
        return f"no rule can be derived for {change.language} yet"
    if not change.before.strip():
        return "the file is new: there is no before side to learn from"
    why = unreadable(change.before, change.language) or unreadable(change.after, change.language)
    return f"{change.path} {why}" if why else None


def _of_contracts(before: Tree, after: Tree, edits: Sequence[Hunk], families: Sequence[Family]) -> list[Draft]:
    """What is wrong in contracts alone: who may call, and in which order."""
    return [*openness.drafts(before, after, edits), *order.drafts(before, after, families)]


def _drafts(read: _Read, reads: Sequence[_Read], fix: Fix) -> list[Draft]:
    """Every form that fits some edit; `rank` orders them."""
    before, after, edits = read.before, read.after, read.edits
    if before.language in LAYOUTS:
        return _of_settings(before, after, fix)
    families = families_of(before.language, fix.cwe)
    if not edits:
        moved = sequences.drafts(before, after, aligned(before, after), families)
        return [*moved, *(order.drafts(before, after, families) if before.language == "solidity" else ())]
    goods = [(one.after, one.edits) for one in reads if one.before.language == before.language]
    cleaners = wrapping.cleaners(after, edits, families)
    return [
        *taint.drafts(before, after, edits, families, cleaners),
        *mixed.drafts(before, edits, families, cleaners),
        *given.drafts(before, edits, families, cleaners),
        *asked.drafts(before, after, edits, families),
        *wording.drafts(before, edits),
        *wrapping.drafts(before, after, edits, families),
        *guards.drafts(before, after, edits, families),
        *weak_calls.drafts(before, after, edits, families, is_told=bool(fix.cwe)),
        *sequences.drafts(before, after, edits, families),
        *literals.drafts(before, after, edits),
        *known.drafts(families, is_told=bool(fix.cwe)),
        *(commands.drafts(before, edits) if GRAMMARS[before.language].is_shell else ()),
        *(_of_contracts(before, after, edits, families) if before.language == "solidity" else ()),
        *receivers.drafts(before, after, edits),
        *differences.drafts(before, edits, goods, families),
        *(_of_edits(read, families) if is_edit(before, after) else ()),
    ]


def _of_edits(read: _Read, families: Sequence[Family]) -> list[Draft]:
    """The forms that take what stands at one place for what stood there before."""
    before, after, edits = read.before, read.after, read.edits
    later = 0 if is_mostly_kept(before, after) else _SHORT_OF_CONTEXT
    return [
        *contrast.drafts(before, after, edits, families),
        *modes.drafts(before, edits),
        *(replace(draft, rank=draft.rank + later) for draft in rewriting.drafts(before, after, edits)),
        *generalise.drafts(before, edits),
    ]
