"""What are the words of a piece of code, in any language?

One lexer for all: names, numbers, strings and punctuation, without white space and comments. It reads from the front
and stops after `MAX_TOKENS` tokens or `MAX_CHARS` characters, so hostile text costs no more than long text.
"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

MAX_TOKENS = 512
MAX_CHARS = 20_000

_HASH_COMMENTS = frozenset({"python", "ruby", "bash", "yaml", "elixir", "dockerfile"})
_BOTH_COMMENTS = frozenset({"php", "terraform"})
_SLASHES = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
_LEXEMES = r"""
    |(?P<string>\"{3}(?:[^\\]|\\.){0,4000}?\"{3} | '{3}(?:[^\\]|\\.){0,4000}?'{3}
              | "(?:[^"\\\n]|\\.){0,4000}" | '(?:[^'\\\n]|\\.){0,4000}' | `(?:[^`\\]|\\.){0,4000}`)
    |(?P<number>\d[\w.]*)
    |(?P<word>[^\W\d][\w$]*|[$@]+[^\W\d][\w$]*)
    |(?P<punctuation>[^\w\s])
"""


def _lexer(comment: str) -> re.Pattern[str]:
    return re.compile(f"(?P<comment>{comment}){_LEXEMES}", re.DOTALL | re.VERBOSE)


_BY_HASH = _lexer(r"\#[^\n]*")
_BY_BOTH = _lexer(rf"\#[^\n]*|{_SLASHES}")
_BY_SLASH = _lexer(_SLASHES)
_BY_TAG = _lexer(r"<!--.*?(?:-->|\Z)")


class TokenKind(StrEnum):
    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    PUNCTUATION = "punctuation"


class Token(NamedTuple):
    """A token as written; `end` is the offset just behind it."""

    kind: TokenKind
    text: str
    end: int


def tokens(code: str, language: str) -> tuple[Token, ...]:
    """The first tokens of some code, comments left out; at most `MAX_TOKENS`. Never raises, whatever the text."""
    found = _lexer_of(language).finditer(code[:MAX_CHARS])
    kept = (
        Token(TokenKind(one.lastgroup), one.group(), one.end())
        for one in found
        if one.lastgroup is not None and one.lastgroup != "comment"
    )
    return tuple(islice(kept, MAX_TOKENS))


def _lexer_of(language: str) -> re.Pattern[str]:
    if language in _HASH_COMMENTS:
        return _BY_HASH
    if language in _BOTH_COMMENTS:
        return _BY_BOTH
    return _BY_TAG if language == "html" else _BY_SLASH
