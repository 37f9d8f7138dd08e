"""What was read of a fix before any rule was written?

The edits with their kinds, as a person would tell them who wants to know why a rule came out as it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rsolv_ray.model.fix import FileChange, Fix
from rsolv_ray.model.noun import Noun
from rsolv_ray.synthesis.catalogue.weaknesses import families_of
from rsolv_ray.synthesis.code.edits import Hunk, hunks
from rsolv_ray.synthesis.code.syntax import Node, parse, unreadable
from rsolv_ray.synthesis.edit_kinds import kinds_of
from rsolv_ray.synthesis.languages import GRAMMARS

_LONGEST = 500


class ReadEdit(Noun):
    """One edit. Lines count from 1 in the sides as they were given, None where a side has nothing; the texts are cut at 500
    characters."""

    path: str
    before_line: int | None
    after_line: int | None
    before: str
    after: str
    kinds: tuple[str, ...]


class Reading(Noun):
    """All edits of a fix, and the families of weaknesses that steer what is made of them."""

    edits: tuple[ReadEdit, ...]
    families: tuple[str, ...]


def reading(fix: Fix) -> Reading:
    """What synthesis reads of a fix. Nothing of a file that it cannot read: `propose` says why."""
    families = [family.name for change in fix.changes for family in families_of(change.language, fix.cwe)]
    return Reading(
        edits=tuple(edit for change in fix.changes for edit in _edits(change)), families=tuple(dict.fromkeys(families))
    )


def _edits(change: FileChange) -> Iterator[ReadEdit]:
    sides = (change.before, change.after)
    if change.language not in GRAMMARS or any(unreadable(side, change.language) for side in sides):
        return
    for hunk in hunks(parse(change.before, change.language), parse(change.after, change.language)):
        yield _edit(change.path, hunk)


def _edit(path: str, hunk: Hunk) -> ReadEdit:
    return ReadEdit(
        path=path,
        before_line=_line(hunk.before),
        after_line=_line(hunk.after),
        before=_text(hunk.before),
        after=_text(hunk.after),
        kinds=tuple(kind.value for kind in kinds_of(hunk)),
    )


def _line(units: Sequence[Node]) -> int | None:
    return min((unit.line for unit in units), default=None)


def _text(units: Sequence[Node]) -> str:
    return "\n".join(unit.text for unit in units)[:_LONGEST]
