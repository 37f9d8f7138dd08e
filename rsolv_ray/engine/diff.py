"""How is a change of one file told so that `git apply` takes it?

As a unified diff with `a/` and `b/` before the path. Lines end at line feeds alone, so that CRLF files keep theirs;
a missing newline at the end of a file is told; paths are quoted as git quotes them.
Source: gitdiff's "Generating patch text with -p", and what `git apply` accepts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

_ESCAPES = {"\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}


def unified_diff(path: str, before: str, after: str) -> str:
    """The diff from `before` to `after` of the file at `path`; empty where they are equal."""
    hunks = list(difflib.unified_diff(_lines(before), _lines(after), n=3))[2:]
    if not hunks:
        return ""
    old, new = f"a/{path}", f"b/{path}"
    head = f"diff --git {_quoted(old)} {_quoted(new)}\n--- {_named(old)}\n+++ {_named(new)}\n"
    return head + "".join(_ended(hunks))


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    lines = [f"{part}\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _ended(hunks: list[str]) -> Iterator[str]:
    for line in hunks:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _quoted(path: str) -> str:
    escaped = "".join(_escaped(character) for character in path)
    return path if escaped == path else f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return "\\" + _ESCAPES[character]
    return f"\\{ord(character):03o}" if ord(character) < 32 or ord(character) == 127 else character


def _named(path: str) -> str:
    """A path in a `---` or `+++` line: git ends one that holds a blank with a tab, since a date may follow there."""
    quoted = _quoted(path)
    return f"{quoted}\t" if quoted == path and " " in path else quoted
