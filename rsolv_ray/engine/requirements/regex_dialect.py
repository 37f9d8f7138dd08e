"""How does a regular expression in PCRE's dialect read in Python's?

Only far enough to tell which texts must be there: the outcome matches wherever the original does, and maybe elsewhere.
What stands for characters that no word has (`\\h`, `\\R`) becomes `\\s`; what stands for unknown text becomes `[\\s\\S]`;
flags are dropped, but for whether case is ignored anywhere, which then holds everywhere. What cannot be read so is refused.
Source: pcre2pattern(3), and the documentation of Python's `re`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      \\Q(?P<quoted>.*?)(?:\\E|\Z)
    | \\x\{(?P<code>[0-9A-Fa-f]{1,6})\}
    | (?P<property>\\[pP](?:\{\^?\w+\}|[A-Z]))
    | (?P<backreference>\\[1-9](?!\d))
    | \\(?P<escape>x[0-9A-Fa-f]{2}|.)
    | (?P<class>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])
    | \(\?P?<(?P<name>[A-Za-z_]\w*)>
    | \(\?(?P<flags>[imsJU]*(?:-[imsJU]*)?)(?P<scope>[:)])
    | (?P<quantifier>\{\d+(?:,\d*)?\})
    | (?P<unreadable>\(\?(?:\#|[\^A-Za-z-]+[:)])|\(\*|\{[\s,]*[\d,][\s\d,]*\}|\[)
    | (?P<plain>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ANYTHING = r"[\s\S]"
_ESCAPES = {
    **{letter: "\\" + letter for letter in "dDwWsSbBAZnrtfa"},
    **dict.fromkeys("hvR", r"\s"),
    **dict.fromkeys("HVNX", _ANYTHING),
    **dict.fromkeys("GK", "(?:)"),
    "e": r"\x1b",
    "z": r"\Z",
}
_IN_CLASS = frozenset("dDwWsSnrtfa")
# Inside a class Python warns of most of these, since they may once mean an operation on sets.
_DOUBTFUL = frozenset("[]&~|")


class UnreadableError(ValueError):
    """The expression means something here that cannot be said in Python's dialect."""


@dataclass(frozen=True, slots=True)
class Translated:
    """An expression in Python's dialect, without flags; `ignore_case` where the original ignores case anywhere."""

    regex: str
    ignore_case: bool


def translated(regex: str) -> Translated:
    """A PCRE in Python's dialect, matching at least the same.

    Raises:
        UnreadableError: it holds what has no such reading: `(?x)`, comments, verbs, octal escapes and the like.
    """
    tokens = list(_TOKEN.finditer(regex))
    return Translated(
        "".join(map(_in_python, tokens)),
        ignore_case=any("i" in (token["flags"] or "").partition("-")[0] for token in tokens),
    )


def _in_python(token: re.Match[str]) -> str:
    kind = token.lastgroup or "unreadable"
    if kind == "unreadable":
        raise UnreadableError(f"{token.group()[:20]!r} at {token.start()}")
    return _SAID[kind](token[kind])


def _character(code: int) -> str:
    if code > 0x10FFFF:
        raise UnreadableError("no such character")
    return re.escape(chr(code))


def _escape(text: str) -> str:
    if len(text) == 3:
        return "\\" + text
    if text in _ESCAPES:
        return _ESCAPES[text]
    if text.isascii() and text.isalnum():
        raise UnreadableError(f"\\{text}")
    return re.escape(text)


def _class(text: str) -> str:
    """A character class; of all characters, where it names some in a way that Python does not know."""
    escapes = re.findall(r"\\(x[0-9A-Fa-f]{2}|.)", text, re.DOTALL)
    if not {"Q", "E"}.isdisjoint(escapes):
        raise UnreadableError(text[:20])
    if (
        "[:" in text
        or "--" in text
        or any(escape.isalnum() and len(escape) == 1 and escape not in _IN_CLASS for escape in escapes)
    ):
        return _ANYTHING
    start = 2 if text.startswith("[^") else 1
    return text[:start] + re.sub(r"\\[dDwWsS]-|\\.|.", _guarded, text[start:-1], flags=re.DOTALL) + "]"


def _guarded(part: re.Match[str]) -> str:
    """Part of a class, so that no set operation, range or end is read into it."""
    text = part.group()
    if len(text) == 3:
        return text[:2] + r"\-"
    return "\\" + text if text in _DOUBTFUL else text


_SAID: dict[str, Callable[[str], str]] = {
    "quoted": re.escape,
    "code": lambda text: _character(int(text, 16)),
    "property": lambda _: _ANYTHING,
    "backreference": lambda _: f"(?:{_ANYTHING}*)",
    "escape": _escape,
    "class": _class,
    "name": lambda _: "(",
    "scope": lambda text: "(?:" if text == ":" else "(?:)",
    "quantifier": str,
    "plain": lambda text: text if text != "{" else r"\{",
}
