"""Which rules could this fix teach?

The way of a fix: read both sides, find what changed, name the kind of edit, write the forms that fit it, best first. Nothing
is judged here: whether a candidate fires before and is silent after is for the engine and `validation` to say.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.languages import SYNTHESIS_LANGUAGES
from rsolv_ray.model.noun import Noun
from rsolv_ray.model.rule import Candidate, Proposer
from rsolv_ray.synthesis import contrast, differences, generalise, guards, rewriting, taint, wording, wrapping
from rsolv_ray.synthesis.edits import Hunk, hunks, is_too_wide
from rsolv_ray.synthesis.languages import GRAMMARS
from rsolv_ray.synthesis.semgrep_rule import Draft, candidate
from rsolv_ray.synthesis.syntax import Tree, parse, unreadable
from rsolv_ray.synthesis.weaknesses import families_of

MOST_CANDIDATES = 24


class Proposals(Noun):
    """Candidates, best first. None at all: `reason` says why, in words for people."""

    candidates: tuple[Candidate, ...]
    reason: str | None = None


def propose(fix: Fix) -> Proposals:
    """The candidates that a fix gives, the caller's own rule first."""
    found = [Candidate(definition=fix.rule, proposer=Proposer.CLIENT, form="client")] if fix.rule else []
    reasons: list[str] = []
    for change in fix.changes:
        drafts, reason = _learn(change, fix)
        found += [candidate(draft, fix, change.language) for draft in sorted(drafts, key=lambda draft: draft.rank)]
        if reason:
            reasons.append(reason)
    distinct = {one.id: one for one in reversed(found)}
    kept = sorted(distinct.values(), key=found.index)[:MOST_CANDIDATES]
    return Proposals(candidates=tuple(kept), reason=None if kept else "; ".join(dict.fromkeys(reasons)))


def _learn(change: FileChange, fix: Fix) -> tuple[list[Draft], str | None]:
    """The drafts of one file, or the reason why there are none."""
    if reason := _unreadable(change):
        return [], reason
    before, after = parse(change.before, change.language), parse(change.after, change.language)
    edits = hunks(before, after)
    if is_too_wide(edits):
        return [], f"{change.path} changed in too many places to learn from"
    if before.errors and (before.root.kind == "ERROR" or _is_broken(before, edits)):
        return [], f"the before side does not parse: line {before.error_line}"
    drafts = _drafts(before, after, edits, fix) if edits else []
    return drafts, None if drafts else _why_none(edits)


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


def _why_none(edits: Sequence[Hunk]) -> str:
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


def _drafts(before: Tree, after: Tree, edits: tuple[Hunk, ...], fix: Fix) -> list[Draft]:
    """Every form that fits some edit; `rank` orders them."""
    families = families_of(before.language, fix.cwe)
    return [
        *taint.drafts(before, after, edits, families, wrapping.cleaners(after, edits, families)),
        *contrast.drafts(before, after, edits, families),
        *wording.drafts(before, edits),
        *wrapping.drafts(before, after, edits, families),
        *guards.drafts(before, after, edits, families),
        *differences.drafts(before, after, edits, families),
        *rewriting.drafts(before, after, edits),
        *generalise.drafts(before, edits),
    ]
