"""Where in a pattern is its reader?"""

from __future__ import annotations

from rsolv_ray.engine.rules.pcre.nodes import UnreadableError


class Cursor:
    """A place in a text that moves on as tokens are taken."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def ahead(self, token: str) -> bool:
        return self._text.startswith(token, self._at)

    def peek(self, offset: int = 0) -> str:
        """The character so many places on, or the empty text beyond the end."""
        return self._text[self._at + offset : self._at + offset + 1]

    def take(self, token: str) -> bool:
        """Step over the token where it stands here."""
        if self.ahead(token):
            self._at += len(token)
            return True
        return False

    def take_first(self, tokens: tuple[str, ...]) -> str | None:
        """Step over the first of the tokens that stands here."""
        return next((token for token in tokens if self.take(token)), None)

    def next(self) -> str:
        """Step over one character. Raises UnreadableError at the end."""
        if self.at_end:
            raise UnreadableError("the pattern ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def until(self, end: str) -> str:
        """Step over `end`, and give what stands before it. Raises UnreadableError where it does not come."""
        stop = self._text.find(end, self._at)
        if stop < 0:
            raise UnreadableError(f"{end!r} is missing")
        found, self._at = self._text[self._at : stop], stop + len(end)
        return found

    def rest_until(self, end: str) -> str:
        """As `until`, or to the end of the text where `end` does not come."""
        if self._text.find(end, self._at) >= 0:
            return self.until(end)
        found, self._at = self._text[self._at :], len(self._text)
        return found

    def run(self, characters: str, most: int) -> str:
        """Step over up to `most` of these characters."""
        start = self._at
        while self._at < min(start + most, len(self._text)) and self._text[self._at] in characters:
            self._at += 1
        return self._text[start : self._at]
