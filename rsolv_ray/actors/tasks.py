"""How is a plain function run as a Ray task, and how is it ended before its time?

A task takes one CPU and is sent again once where its process is lost. One that is to end is first asked to: Python raises
KeyboardInterrupt in it, so that the tools that it waits for end with it and its temporary files go. Only what does not
hear that is killed with its process (measured: that leaves its folders and, of a tool in several processes, all but the
first).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from rsolv_ray.model.errors import RsolvError, Unavailable

_GENTLY_S = 5.0


class Tasks:
    """Runs functions as Ray tasks. `at_once` are in flight at most; the rest waits here, not in Ray's queue."""

    def __init__(self, at_once: int) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._remote: dict[Callable[..., Any], Any] = {}

    def share(self, value: object) -> Any:
        """What to hand to many tasks in place of `value`, so that it is sent once."""
        return ray.put(value)

    async def run(self, function: Callable[..., Any], name: str, *args: Any) -> Any:
        """What the function returns as a task of this name. When this is cancelled, the task is too, and seen to end.

        Raises:
            RsolvError: as the task did; Unavailable where its process was lost.
        """
        async with self._slots:
            sent = self._of(function).options(name=name).remote(*args)
            try:
                return await sent
            except asyncio.CancelledError:
                await asyncio.shield(_end(sent))
                raise
            except RayTaskError as error:
                raise (error.cause if isinstance(error.cause, RsolvError) else error) from error
            except RayError as error:
                raise Unavailable(f"the process of {name!r} was lost: {type(error).__name__}") from error

    def _of(self, function: Callable[..., Any]) -> Any:
        if function not in self._remote:
            self._remote[function] = ray.remote(num_cpus=1, max_retries=1)(function)
        return self._remote[function]


async def _end(sent: Any) -> None:
    ray.cancel(sent, force=False)
    ended = asyncio.wrap_future(sent.future())
    await asyncio.wait({ended}, timeout=_GENTLY_S)
    if not ended.done():
        ray.cancel(sent, force=True)
        await asyncio.wait({ended}, timeout=_GENTLY_S)
    if ended.done() and not ended.cancelled():
        ended.exception()  # it is known: nobody is to be warned of it
