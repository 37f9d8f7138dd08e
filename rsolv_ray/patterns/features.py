"""What tells one piece of code from another?

Features are named and weighted by what they stand for: a called name tells more than a local one, a keyword little.
Term frequency is sublinear (1 + ln n), names are also split into their parts, neighbouring tokens make bigrams in
which local names are all one, and pairs of syntax-node kinds add the shape. There are no learned weights and no
document frequencies: a piece of code has the same features whatever else is known.
Source: Aroma (Luan et al., OOPSLA 2019) for names that are local being one, and for parent and child as features;
the weights were chosen on development data, see docs/patterns.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rsolv_ray.patterns.syntax import kind_pairs
from rsolv_ray.patterns.tokens import Token, TokenKind, tokens

CALLED, MEMBER, NAME, LOCAL, DEFINED = 1.5, 1.2, 1.0, 0.3, 0.3
KEYWORD, NUMBER, PUNCTUATION, SYNTAX = 0.4, 0.3, 0.3, 0.2
SAID, SAID_SIGN, SAID_PART = 1.0, 0.3, 0.3
PART_OF_NAME, BIGRAM = 0.5, 0.7
SHORT_STRING = 20
"""A string up to this many characters stands for itself in bigrams, a longer one just for a string."""

_KEYWORDS = frozenset(
    [
        "and",
        "as",
        "assert",
        "async",
        "await",
        "begin",
        "bool",
        "boolean",
        "break",
        "byte",
        "case",
        "catch",
        "chan",
        "char",
        "class",
        "const",
        "continue",
        "def",
        "default",
        "defer",
        "del",
        "do",
        "double",
        "echo",
        "elif",
        "else",
        "elsif",
        "end",
        "ensure",
        "enum",
        "err",
        "error",
        "except",
        "export",
        "extends",
        "final",
        "finally",
        "float",
        "fn",
        "for",
        "foreach",
        "from",
        "func",
        "function",
        "global",
        "go",
        "if",
        "implements",
        "import",
        "in",
        "include",
        "instanceof",
        "int",
        "interface",
        "is",
        "lambda",
        "let",
        "long",
        "map",
        "module",
        "new",
        "nil",
        "none",
        "None",
        "not",
        "null",
        "object",
        "Object",
        "or",
        "package",
        "pass",
        "print",
        "private",
        "protected",
        "public",
        "raise",
        "range",
        "require",
        "rescue",
        "return",
        "self",
        "short",
        "static",
        "str",
        "string",
        "String",
        "struct",
        "super",
        "switch",
        "then",
        "this",
        "throw",
        "throws",
        "true",
        "True",
        "false",
        "False",
        "try",
        "type",
        "typeof",
        "unless",
        "unsigned",
        "until",
        "use",
        "using",
        "val",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ]
)
_DEFINING = frozenset({"def", "fn", "func", "function", "fun", "void"})
_PLACEHOLDERS = frozenset(
    [
        "foo",
        "bar",
        "baz",
        "test",
        "bad",
        "ok",
        "good",
        "example",
        "my",
        "tmp",
        "safe",
        "unsafe",
        "vulnerable",
        "insecure",
    ]
)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SAID = re.compile(r"[^\W\d]+|[^\s\w]|\d")
_CLOSING = {")": "(", "]": "[", "}": "{"}


class CodeSample(NamedTuple):
    """Code with the name of its language; a language that is not known is read by its words alone."""

    code: str
    language: str


class _Bag:
    """How often a feature was seen, and the greatest weight that it was seen with."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, float]] = {}

    def add(self, feature: str, weight: float) -> None:
        count, most = self._seen.get(feature, (0, 0.0))
        self._seen[feature] = count + 1, max(most, weight)

    def weighted(self) -> dict[str, float]:
        return {feature: weight * (1 + math.log(count)) for feature, (count, weight) in self._seen.items()}


def features(sample: CodeSample) -> dict[str, float]:
    """Feature -> weight (positive) of the first 512 tokens of some code; empty when it has none."""
    found = tokens(sample.code, sample.language)
    if not found:
        return {}
    bag = _Bag()
    _add_tokens(bag, found)
    weighted = bag.weighted()
    for (above, kind), count in kind_pairs(sample.code[: found[-1].end], sample.language).items():
        weighted[f"kind {above}>{kind}"] = SYNTAX * (1 + math.log(count))
    return weighted


def _add_tokens(bag: _Bag, found: Sequence[Token]) -> None:
    local = _local_names(found)
    sequence: list[tuple[str, float]] = []
    for before, token, after in _in_context(found):
        match token.kind:
            case TokenKind.WORD:
                sequence.append(_add_word(bag, before, token.text, after, is_local=token.text in local))
            case TokenKind.STRING:
                sequence.append(_add_string(bag, token.text.strip("\"'`")))
            case TokenKind.NUMBER:
                sequence.append(_add_plain(bag, token.text if len(token.text) == 1 else "#", NUMBER))
            case TokenKind.PUNCTUATION:
                sequence.append(_add_plain(bag, token.text, PUNCTUATION))
    for (left, left_weight), (right, right_weight) in pairwise(sequence):
        bag.add(f"pair {left} {right}", BIGRAM * math.sqrt(left_weight * right_weight))


def _add_word(bag: _Bag, before: str, word: str, after: str, *, is_local: bool) -> tuple[str, float]:
    if word in _KEYWORDS:
        return _add_plain(bag, word, KEYWORD)
    called, member = after == "(", before in (".", ">", ":")
    only_local = is_local and not called and not member
    if called:
        weight = DEFINED if before in _DEFINING else CALLED
    else:
        weight = MEMBER if member else LOCAL if only_local else NAME
    bag.add(f"word {word}", weight)
    for part in _parts(word):
        bag.add(f"part {part}", PART_OF_NAME * weight)
    return ("<local>", KEYWORD) if only_local else (word, NAME)


def _add_string(bag: _Bag, text: str) -> tuple[str, float]:
    for piece in _SAID.findall(text):
        bag.add(f"said {piece}", SAID if piece[0].isalpha() else SAID_SIGN)
    for part in _parts(text):
        bag.add(f"part {part}", SAID_PART)
    return (text, SAID) if 0 < len(text) <= SHORT_STRING else ("<string>", KEYWORD)


def _add_plain(bag: _Bag, text: str, weight: float) -> tuple[str, float]:
    bag.add(f"plain {text}", weight)
    return text, weight


def _parts(word: str) -> list[str]:
    """`getUserName` and `get_user_name` are both get, user, name; single letters and placeholders tell nothing."""
    parts = (part.lower() for part in _PART.findall(word))
    return [part for part in parts if len(part) > 1 and part not in _PLACEHOLDERS]


def _in_context(found: Sequence[Token]) -> Iterator[tuple[str, Token, str]]:
    texts = ["", *(token.text for token in found), ""]
    for number, token in enumerate(found):
        yield texts[number], token, texts[number + 2]


def _local_names(found: Sequence[Token]) -> frozenset[str]:
    """Names that are assigned, by `=` or `:=`, outside round and square brackets (there it names an argument)."""
    names: set[str] = set()
    opened: list[str] = []
    texts = [token.text for token in found] + ["", ""]
    for number, token in enumerate(found):
        if token.text in "([{" and token.kind is TokenKind.PUNCTUATION:
            opened.append(token.text)
        elif opened and _CLOSING.get(token.text) == opened[-1]:
            opened.pop()
        is_member = number > 0 and texts[number - 1] in (".", ">", ":")
        if token.kind is TokenKind.WORD and not is_member and (not opened or opened[-1] == "{"):
            first, second = texts[number + 1], texts[number + 2]
            if (first == "=" and second not in ("=", "~")) or (first == ":" and second == "="):
                names.add(token.text)
    return frozenset(names)
