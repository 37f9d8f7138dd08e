"""How does a command end? With an exit code that a script can tell apart, and one line on stderr that says why.

Errors rise as the families of `model/errors.py`; here, once for all commands, a family becomes a code.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import Any

from typer.core import TyperGroup

from rsolv_ray.cli.console import spelled_out
from rsolv_ray.model.errors import Fenced, NotAllowed, NotFound, Rejected, RsolvError, ToolFailed, Unavailable


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    FOUND_OR_REJECTED = 1
    USAGE = 2
    UNAVAILABLE = 3
    NOT_ALLOWED = 4
    NOT_FOUND = 5
    TIMED_OUT = 6


class TimedOut(Unavailable):
    """It took longer than was allowed: it may still be going on."""


class Usage(Rejected):
    """The command line does not say what is wanted."""


_CODES: tuple[tuple[type[RsolvError], Exit], ...] = (
    (Usage, Exit.USAGE),
    (TimedOut, Exit.TIMED_OUT),
    (NotAllowed, Exit.NOT_ALLOWED),
    (NotFound, Exit.NOT_FOUND),
    (Rejected, Exit.FOUND_OR_REJECTED),
    (Unavailable, Exit.UNAVAILABLE),
    (ToolFailed, Exit.UNAVAILABLE),
    (Fenced, Exit.UNAVAILABLE),
)


def exit_code(error: RsolvError) -> Exit:
    """The code for the most specific family that the error belongs to."""
    return next((code for family, code in _CODES if isinstance(error, family)), Exit.UNAVAILABLE)


class Commands(TyperGroup):
    """A group of commands that ends with the code of whatever error family a command raises."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except RsolvError as error:
            sys.stderr.write(f"rsolv: {spelled_out(str(error))}\n")
            ctx.exit(exit_code(error))
        except BrokenPipeError:
            # Whoever read our output has gone, as `| head` does. Nothing more can be said on stdout.
            sys.stdout = None
            ctx.exit(Exit.DONE)
