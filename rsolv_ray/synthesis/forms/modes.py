"""Which files are open to more people than the fix allows?

A mode that the fix made narrower is told by its bits, whatever it is called with: all calls of the language that take a mode, and are
given one that lets the group or others do what the new one does not. The new mode is put in its place (POSIX.1-2017, `<sys/stat.h>`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.calls import Call, changed_calls
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.syntax import Tree
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_MODE = re.compile(r"0[oO]?([0-7]?)([0-7])([0-7])([0-7])")


def drafts(before: Tree, edits: Sequence[Hunk]) -> list[Draft]:
    """Search rules, one for each mode that was made narrower."""
    takers = CATALOGUES[before.language].names.modes
    found: dict[str, Draft] = {}
    for change in changed_calls(
        [one for hunk in edits for one in hunk.before], [one for hunk in edits for one in hunk.after]
    ):
        if (
            takers
            and change.before is not None
            and change.after is not None
            and re.fullmatch(takers, change.before.name or "")
        ):
            for old, new in _narrowed(change.before, change.after):
                found.setdefault(new, _draft(old, new, takers))
    return list(found.values())


def _narrowed(before: Call, after: Call) -> Iterator[tuple[str, str]]:
    for was, is_now in zip(before.arguments, after.arguments, strict=False):
        old, new = _MODE.fullmatch(was.text), _MODE.fullmatch(is_now.text)
        if old and new and any(int(a) & ~int(b) for a, b in zip(old.groups()[2:], new.groups()[2:], strict=True)):
            yield was.text, is_now.text


def _draft(old: str, new: str, takers: str) -> Draft:
    parsed = _MODE.fullmatch(new)
    assert parsed is not None, "only modes are compared"
    wider = ["".join(str(one) for one in range(8) if one & ~int(digit)) for digit in parsed.groups()[2:]]
    either = [
        part for part in (f"[{wider[0]}][0-7]" if wider[0] else "", f"[0-7][{wider[1]}]" if wider[1] else "") if part
    ]
    operators: list[JsonObject] = [
        {"pattern": "$CALLEE(..., $MODE, ...)"},
        {"metavariable-regex": {"metavariable": "$CALLEE", "regex": rf"^(.*\W)?({takers})$"}},
        {"metavariable-regex": {"metavariable": "$MODE", "regex": rf"^0[oO]?[0-7]?[0-7](?:{'|'.join(either)})$"}},
        {"focus-metavariable": "$MODE"},
    ]
    body: JsonObject = {"patterns": [*operators], "fix": new}
    return Draft(body, "keyword:mode", 15, f"A file is given the mode {old}, or one as wide", f"give it {new}")
