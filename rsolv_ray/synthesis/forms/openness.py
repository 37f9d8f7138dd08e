"""May anybody call this function?

A fix of missing access control adds a modifier to a function, or a check of who calls it. Its siblings are functions that may be
called from outside, do the same kind of work, which the first or the last word of their names tells, and have neither. What only
reads does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weaknesses import CATALOGUES
from rsolv_ray.synthesis.code.edits import Hunk
from rsolv_ray.synthesis.code.syntax import Node, Tree
from rsolv_ray.synthesis.rules.semgrep_rule import Draft

__all__ = ["drafts"]

_OPEN = ("external", "public")
_SENDER = r"(?:msg\s*\.\s*sender|_msgSender\s*\(\s*\))"
_COMPARED = rf"(?:{_SENDER}\s*[=!]=|[=!]=\s*(?:payable\s*\(\s*)?{_SENDER}|\[\s*{_SENDER}|\b\w*(?:[rR]ole|[aA]uth|[oO]wner|[aA]dmin|[aA]llow|[cC]an|[iI]s)\w*\([^()]*{_SENDER})"
_CHECK = rf"\b(?:(?:require|assert|if)\s*\([^;{{]*{_COMPARED}|_?(?:check|verify|validate|only|authori[sz]e|ensure)\w*\s*\([^;{{]*{_SENDER})"
_CHECKED = re.compile(_CHECK)
_GUARDED = re.compile(
    r"^(?:only|auth|when|if|is|has|require|restrict|init|lock|govern|admin|owner|role)", re.IGNORECASE
)
_HEAD = r"function\s+\w+\s*\([^)]*\)[^{;]*\b(?:(?:only|auth|when|require|restrict|govern)\w*|initializer|reinitializer|view|pure|internal|private)\b"
_BY_OTHERS = (
    r"\b_?(?:verify|validate|check|authori[sz]e|ensure|onlyOwner|_checkOwner|_checkRole|verifyCallback)\w*\s*\("
)
_NO_COMMENT = r"(?m)^(?!\s*(?://|/?\*)).*?"
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def drafts(before: Tree, after: Tree, edits: Sequence[Hunk]) -> Iterator[Draft]:
    """Search rules for open functions like those of the before side, where the after side's are guarded."""
    fresh = " ".join(unit.text for hunk in edits for unit in hunk.after)
    guarded = [node for node in _functions(after) if _is_guarded(node)]
    if not guarded or not (_CHECKED.search(fresh) or any(map(_GUARDED.match, re.findall(r"\w+", fresh)))):
        return
    for node in _functions(before):
        name = node.field("name")
        if name is not None and _is_open(node) and not _is_guarded(node):
            for rank, regex in _names(name.text, before.language):
                yield _draft(regex, rank, name.text)


def _functions(tree: Tree) -> list[Node]:
    return [node for node in tree.root.walk() if node.kind == "function_definition" and node.field("name") is not None]


def _is_open(node: Node) -> bool:
    return any(part.kind == "visibility" and part.text in _OPEN for part in node.parts)


def _is_guarded(node: Node) -> bool:
    by_modifier = any(part.kind == "modifier_invocation" and _GUARDED.match(part.text) for part in node.parts)
    return by_modifier or _CHECKED.search(_COMMENT.sub("", node.text)) is not None


def _names(name: str, language: str) -> list[tuple[int, str]]:
    """Ranks, and regular expressions of the names of functions that do the same work: a verb begins them, or a noun ends them."""
    words = _WORDS.findall(name)
    if not words:
        return []
    together = CATALOGUES[language].names.together
    first, last = (_like(word.lower(), together) for word in (words[0], words[-1]))
    begins, ends = rf"^_?(?i:{first})(?![a-z])", rf"(?i:{last})$"
    grouped = {word for group in together for word in group}
    by_end = words[-1].lower() in grouped and words[0].lower() not in grouped
    return [(20, ends), (24, begins)] if by_end else [(20, begins), (28, ends)]


def _like(word: str, together: Sequence[Sequence[str]]) -> str:
    group = next((group for group in together if word in group), (word,))
    return "|".join(map(re.escape, group))


def _draft(regex: str, rank: int, name: str) -> Draft:
    either: list[JsonObject] = [{"pattern": f"function $FUNCTION(...) {visibility} {{ ... }}"} for visibility in _OPEN]
    operators: list[JsonObject] = [
        {"pattern-either": [*either]},
        {
            "metavariable-regex": {
                "metavariable": "$FUNCTION",
                "regex": f".*{regex}" if regex.startswith("(") else regex,
            }
        },
        {"pattern-not-regex": _HEAD},
        {"pattern-not-regex": f"{_NO_COMMENT}{_CHECK}"},
        {"pattern-not-regex": f"{_NO_COMMENT}{_BY_OTHERS}"},
        {"focus-metavariable": "$FUNCTION"},
    ]
    return Draft(
        {"patterns": [*operators]},
        "guard:sender",
        rank,
        f"Anybody may call `{name}`",
        "let known senders alone call it",
    )
