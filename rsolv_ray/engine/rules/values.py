"""Is this a plain value of bounded size?

Whatever the form a rule came in, what is in it goes to databases, to JSON, to other tools and onto screens. So it is
text, numbers, truth values, lists and objects, not too deep and not too many; numbers fit into 64 bits and are finite;
text is Unicode without control characters but for tab and line ends.
"""

from __future__ import annotations

import re
from typing import Any

DEEPEST = 40
MOST_VALUES = 100_000

_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_GREATEST = 1 << 63


def flaw_of(value: Any) -> str | None:
    """Why a value has no place in a rule, or None. It is looked at level by level, so that depth costs no stack."""
    level, depth, count = [value], 0, 0
    while level:
        count += len(level)
        if depth > DEEPEST:
            return f"it is nested more than {DEEPEST} deep"
        if count > MOST_VALUES:
            return f"it has more than {MOST_VALUES} values"
        inner: list[Any] = []
        for member in level:
            if isinstance(member, dict):
                inner.extend(member.values())
                flaw = next((flaw for flaw in map(_flaw_of_key, member) if flaw is not None), None)
            elif isinstance(member, list):
                inner.extend(member)
                flaw = None
            else:
                flaw = _flaw_of_leaf(member)
            if flaw is not None:
                return flaw
        level, depth = inner, depth + 1
    return None


def _flaw_of_key(key: object) -> str | None:
    if not isinstance(key, str):
        return f"the key {str(key)[:60]!r} is no text"
    return _flaw_of_text(key)


def _flaw_of_leaf(value: object) -> str | None:
    match value:
        case str():
            return _flaw_of_text(value)
        case None | bool():
            return None
        case int():
            return None if -_GREATEST <= value < _GREATEST else "a number that does not fit into 64 bits"
        case float():
            is_finite = value - value == 0
            return None if is_finite else "a number that is not finite is no JSON"
        case _:
            return f"a {type(value).__name__} has no place in a rule"


def _flaw_of_text(text: str) -> str | None:
    found = _NO_TEXT.search(text)
    if found is None:
        return None
    code = ord(found.group())
    what = "a lone surrogate" if code >= 0xD800 else "a control character"
    return f"{what} (U+{code:04X}) has no place in the text {text[max(0, found.start() - 20) :][:40]!r}"
