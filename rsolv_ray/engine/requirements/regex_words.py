"""Which words must a text hold so that a regular expression can match in it?

An over-approximation, after Cox, "Regular Expression Matching with a Trigram Index" (2012): literals are multiplied out
as long as they are few, and each text that they make must be there, word by word. What cannot be read asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from re import _constants as op  # pyright: ignore[reportAttributeAccessIssue] - the parser's own names
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

from rsolv_ray.engine.requirements.algebra import all_of, any_of
from rsolv_ray.engine.requirements.regex_dialect import UnreadableError, translated
from rsolv_ray.model.requirement import EVERY_FILE, Part, Requirement, Word

_MOST_TEXTS = 64
_MOST_CHARACTERS = 16
_LONGEST_REGEX = 10_000
_SHORTEST_PART = 2
_WORD = re.compile(r"[A-Za-z0-9_]+")
# Stands for any text of one or more characters none of which can be in a word, and for the place of `\b`, `^` and `$`.
_BREAK = "\x00"
# Letters that, with case ignored, also match one beyond ASCII, U+212A or U+017F; the index reads those as the letters too.
_WIDE = frozenset("kKsS")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of an expression: the texts that it matches, where they are few and known, or what all of them hold."""

    texts: frozenset[str] | None
    holds: Requirement = EVERY_FILE


_ANYTHING = _Piece(None)
_NOTHING = _Piece(frozenset({""}))
_BOUNDARY = _Piece(frozenset({_BREAK}))


def regex_requirement(regex: str, *, anchored: bool = True) -> Requirement:
    """The words of every text in which a PCRE matches somewhere; EVERY_FILE where nothing is known.

    Args:
        regex: as it stands in a rule; it may be malformed.
        anchored: do `^` and `$` mean the ends of lines of the file? Not so for a regex that sees only a piece of it.
    """
    if len(regex) > _LONGEST_REGEX:
        return EVERY_FILE
    try:
        outcome = translated(regex)
        reading = _Reading(ignore_case=outcome.ignore_case, anchored=anchored)
        return reading.required(reading.sequence(parser.parse(outcome.regex)))
    except (UnreadableError, re.error, RecursionError, OverflowError):
        return EVERY_FILE


@dataclass(frozen=True, slots=True)
class _Reading:
    ignore_case: bool
    anchored: bool

    def sequence(self, nodes: Any) -> _Piece:
        """Pieces one after the other: their texts multiplied out, as far as they are few."""
        texts, held = _NOTHING.texts or frozenset(), list[Requirement]()
        whole = True
        for code, argument in nodes:
            piece = self.piece(code, argument)
            if piece.texts is not None and len(texts) * len(piece.texts) <= _MOST_TEXTS:
                texts = frozenset(before + after for before, after in product(texts, piece.texts))
                continue
            whole = False
            held.append(self._held_by(texts))
            held.append(piece.holds)
            texts = frozenset({""}) if piece.texts is None else piece.texts
        return _Piece(texts) if whole else _Piece(None, all_of([*held, self._held_by(texts)]))

    def piece(self, code: Any, argument: Any) -> _Piece:
        match code:
            case op.LITERAL:
                piece = _Piece(frozenset({chr(argument)}))
            case op.AT:
                piece = self._place(argument)
            case op.IN:
                piece = _class(argument)
            case op.BRANCH:
                piece = self._branches([self.sequence(branch) for branch in argument[1]])
            case op.SUBPATTERN:
                piece = self.sequence(argument[3])
            case op.ATOMIC_GROUP:
                piece = self.sequence(argument)
            case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
                piece = self._repeated(self.sequence(argument[2]), int(argument[0]), int(argument[1]))
            case _:
                piece = _ANYTHING
        return piece

    def required(self, piece: _Piece) -> Requirement:
        return piece.holds if piece.texts is None else self._held_by(piece.texts)

    def _place(self, place: Any) -> _Piece:
        if place is op.AT_BOUNDARY:
            return _BOUNDARY
        if place is op.AT_NON_BOUNDARY:
            return _ANYTHING
        return _BOUNDARY if self.anchored else _ANYTHING

    def _branches(self, branches: Sequence[_Piece]) -> _Piece:
        known = [branch.texts for branch in branches if branch.texts is not None]
        texts = frozenset[str]().union(*known)
        if len(known) == len(branches) and len(texts) <= _MOST_TEXTS:
            return _Piece(texts)
        return _Piece(None, any_of(self.required(branch) for branch in branches))

    def _repeated(self, piece: _Piece, least: int, most: int) -> _Piece:
        texts = piece.texts
        if texts is not None and all(text and not _WORD.search(text) for text in texts):
            return _Piece(frozenset({_BREAK}) if least else frozenset({"", _BREAK}))
        if texts is not None and least == 0 and most == 1:
            return _Piece(texts | {""})
        if texts is not None and least == most <= _MOST_CHARACTERS and len(texts) ** most <= _MOST_TEXTS:
            return _Piece(frozenset("".join(row) for row in product(texts, repeat=most)))
        return _Piece(None, self.required(piece) if least else EVERY_FILE)

    def _held_by(self, texts: Iterable[str]) -> Requirement:
        return any_of(all_of(self._words_of(text)) for text in texts)

    def _words_of(self, text: str) -> Iterable[Requirement]:
        for run in _WORD.finditer(text):
            if run.start() > 0 and run.end() < len(text) and not self._may_run_on(run.group()):
                yield Word(text=run.group(), ignore_case=self.ignore_case)
            elif len(run.group()) >= _SHORTEST_PART:
                yield Part(text=run.group(), ignore_case=self.ignore_case)

    def _may_run_on(self, run: str) -> bool:
        """May what stands for the run, case ignored, hold a letter that parts words, and so be no word of its own?"""
        return self.ignore_case and not _WIDE.isdisjoint(run)


def _class(members: Sequence[tuple[Any, Any]]) -> _Piece:
    """A character class: its characters, where they are few; a break, where none of them is of a word."""
    if members[0] == (op.CATEGORY, op.CATEGORY_NOT_WORD) and len(members) == 1:
        return _BOUNDARY
    if members[0][0] is op.NEGATE:
        return _BOUNDARY if (op.CATEGORY, op.CATEGORY_WORD) in members else _ANYTHING
    characters = set[str]()
    for code, argument in members:
        if code is op.LITERAL:
            characters.add(chr(argument))
        elif code is op.RANGE and argument[1] - argument[0] < _MOST_CHARACTERS:
            characters.update(map(chr, range(argument[0], argument[1] + 1)))
        elif code is op.CATEGORY and argument is op.CATEGORY_SPACE:
            characters.add(_BREAK)
        else:
            return _ANYTHING
    if not any(_WORD.match(character) for character in characters):
        return _BOUNDARY
    return _Piece(frozenset(characters)) if len(characters) <= _MOST_CHARACTERS else _ANYTHING
