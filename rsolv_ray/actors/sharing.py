"""What if a question meets a bug in a process that all orgs share? Who asked is told, and the process goes on.

Elsewhere a bug ends its process, as OTP has it. Here one org's odd question would end the work of all the others; and
nothing is half done: a read changes nothing, and a write that fails is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from rsolv_ray.model.errors import Broken, RsolvError

log = structlog.get_logger(__name__)


@contextmanager
def answering(question: str, *, fatal: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn what is none of our errors into `Broken`, with the traceback in the log; `fatal` ends the process as ever."""
    try:
        yield
    except (RsolvError, *fatal):
        raise
    except Exception as bug:
        log.exception("a question met a bug", question=question)
        raise Broken from bug
