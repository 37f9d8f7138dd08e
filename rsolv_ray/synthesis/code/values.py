"""What kind of value is given here, and what tells it from the values that are given on the other side?

A value is followed to the literal that its name was given, where that is the only one. Texts are told apart by their scheme
(`http:`), by a word that stands for something weak (`md5`, `ECB`), or as a whole; numbers by a bound.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rsolv_ray.model.noun import JsonObject
from rsolv_ray.synthesis.catalogue.weak_words import weak_in
from rsolv_ray.synthesis.catalogue.weaknesses import WORDS
from rsolv_ray.synthesis.code.building import assigned, bare, is_built, parameters, scope_of
from rsolv_ray.synthesis.code.syntax import Node
from rsolv_ray.synthesis.languages.grammar import STRINGS

_LONGEST = 60
"""A text longer than this is not told as a whole: nobody else writes the same."""
_QUOTED = re.compile(r"^[A-Za-z@$]{0,3}(\"\"\"|'''|[\"'`])(.*)\1$", re.DOTALL)
_NUMBER = re.compile(r"^-?(0[xXoObB])?[0-9a-fA-F][0-9a-fA-F_]*[lLuU]*$")
_CONSTANT = re.compile(r"^[A-Z][A-Z0-9_]{2,}$|^[A-Z]\w*[A-Z0-9]\w*$")
_MEMBER = re.compile(r"[A-Z]\w*\.[A-Z]\w*")
"""A member of a type, where types are known by their capitals: `Mode.None`."""
_OFF = re.compile(r"none|off|disabled?|prohibit|deny|never|no", re.IGNORECASE)
"""Members that switch off what all the others of their type let happen."""
_SCHEME = re.compile(r"^([a-z][a-z0-9+]{1,9}):(?://|$)", re.IGNORECASE)
_UNPROTECTED = ("ftp", "http", "ldap", "telnet", "ws")
_OPENING = r"^(?:[\w$@]{0,3}[\"'`]+)?"
"""What may stand before a text: its quotes, and letters that say how it is read."""
_WHOLE = re.compile(r"^[\w.*:+@ -]*$")
_TOKEN = re.compile(r"^[A-Z0-9_.*:-]{0,20}$|^[a-z]{3,12}$|^$")
"""A text that is one of a few that are agreed upon, by its looks."""
_AGREED = 28
_OWN = 34
"""How little a text says as a whole: one that is agreed upon, and one of the code's own."""


class Kind(StrEnum):
    """What a value is. `OTHER`: known only when the program runs."""

    TEXT = "text"
    NUMBER = "number"
    SWITCH = "switch"
    CONSTANT = "constant"
    LIST = "list"
    OTHER = "other"


@dataclass(frozen=True)
class Value:
    """A value as given, with what it was followed to. `text` is a text without its quotes, else what is written."""

    node: Node
    kind: Kind
    text: str

    @property
    def is_fixed(self) -> bool:
        return self.kind is not Kind.OTHER


@dataclass(frozen=True)
class Telling:
    """How values like one are known: a regular expression of the metavariable's text, or a comparison; `strength` counts
    from 0, which says most. `follows`: a name may stand for the value; the engine follows names to texts and numbers alone, and
    told to follow them it reads nothing else."""

    regex: str | None
    comparison: str | None
    strength: int
    shown: str
    follows: bool = True

    def condition(self, metavariable: str) -> JsonObject:
        """What a metavariable that stands for such a value has to be."""
        if self.comparison is not None:
            told: JsonObject = {"metavariable": metavariable, "comparison": f"{metavariable} {self.comparison}"}
            return {"metavariable-comparison": told}
        told = {"metavariable": metavariable, "regex": self.regex}
        if self.follows:
            told["constant-propagation"] = True
        return {"metavariable-regex": told}


def value_of(node: Node) -> Value:
    """What is given, followed through a name that is given one literal."""
    node = bare(node)
    if node.kind == "identifier" and node.text not in parameters(scope_of(node)):
        given = [bare(one) for one in assigned(node)]
        if len(given) == 1 and given[0].kind != "identifier" and (known := value_of(given[0])).is_fixed:
            return known
    return Value(node, *_kind(node))


def _kind(node: Node) -> tuple[Kind, str]:
    text = node.text
    if node.kind in STRINGS:
        quoted = _QUOTED.match(text)
        return (Kind.OTHER, text) if is_built(node) or quoted is None else (Kind.TEXT, quoted[2])
    if node.kind in ("list", "tuple") and node.parts and all(value_of(part).is_fixed for part in node.parts):
        return Kind.LIST, text
    if node.kind in ("true", "false", "none"):
        return Kind.SWITCH, text
    if node.kind in ("integer", "float") or (node.kind == "unary_operator" and _NUMBER.match(text)):
        return Kind.NUMBER, text
    return (Kind.CONSTANT if _is_constant(node) else Kind.OTHER), text


def _is_constant(node: Node) -> bool:
    """A name, or a field, that is written as constants are; a member of a type, where types are known by their capitals."""
    last = node.field("attribute") if node.kind == "attribute" else node if node.kind == "identifier" else None
    if node.kind == "attribute" and node.grammar.types_capitalised and _MEMBER.fullmatch(node.text):
        return True
    return last is not None and bool(_CONSTANT.match(last.text)) and (node.kind == "attribute" or last.text.isupper())


def told_apart(bad: Value, good: Sequence[Value]) -> Telling | None:
    """What says of a fixed value that it is the bad one, though the good ones may be fixed, too; None where nothing does."""
    match bad.kind:
        case Kind.TEXT:
            return _of_text(bad.text, [one.text for one in good if one.kind is Kind.TEXT])
        case Kind.NUMBER:
            return _of_number(bad.text, [one.text for one in good if one.kind is Kind.NUMBER])
        case Kind.CONSTANT:
            return _of_constant(bad.text, [one.text for one in good if one.is_fixed])
        case Kind.SWITCH:
            return Telling(f"^{re.escape(bad.text)}$", None, 0, bad.text, follows=False)
        case Kind.LIST:
            telling = _of_word(bad.text, [one.text for one in good if one.is_fixed])
            return replace(telling, follows=False) if telling is not None else None
        case _:
            return None


def _of_text(bad: str, good: Sequence[str]) -> Telling | None:
    scheme = _SCHEME.match(bad)
    if scheme and not any(one.lower().startswith(scheme[0].lower()) for one in good):
        return Telling(f"(?i){_OPENING}{_schemes(scheme[1].lower(), good)}:", None, 1, f"`{scheme[0]}`")
    if telling := _of_word(bad, good):
        return telling
    if len(bad) > _LONGEST or not _WHOLE.match(bad):
        return None
    whole = rf"{_OPENING}{re.escape(bad)}[\"'`]*$"
    if bad.lower() in WORDS.texts:
        return Telling(whole, None, 1, f'"{bad}"')
    return Telling(whole, None, _AGREED if good and _TOKEN.match(bad) else _OWN, f'"{bad}"')


def _schemes(bad: str, good: Sequence[str]) -> str:
    """A scheme as a regular expression; one that protects nothing with the others that do not, as far as no good text begins so."""
    if bad not in _UNPROTECTED:
        return re.escape(bad)
    kept = {scheme[1].lower() for one in good if (scheme := _SCHEME.match(one))}
    return f"(?:{'|'.join(one for one in _UNPROTECTED if one not in kept)})"


def _of_word(bad: str, good: Sequence[str]) -> Telling | None:
    """By a weak word in it that no good text holds: any text with a word that is as weak."""
    weak = weak_in(bad)
    regex = weak.anywhere(good) if weak is not None else None
    return Telling(regex, None, 0, f"`{weak.word}`") if weak is not None and regex is not None else None


def _of_constant(bad: str, good: Sequence[str]) -> Telling:
    """The constant itself, and those that differ from it in a word that is as weak."""
    weak = weak_in(bad)
    regex = weak.in_its_place(bad, good) if weak is not None else _other_members(bad, good)
    return Telling(regex or f"^{re.escape(bad)}$", None, 0, f"`{bad}`", follows=False)


def _other_members(bad: str, good: Sequence[str]) -> str | None:
    """All members of a type but those that switch it off, where the good side takes one of these."""
    owner, dot, _ = bad.rpartition(".")
    is_off = any(one.rpartition(".")[0] == owner and _OFF.fullmatch(one.rpartition(".")[2]) for one in good)
    return rf"^{re.escape(owner)}\.(?!(?i:{_OFF.pattern})$)\w+$" if dot and is_off else None


def _of_number(bad: str, good: Sequence[str]) -> Telling | None:
    number, others = _number(bad), [one for one in map(_number, good) if one is not None]
    if number is None:
        return None
    is_bits = re.match("0[0-7oO]", bad) is not None
    if others and not is_bits and number > 0:
        if number < min(others):
            return Telling(None, f"< {min(others)}", 2, f"less than {min(others)}")
        if number > max(others):
            return Telling(None, f"> {max(others)}", 4, f"more than {max(others)}")
    return Telling(f"^{re.escape(bad)}$", None, 2 if is_bits or others else 6, bad)


def _number(text: str) -> int | None:
    bare_text = text.rstrip("lLuU").replace("_", "")
    try:
        return int(bare_text, 8) if re.fullmatch("0[0-7]+", bare_text) else int(bare_text, 0)
    except ValueError:
        return None
