"""How does a cell call what is asynchronous? Through an event loop in a thread of its own.

A notebook's kernel runs a loop in the thread of its cells, so that none can be started there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from rsolv_ray.model.errors import Rejected

T = TypeVar("T")


class Loop:
    """An event loop that lives until `close`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rsolv-notebook", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives. Interrupting the cell cancels it.

        Raises:
            Rejected: the loop was closed, and with it the system that it works for.
        """
        if self._loop.is_closed():
            work.close()
            raise Rejected("this system was closed: call open_system() again")
        done = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return done.result()
        except KeyboardInterrupt:
            done.cancel()
            raise

    def close(self) -> None:
        """End the loop and its thread. May be called again."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
