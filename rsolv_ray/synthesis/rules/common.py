"""What do two rules of one weakness have in common, where they differ in a word or two?

Anti-unification of rule bodies (Plotkin 1970; Getafix, arXiv 1902.06111): what is equal stays, what differs becomes a metavariable, the same one
wherever the same two words differ. The metavariable is held to the part that both words share, where they share one, and to the two words
where they do not, so that nothing is opened that no example opens. Regular expressions of values that differ are joined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, takewhile

from pydantic import JsonValue

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|\$\.{3}\w+|\$?\w+|\.\.\.|\s+|.", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*")
_PATTERNS = ("pattern", "pattern-not", "pattern-inside", "pattern-not-inside")
_LEAST_SHARED = 4
"""Words that share a shorter beginning share nothing."""
_MOST_PAIRS = 300
_MOST = 8
_LAST = 70
"""Drafts of this rank or a higher one are opened by themselves, step by step."""


class _DifferError(Exception):
    """The two have no common form."""


class _Unifier:
    """Two bodies read side by side. `names` are the words that differ, by the metavariable that stands for them."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str], str] = {}

    def both(self, one: JsonValue, other: JsonValue, key: str = "") -> JsonValue:
        if one == other:
            return one
        if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
            return {name: self.both(value, other[name], name) for name, value in one.items()}
        if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            return [self.both(first, second, key) for first, second in zip(one, other, strict=True)]
        if isinstance(one, str) and isinstance(other, str):
            return self._texts(one, other, key)
        raise _DifferError

    def _texts(self, one: str, other: str, key: str) -> str:
        if key == "regex":
            return f"(?:{one})|(?:{other})"
        if key not in _PATTERNS:
            raise _DifferError
        first, second = _TOKEN.findall(one), _TOKEN.findall(other)
        if len(first) != len(second):
            raise _DifferError
        return "".join(self._word(a, b) for a, b in zip(first, second, strict=True))

    def _word(self, one: str, other: str) -> str:
        if one == other:
            return one
        if not _NAME.fullmatch(one) or not _NAME.fullmatch(other):
            raise _DifferError
        return self.names.setdefault((one, other), f"$COMMON{len(self.names) + 1}")

    def conditions(self) -> list[JsonObject]:
        return [
            {"metavariable-regex": {"metavariable": name, "regex": _shared(*words)}}
            for words, name in self.names.items()
        ]


def _shared(one: str, other: str) -> str:
    """A regular expression of both words: by their common beginning, where it is long, else the two alone."""
    start = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    if len(start) >= _LEAST_SHARED:
        return rf"^{re.escape(start)}\w*$"
    return f"^({re.escape(one)}|{re.escape(other)})$"


def common(drafts: Sequence[Draft]) -> list[Draft]:
    """What each two drafts of one form have in common; at most 8, the best first."""
    found: dict[str, Draft] = {}
    kept = [draft for draft in drafts if draft.rank < _LAST and "patterns" in draft.body]
    for _, (one, other) in zip(range(_MOST_PAIRS), combinations(kept, 2), strict=False):
        if one.form == other.form and one.body != other.body and (body := _unified(one.body, other.body)) is not None:
            better = min(one, other, key=lambda draft: draft.rank)
            rank = max(one.rank, other.rank)
            found.setdefault(str(body), Draft(body, one.form, rank, better.what, better.instead))
    return sorted(found.values(), key=lambda draft: draft.rank)[:_MOST]


def _unified(one: JsonObject, other: JsonObject) -> JsonObject | None:
    unifier = _Unifier()
    drop = ("fix", "fix-regex")
    try:
        body = unifier.both(
            {key: value for key, value in one.items() if key not in drop},
            {key: value for key, value in other.items() if key not in drop},
        )
    except _DifferError:
        return None
    if not isinstance(body, dict) or not isinstance(operators := body.get("patterns"), list) or len(unifier.names) > 2:
        return None
    return {**body, "patterns": [*operators, *unifier.conditions()]}
