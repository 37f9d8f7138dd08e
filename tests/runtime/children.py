"""Plain classes to be supervised in tests."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from rsolv_ray.model.errors import Conflict
from rsolv_ray.telemetry import METRICS


class Kid:
    """Says who it is, and misbehaves when told.

    Does not start while the file `refuse` is in its folder, and starts slowly while `dawdle` is.
    """

    def __init__(self, *, name: str, folder: str) -> None:
        self._name, self._folder = name, Path(folder)
        self._well = True

    async def start(self, generation: int) -> None:
        self._generation = generation
        self._note(f"start {self._name}")
        if (self._folder / "refuse").exists():
            raise RuntimeError("not today")
        if (self._folder / "dawdle").exists():
            await asyncio.sleep(60.0)

    async def stop(self) -> None:
        self._note(f"stop {self._name}")

    async def healthy(self) -> bool:
        return self._well

    async def who(self) -> tuple[int, int]:
        return os.getpid(), self._generation

    async def conflict(self) -> None:
        raise Conflict("it does not fit")

    async def bug(self) -> None:
        raise KeyError("a bug")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def fall_ill(self) -> None:
        self._well = False

    async def count(self, files: int) -> None:
        METRICS["rsolv_scan_files_total"].inc(files)
        METRICS["rsolv_event_streams"].set(files)
        METRICS["rsolv_scan_seconds"].observe(0.2)

    async def poison(self) -> None:
        self._note(f"poison {self._name}")
        os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, line: str) -> None:
        with (self._folder / "log").open("a") as log:
            log.write(line + "\n")


class Errand(Kid):
    """Ends by itself once its work is done."""

    async def start(self, generation: int) -> None:
        await super().start(generation)
        self._told = asyncio.Event()

    async def run(self) -> None:
        await self._told.wait()

    async def finish(self) -> None:
        self._told.set()
