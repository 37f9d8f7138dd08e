"""Who has to act when something goes wrong?

Four families, named for who must act; the docstring is the message where none is given.
Anything else that is raised is a bug: it crashes its process and is supervised.
"""

from __future__ import annotations


class RsolvError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class Rejected(RsolvError):
    """The request is wrong: change it before sending it again."""


class NotFound(Rejected):
    """There is no such thing, or it is not yours to see."""


class TooLarge(Rejected):
    """The request is larger than what is accepted."""


class Conflict(Rejected):
    """The request does not fit the present state."""


class NotAllowed(Rejected):
    """The key is missing, wrong, expired or lacks the scope."""


class Unavailable(RsolvError):
    """The service cannot answer right now: try again later; nothing is lost."""


class StorageFull(Unavailable):
    """The disk is full: nothing was stored; free some space and send it again."""


class Broken(RsolvError):
    """Something on our side met a bug over this request; it is logged, and nothing was stored."""


class Fenced(RsolvError):
    """A newer generation of this writer exists: the write is refused."""


class ToolFailed(RsolvError):
    """A tool we run broke or ran out of time; its output is not evidence."""
