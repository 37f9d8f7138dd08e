"""Does a diff change the contents of one file that is named beforehand, and do nothing else?

A diff from elsewhere can create, delete, rename, link and touch any file, whatever is said of it. So only one form is
taken: `diff --git`, perhaps `index`, `---`, `+++` and hunks, with the one path on both sides, spelled as git spells it.
Each line is accounted for; whatever is not of that form is refused, since git might read more into it than we do.
Source: gitdiff's "Generating patch text with -p", git-apply(1), git-config(1) `core.quotePath`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_INDEX = re.compile(r"index [0-9a-f]{4,64}\.\.[0-9a-f]{4,64}(?: 100(?:644|755))?", re.ASCII)
_HUNK = re.compile(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@(?: .*)?", re.ASCII | re.DOTALL)
_NO_LINE_FEED = "\\ No newline at end of file"
_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}
_TAKEN_FROM = {" ": (1, 1), "-": (1, 0), "+": (0, 1)}
"""How many lines of the old and of the new file a line of a hunk stands for."""


def refusal(path: str, diff: str) -> str | None:
    """Why a diff is no change of the contents of the file at `path` alone; None if it is one.

    `path` is as seen from the folder that the diff is made for, with `/` between its parts.
    """
    if not (_is_text(path) and _is_text(diff)):
        return "holds what is no text"
    if not _is_inside(path):
        return "is of a path that does not lie in the repository's files"
    if not diff.endswith("\n"):
        return "is cut off"
    lines = diff[:-1].split("\n")
    start = _end_of_head(lines, path)
    if start is None:
        return "is not of the form that changes the contents of that file alone"
    return _refusal_of_hunks(lines[start:])


def _is_text(text: str) -> bool:
    """Whether git reads it as we do: no NUL, and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _is_inside(path: str) -> bool:
    """Whether no part of a path leads elsewhere: out of the folder, or into git's own."""
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/"))


def _end_of_head(lines: list[str], path: str) -> int | None:
    """Where the hunks begin, from 0; None if what is before them is not of the form."""
    if lines[0] not in _first_lines(path):
        return None
    at = 2 if len(lines) > 1 and _INDEX.fullmatch(lines[1]) else 1
    if len(lines) < at + 2:
        return None
    is_told = lines[at] in _named_lines("--- ", f"a/{path}") and lines[at + 1] in _named_lines("+++ ", f"b/{path}")
    return at + 2 if is_told else None


def _first_lines(path: str) -> set[str]:
    return {f"diff --git {old} {new}" for old in _spellings(f"a/{path}") for new in _spellings(f"b/{path}")}


def _named_lines(sign: str, path: str) -> Iterator[str]:
    for spelling in _spellings(path):
        yield sign + spelling
        yield f"{sign}{spelling}\t"  # Git ends a path that holds a blank so, since a date may follow there.


def _spellings(path: str) -> set[str]:
    """A path as git writes it: with letters beyond ASCII as they are, or as the octal numbers of their bytes."""
    return {_quoted(path, up_to=256), _quoted(path, up_to=128)}


def _quoted(path: str, *, up_to: int) -> str:
    raw = path.encode()
    spelled = b"".join(_spelled(byte, up_to) for byte in raw)
    return path if spelled == raw else f'"{spelled.decode()}"'


def _spelled(byte: int, up_to: int) -> bytes:
    if byte in _ESCAPES:
        return f"\\{_ESCAPES[byte]}".encode()
    return f"\\{byte:03o}".encode() if byte < 32 or byte == 127 or byte >= up_to else bytes((byte,))


def _refusal_of_hunks(lines: list[str]) -> str | None:
    if not lines:
        return "changes nothing"
    at = 0
    while at < len(lines):
        head = _HUNK.fullmatch(lines[at])
        end = None if head is None else _end_of_hunk(lines, at + 1, int(head[1] or 1), int(head[2] or 1))
        if end is None:
            return "holds more than changes of that file's contents"
        at = end
    return None


def _end_of_hunk(lines: list[str], at: int, old: int, new: int) -> int | None:
    """Where the hunk ends whose lines begin at `at`, and stand for so many lines of the old and the new file."""
    while old or new:
        taken = _TAKEN_FROM.get(lines[at][:1]) if at < len(lines) else None
        if taken is None or taken[0] > old or taken[1] > new:
            return None
        old, new, at = old - taken[0], new - taken[1], at + 1
        if at < len(lines) and lines[at] == _NO_LINE_FEED:
            at += 1
    return at
