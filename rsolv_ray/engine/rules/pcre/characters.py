"""Which characters does a class of a regular expression stand for?

A set is an integer: bit n is the character n, and bit 256 stands for all characters above 255, of which a set may have
some. As in PCRE without Unicode properties, names of classes mean ASCII.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

_ABOVE = 256
ALL = (1 << (_ABOVE + 1)) - 1
DIGITS = "0123456789"


def mask(characters: str) -> int:
    """The set of these characters."""
    return reduce(or_, (1 << min(ord(char), _ABOVE) for char in characters), 0)


_LOWER = mask("abcdefghijklmnopqrstuvwxyz")
_UPPER = _LOWER >> 32
_DIGIT = mask(DIGITS)
_WORD = _LOWER | _UPPER | _DIGIT | mask("_")
_SPACE = mask(" \t\n\r\f\v")
_HORIZONTAL = mask(" \t\xa0") | (1 << _ABOVE)
NEWLINES = mask("\n\r\f\v\x85") | (1 << _ABOVE)
NOT_NEWLINE = ALL & ~mask("\n")


def folded(characters: int) -> int:
    """The set with both cases of its ASCII letters."""
    return characters | ((characters & _UPPER) << 32) | ((characters & _LOWER) >> 32)


_PRINTED = mask("".join(map(chr, range(33, 127))))
POSIX = {
    "alpha": _LOWER | _UPPER,
    "lower": _LOWER,
    "upper": _UPPER,
    "digit": _DIGIT,
    "alnum": _LOWER | _UPPER | _DIGIT,
    "word": _WORD,
    "space": _SPACE,
    "blank": mask(" \t"),
    "xdigit": _DIGIT | mask("abcdefABCDEF"),
    "punct": _PRINTED & ~(_LOWER | _UPPER | _DIGIT),
    "graph": _PRINTED,
    "print": _PRINTED | mask(" "),
    "cntrl": mask("".join(map(chr, [*range(32), 127]))),
    "ascii": (1 << 128) - 1,
}
SHORTHANDS = {
    "d": _DIGIT,
    "D": ALL & ~_DIGIT,
    "w": _WORD,
    "W": ALL & ~_WORD,
    "s": _SPACE,
    "S": ALL & ~_SPACE,
    "h": _HORIZONTAL,
    "H": (ALL & ~_HORIZONTAL) | (1 << _ABOVE),
    "v": NEWLINES,
    "V": (ALL & ~NEWLINES) | (1 << _ABOVE),
    "N": NOT_NEWLINE,
}
_BEYOND_ASCII = ALL & ~((1 << 128) - 1)
_BY_CATEGORY = {
    "L": POSIX["alpha"],
    "N": _DIGIT,
    "P": POSIX["punct"],
    "S": POSIX["punct"],
    "Z": mask(" "),
    "C": POSIX["cntrl"],
    "X": _WORD | _SPACE,
}


def of_property(name: str, *, negated: bool) -> int:
    """The set of a Unicode property, by the first letter of its category; a script's has letters."""
    within = _BY_CATEGORY.get(name.lstrip("^")[:1], POSIX["alpha"])
    return (ALL & ~within) | _BEYOND_ASCII if negated else within | _BEYOND_ASCII
