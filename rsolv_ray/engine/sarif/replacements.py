"""Which characters of a file does a unified diff replace, and by what?

Positions are those of the file before the diff: lines and columns count from 1, columns in Unicode code points; lines
end at line feeds, which belong to their line, as a carriage return before one does. What is alike at both ends of a
changed block is left out, so that a change within a line stays within it.
Source: SARIF 2.1.0, sections 3.30.2 (text regions) and 3.57 (replacements), and git's "Generating patch text with -p".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rsolv_ray.model.finding import Span

_HUNK = re.compile(r"@@ -(?P<first>\d+)(?:,(?P<count>\d+))? \+\d+(?:,\d+)? @@")
_NO_NEWLINE = "\\"


@dataclass(frozen=True, slots=True)
class Replacement:
    """`deleted` (empty: an insertion point) makes room for `inserted`."""

    deleted: Span
    inserted: str


@dataclass(slots=True)
class _Block:
    """Lines next to each other that change. `line` is the number of the first one before the diff, `above` the line
    before that; `at_end`: the file ends here, since nothing follows in the hunk."""

    line: int
    above: str
    removed: list[str] = field(default_factory=list[str])
    added: list[str] = field(default_factory=list[str])
    at_end: bool = True


def replacements(diff: str) -> tuple[Replacement, ...]:
    """What a diff of one file replaces, in the order of the file; no two overlap. Without hunks it replaces nothing."""
    return tuple(_replacement(block) for block in _blocks(diff) if block.removed != block.added)


def lines_before(diff: str) -> dict[int, str]:
    """The lines that the diff shows of the file before it (context and removed ones), by number, without line feeds."""
    return {number: text.removesuffix("\n") for kind, number, text in _lines(diff) if kind in (" ", "-")}


def _blocks(diff: str) -> list[_Block]:
    blocks: list[_Block] = []
    current: _Block | None = None
    above = ""
    for kind, number, text in _lines(diff):
        if kind == "@":
            current, above = None, ""
        elif kind == " ":
            if current is not None:
                current.at_end = False
            current, above = None, text
        else:
            if current is None:
                current = _Block(number, above)
                blocks.append(current)
            (current.removed if kind == "-" else current.added).append(text)
    return blocks


def _lines(diff: str) -> Iterator[tuple[str, int, str]]:
    """(kind, number, text) of each line within hunks: kind is `@` (a hunk begins), blank, `-` or `+`; number is that of
    the line before the diff, of an added one that of the line it stands before; text has its line feed."""
    number, is_within, held = 0, False, None
    for line in diff.split("\n"):
        if line.startswith(_NO_NEWLINE) and held is not None:
            held = (held[0], held[1], held[2].removesuffix("\n"))
            continue
        if held is not None:
            yield held
            held = None
        if found := _HUNK.match(line):
            # A hunk of no lines is named for the line that it comes after.
            number, is_within = int(found["first"]) + (found["count"] == "0"), True
            yield "@", number, ""
        elif is_within and line[:1] in (" ", "-", "+") and line:
            held = (line[0], number, line[1:] + "\n")
            number += line[0] != "+"
    if held is not None:
        yield held


def _replacement(block: _Block) -> Replacement:
    old, new = "".join(block.removed), "".join(block.added)
    head = _alike(old, new)
    while _splits_a_line_end(old, head):
        head -= 1
    tail = _alike(old[head:][::-1], new[head:][::-1])
    while _splits_a_line_end(old, len(old) - tail):
        tail -= 1
    (start_line, start_column), (end_line, end_column) = (_place(block, old, at) for at in (head, len(old) - tail))
    deleted = Span(start_line=start_line, start_column=start_column, end_line=end_line, end_column=end_column)
    return Replacement(deleted, new[head : len(new) - tail])


def _alike(one: str, other: str) -> int:
    """How many characters the two begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _splits_a_line_end(text: str, at: int) -> bool:
    return text[max(at - 1, 0) : at + 1] == "\r\n" and at > 0


def _place(block: _Block, old: str, at: int) -> tuple[int, int]:
    """Line and column of an offset into the removed lines. After the file's last line there is no line to be named:
    its own end is, beyond its line feed."""
    begun = old[:at]
    line, column = block.line + begun.count("\n"), at - begun.rfind("\n")
    if column == 1 and at == len(old) and block.at_end and (last := (old or block.above)):
        return line - 1, len(last.removesuffix("\n").rpartition("\n")[2]) + last.endswith("\n") + 1
    return line, column
