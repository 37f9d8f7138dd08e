"""By which mark does GitHub know a line again?

`primaryLocationLineHash`: a polynomial hash of the 100 characters that begin with the line, blanks and tabs left out and
line ends made alike, with a count that tells equal ones in a file apart. GitHub's upload action computes it where it has
the source; its REST interface does not, and warns of another value. Characters are UTF-16 code units.
Source: github/codeql-action, src/fingerprints.ts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

WINDOW = 100
_BASE = 37
_WRAP = 1 << 64
_LEAVES = pow(_BASE, WINDOW, _WRAP)
_END = 0xFFFF
_LINE_FEED = 0x0A


def line_hashes(source: str) -> list[str]:
    """The mark of each line, `hash:count`, the first line's first. A carriage return alone ends a line, too."""
    units, starts = _units(source)
    seen: Counter[str] = Counter()
    marks: list[str] = []
    for value in _windows(units, starts):
        name = f"{value:x}"
        seen[name] += 1
        marks.append(f"{name}:{seen[name]}")
    return marks


def _units(source: str) -> tuple[list[int], list[int]]:
    """The code units that count, with one for the end of the file, and where among them lines begin."""
    plain = source.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    data = plain.encode("utf-16-le", "surrogatepass")
    units = [*memoryview(data).cast("H"), _END]
    return units, [0, *(at + 1 for at, unit in enumerate(units) if unit == _LINE_FEED)]


def _windows(units: list[int], starts: list[int]) -> Iterator[int]:
    """The hash of the window at each start; after the units come zeros."""
    padded = units + [0] * WINDOW
    value, at = 0, -WINDOW
    for start in starts:
        while at < start:
            leaving = padded[at] if at >= 0 else 0
            value = (value * _BASE + padded[at + WINDOW] - leaving * _LEAVES) % _WRAP
            at += 1
        yield value
