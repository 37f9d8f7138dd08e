"""Where in a text is a byte?

Semgrep counts offsets and columns in bytes, also in code that is not ASCII (seen with its parsers of Python, JavaScript,
TypeScript, Go, Java, Ruby, PHP and Rust); here they become characters.
"""

from __future__ import annotations

from bisect import bisect_right

from rsolv_ray.model.finding import Span


class Source:
    """The bytes of one file, to be cut at byte offsets and counted in characters."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ascii = data.isascii()
        self._bytes = [0]
        self._characters = [0]
        if not self._ascii:
            for line in data.split(b"\n")[:-1]:
                self._bytes.append(self._bytes[-1] + len(line) + 1)
                self._characters.append(self._characters[-1] + len(_decoded(line)) + 1)

    def offset(self, at: int) -> int:
        """The character offset of a byte offset."""
        if self._ascii:
            return at
        line = bisect_right(self._bytes, at) - 1
        return self._characters[line] + len(_decoded(self._data[self._bytes[line] : at]))

    def column(self, at: int, column: int) -> int:
        """The column in characters of a byte offset that is at a column in bytes, both columns from 1."""
        return column if self._ascii else len(_decoded(self._data[at - (column - 1) : at])) + 1

    def span(self, first: dict[str, int], last: dict[str, int]) -> Span:
        """The span between two places of the engine's."""
        return Span(
            start_line=first["line"],
            start_column=self.column(first["offset"], first["col"]),
            end_line=last["line"],
            end_column=self.column(last["offset"], last["col"]),
        )

    def text(self, start: int, end: int) -> str:
        return _decoded(self._data[start:end])


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
