"""Which characters does an escape or a class in brackets stand for?"""

from __future__ import annotations

from functools import reduce
from operator import or_

from rsolv_ray.engine.rules.pcre.characters import ALL, POSIX, SHORTHANDS, folded, mask, of_property
from rsolv_ray.engine.rules.pcre.cursor import Cursor
from rsolv_ray.engine.rules.pcre.nodes import UnreadableError

_HEXADECIMAL = "0123456789abcdefABCDEF"
_OCTAL = "01234567"
_CONTROLS = {"a": "\a", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def escaped(cursor: Cursor, char: str, *, any_case: bool) -> int:
    """The set for an escape in or out of a class, `char` being what stood after the backslash."""
    if char in SHORTHANDS:
        return SHORTHANDS[char]
    if char in "pP":
        name = cursor.until("}") if cursor.take("{") else cursor.next()
        return of_property(name, negated=(char == "P") != name.startswith("^"))
    found = _one_escaped(cursor, char)
    return folded(found) if any_case else found


def _one_escaped(cursor: Cursor, char: str) -> int:
    match char:
        case "x":
            digits = cursor.until("}").strip() if cursor.take("{") else cursor.run(_HEXADECIMAL, 2) or "0"
            return _of_code(digits, 16)
        case "o" if cursor.take("{"):
            return _of_code(cursor.until("}").strip(), 8)
        case "0":
            return _of_code(cursor.run(_OCTAL, 2) or "0", 8)
        case "c":
            return mask(chr(ord(cursor.next().upper()) ^ 64))
        case _ if char in _CONTROLS:
            return mask(_CONTROLS[char])
        case _ if char.isalnum() and char.isascii():
            raise UnreadableError(f"an unknown escape '\\{char}'")
        case _:
            return mask(char)


def bracketed(cursor: Cursor, *, any_case: bool) -> int:
    """The set of a class, whose opening bracket is behind the cursor."""
    negated = cursor.take("^")
    found = mask("]") if cursor.take("]") else 0
    while not cursor.take("]"):
        low, is_one = _member(cursor)
        if is_one and cursor.ahead("-") and not cursor.ahead("-]"):
            cursor.next()
            high, is_one = _member(cursor)
            found |= _between(low, high) if is_one else low | high | mask("-")
        else:
            found |= low
    found = folded(found) if any_case else found
    # Of the characters above 255 a class has some, and its complement others.
    return (ALL & ~found) | (found & ~(ALL >> 1)) if negated else found


def _member(cursor: Cursor) -> tuple[int, bool]:
    """One member of a class, and whether it is a single character, which may begin or end a range."""
    quote = cursor.take_first(("\\Q", "\\E"))
    if quote is not None:
        return mask(cursor.rest_until("\\E")) if quote == "\\Q" else 0, False
    if cursor.take("[:"):
        return _named(cursor.until(":]")), False
    char = cursor.next()
    if char != "\\":
        return mask(char), True
    char = cursor.next()
    if char == "b":
        return mask("\b"), True
    if char in _OCTAL:
        return _of_code(char + cursor.run(_OCTAL, 2), 8), True
    return escaped(cursor, char, any_case=False), char not in "pP" and char not in SHORTHANDS


def _named(name: str) -> int:
    known = POSIX.get(name.lstrip("^"))
    if known is None:
        raise UnreadableError(f"an unknown class [:{name[:20]}:]")
    return ALL & ~known if name.startswith("^") else known


def _of_code(digits: str, base: int) -> int:
    try:
        return mask(chr(int(digits, base)))
    except (ValueError, OverflowError) as error:
        raise UnreadableError(f"no character has the number {digits[:20]!r}") from error


def _between(low: int, high: int) -> int:
    if high < low:
        raise UnreadableError("a range of a class is out of order")
    return reduce(or_, (1 << bit for bit in range(low.bit_length() - 1, high.bit_length())), 0)
