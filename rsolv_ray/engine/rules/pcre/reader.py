"""What does a regular expression of a rule say?

Rules speak PCRE, which Python's own reader does not read: classes by name, flags in the middle, `\\Q...\\E`, calls of
groups.
Source: pcre2pattern(3), PCRE2 10.4x.
"""

from __future__ import annotations

from rsolv_ray.engine.rules.pcre.characters import ALL, NEWLINES, NOT_NEWLINE, folded, mask
from rsolv_ray.engine.rules.pcre.classes import bracketed, escaped
from rsolv_ray.engine.rules.pcre.cursor import Cursor
from rsolv_ray.engine.rules.pcre.nodes import (
    Atomic,
    Boundary,
    Chars,
    Check,
    Either,
    Node,
    Repeat,
    Sequence,
    Unknown,
    UnreadableError,
)

DEEPEST_GROUP = 100
_MOST_REPEATS = 65_535
_DIGITS = "0123456789"
_OPTIONS = "imsxnJU^-aDSWPTr"

_Flags = frozenset[str]


def read_pcre(pattern: str) -> Node:
    """What a pattern says.

    Raises:
        UnreadableError: it cannot be read here; whether it is a pattern at all, the engine tells.
    """
    reader = _Reader(pattern)
    found = reader.alternatives(frozenset())
    if not reader.cursor.at_end:
        raise UnreadableError("a ')' that closes nothing")
    return found


class _Reader:
    """A recursive descent over the pattern; `flags` are the letters of the options that hold at the place."""

    def __init__(self, pattern: str) -> None:
        self.cursor = Cursor(pattern)
        self._depth = 0

    def alternatives(self, flags: _Flags) -> Node:
        """A whole group or pattern; options set inside hold to its end, through later branches too."""
        branches: list[Node] = []
        parts: list[Node] = []
        while not self.cursor.at_end and not self.cursor.ahead(")"):
            if self.cursor.take("|"):
                branches.append(_sequence(parts))
                parts = []
                continue
            flags = self._item(parts, flags)
        branches.append(_sequence(parts))
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def _item(self, parts: list[Node], flags: _Flags) -> _Flags:
        if "x" in flags and self._passed_over():
            return flags
        if self.cursor.take("\\Q"):
            literal = self.cursor.rest_until("\\E")
            parts.extend(_char(each, flags) for each in literal)
            if literal:
                parts.append(self._repeated(parts.pop(), flags))
            return flags
        if self.cursor.take("\\E"):
            return flags
        if self.cursor.ahead("(?") and (letters := self._option_letters()):
            return _changed(flags, letters)
        parts.append(self._repeated(self._atom(flags), flags))
        return flags

    def _step_over_blanks(self, flags: _Flags) -> None:
        while "x" in flags and not self.cursor.at_end and self._passed_over():
            pass

    def _passed_over(self) -> bool:
        if self.cursor.peek().isspace():
            self.cursor.next()
            return True
        if self.cursor.take("#"):
            self.cursor.rest_until("\n")
            return True
        return False

    def _option_letters(self) -> str:
        """The letters of `(?i)` and its like, stepped over; nothing taken where no such thing stands here."""
        length = 2
        while self.cursor.peek(length) and self.cursor.peek(length) in _OPTIONS:
            length += 1
        if length == 2 or self.cursor.peek(length) != ")":
            return ""
        return self.cursor.until(")")[2:]

    def _atom(self, flags: _Flags) -> Node:
        match self.cursor.next():
            case "(":
                return self._group(flags)
            case "[":
                return Chars(bracketed(self.cursor, any_case="i" in flags))
            case ".":
                return Chars(ALL if "s" in flags else NOT_NEWLINE)
            case "^" | "$":
                return Check()
            case "\\":
                return self._escape(flags)
            case "*" | "+" | "?":
                raise UnreadableError("nothing to repeat")
            case char:
                return _char(char, flags)

    def _repeated(self, node: Node, flags: _Flags) -> Node:
        self._step_over_blanks(flags)
        while (bounds := self._bounds()) is not None:
            possessive = self.cursor.take("+")
            if not possessive:
                self.cursor.take("?")
            node = Repeat(node, *bounds, possessive)
            self._step_over_blanks(flags)
        return node

    def _bounds(self) -> tuple[int, int | None] | None:
        match self.cursor.take_first(("*", "+", "?")):
            case "*":
                return 0, None
            case "+":
                return 1, None
            case "?":
                return 0, 1
            case _:
                return self._counted() if self.cursor.ahead("{") else None

    def _counted(self) -> tuple[int, int | None] | None:
        """The bounds of `{2,5}`; nothing taken where the brace stands for itself."""
        length = 1
        while self.cursor.peek(length) and self.cursor.peek(length) in "0123456789, ":
            length += 1
        inside = "".join(map(self.cursor.peek, range(1, length))).replace(" ", "")
        least, comma, most = inside.partition(",")
        if self.cursor.peek(length) != "}" or not (least or most) or "," in most:
            return None
        self.cursor.until("}")
        if max(len(least), len(most)) > len(str(_MOST_REPEATS)):
            raise UnreadableError("the numbers of a repetition are too large")
        low = int(least or 0)
        high = int(most) if most else None if comma else low
        if max(low, high or 0) > _MOST_REPEATS or (high is not None and high < low):
            raise UnreadableError("the numbers of a repetition are out of order or too large")
        return low, high

    def _group(self, flags: _Flags) -> Node:
        self._depth += 1
        if self._depth > DEEPEST_GROUP:
            raise UnreadableError(f"groups are nested more than {DEEPEST_GROUP} deep")
        if self.cursor.take("*"):
            self.cursor.until(")")
            found: Node = Check()
        else:
            found = self._special(flags) if self.cursor.take("?") else self._rest(flags)
        self._depth -= 1
        return found

    def _rest(self, flags: _Flags) -> Node:
        found = self.alternatives(flags)
        if not self.cursor.take(")"):
            raise UnreadableError("')' is missing")
        return found

    def _special(self, flags: _Flags) -> Node:
        """A group after its `(?`."""
        match self.cursor.take_first(("#", "C", "=", "!", "<=", "<!", "*", ">", "P<", "<", "'", ":", "|", "(")):
            case "#" | "C":
                self.cursor.until(")")
                return Sequence(())
            case "=" | "!" | "<=" | "<!" | "*":
                return Check(self._rest(flags))
            case ">":
                return Atomic(self._rest(flags))
            case "(":
                return self._conditional(flags)
            case None:
                return self._called_or_with_options(flags)
            case opening:
                if opening in {"P<", "<", "'"}:
                    self.cursor.until("'" if opening == "'" else ">")
                return self._rest(flags)

    def _conditional(self, flags: _Flags) -> Node:
        condition: Node = Check()
        if self.cursor.take("?"):
            condition = self._special(flags)
        else:
            self.cursor.until(")")
        body = self._rest(flags)
        branches = body if isinstance(body, Either) else Either((body, Sequence(())))
        return Sequence((condition, branches))

    def _called_or_with_options(self, flags: _Flags) -> Node:
        letters = self.cursor.run(_OPTIONS, 20)
        if letters and self.cursor.take(":"):
            return self._rest(_changed(flags, letters))
        called = letters + self.cursor.until(")")
        if called[:1] not in {"R", "&", "P", "+", "-", *_DIGITS}:
            raise UnreadableError(f"an unknown group '(?{called[:20]}'")
        return Unknown()

    def _escape(self, flags: _Flags) -> Node:
        char = self.cursor.next()
        if char == "b":
            return Boundary()
        if char in "BAZzGK":
            return Check()
        if char in "RX":
            return Chars(NEWLINES if char == "R" else ALL)
        if char in "kg" or char in _DIGITS[1:]:
            return self._reference()
        return Chars(escaped(self.cursor, char, any_case="i" in flags))

    def _reference(self) -> Node:
        opening = self.cursor.take_first(("{", "<", "'"))
        if opening is not None:
            self.cursor.until({"{": "}", "<": ">", "'": "'"}[opening])
        else:
            self.cursor.run("+-" + _DIGITS, 20)
        return Unknown()


def _sequence(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def _char(char: str, flags: _Flags) -> Chars:
    return Chars(folded(mask(char)) if "i" in flags else mask(char))


def _changed(flags: _Flags, letters: str) -> _Flags:
    if letters.startswith("^"):
        flags, letters = frozenset(), letters[1:]
    on, _, off = letters.partition("-")
    return (flags | set(on)) - set(off)
