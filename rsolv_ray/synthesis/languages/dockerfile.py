"""How is a Dockerfile read and written?

Instructions stand on lines of their own; a backslash (or the sign that a directive `escape` names) joins lines, comments and empty
lines among joined ones say nothing, and RUN, COPY and ADD may take texts up to a word (`<<EOF`).
Source: https://docs.docker.com/reference/dockerfile/.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from rsolv_ray.synthesis.languages.grammar import Grammar
from rsolv_ray.synthesis.languages.notation import NO_CALLS

__all__ = ["GRAMMAR", "NOTATION"]

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?=\s|$)")
_KEYWORDS = frozenset({
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL",
    "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
})  # fmt: skip
_ESCAPE = re.compile(r"\A(?:#.*\n)*#\s*escape\s*=\s*(\S)", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_WITH_TEXTS = frozenset({"RUN", "COPY", "ADD"})


@dataclass(frozen=True)
class _Place:
    index: int
    line: int


@dataclass(frozen=True)
class _Range:
    start: _Place
    end: _Place


@dataclass(frozen=True)
class _Piece:
    """A node as ast-grep tells it. `start` and `end` are offsets in characters."""

    name: str
    text: str = field(repr=False)
    start: int
    end: int
    below: tuple[_Piece, ...] = ()

    def kind(self) -> str:
        return self.name

    def is_named(self) -> bool:
        return True

    def children(self) -> list[_Piece]:
        return list(self.below)

    def field(self, name: str) -> _Piece | None:
        return next((piece for piece in self.below if piece.name == name), None)

    def range(self) -> _Range:
        return _Range(self._at(self.start), self._at(self.end))

    def _at(self, index: int) -> _Place:
        return _Place(index, bisect_left(_feeds(self.text), index))


@lru_cache(maxsize=4)
def _feeds(text: str) -> list[int]:
    """Where lines end."""
    return [found.start() for found in re.finditer("\n", text)]


def _read(text: str) -> _Piece:
    return _Piece("module", text, 0, len(text), tuple(_instructions(text)))


def _instructions(text: str) -> Iterator[_Piece]:
    told = _ESCAPE.match(text)
    escape = told[1] if told else "\\"
    at = 0
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end]
        found = _INSTRUCTION.match(line)
        if not line.strip() or line.lstrip().startswith("#"):
            at = end + 1
        elif found is None or found[1].upper() not in _KEYWORDS:
            yield _Piece("ERROR", text, at, end)
            at = end + 1
        else:
            stop = _end_of(text, at, found[1].upper(), escape)
            yield _instruction(text, at + found.start(1), at + found.end(1), stop)
            at = stop + 1


def _end_of(text: str, at: int, keyword: str, escape: str) -> int:
    """Where an instruction ends that begins on the line at `at`."""
    end = _line_end(text, at)
    while text[at:end].rstrip().endswith(escape) and end < len(text):
        at, end = end + 1, _line_end(text, end + 1)
        while end < len(text) and (not text[at:end].strip() or text[at:end].lstrip().startswith("#")):
            at, end = end + 1, _line_end(text, end + 1)
    for word in _HEREDOC.findall(text[at:end]) if keyword in _WITH_TEXTS else ():
        close = re.compile(rf"^\t*{re.escape(word)}$", re.MULTILINE).search(text, end)
        end = close.end() if close else end
    return end


def _instruction(text: str, start: int, after: int, stop: int) -> _Piece:
    rest = text[after:stop]
    given = _Piece("given", text, after + len(rest) - len(rest.lstrip()), after + len(rest.rstrip()))
    keyword = _Piece("keyword", text, start, after)
    return _Piece("instruction", text, start, max(after, given.end), (keyword, given) if rest.strip() else (keyword,))


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


GRAMMAR = Grammar(parsers=("dockerfile",), fields={}, reader=_read)
NOTATION = NO_CALLS
