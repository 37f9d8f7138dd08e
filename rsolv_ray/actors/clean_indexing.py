"""When is the clean code indexed? After every start, in a process of its own that gives way to all others.

It takes no CPU slot, so that no scan waits for it; what has not changed since the last time is not read. Until it is done
for the first time the density of rules is unknown. Ray shows it as `index clean code`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import ray
import structlog
from ray.exceptions import RayError

from rsolv_ray.scanning.clean import CleanCode, clean_folders

LEAST_PRIORITY = 19

log = structlog.get_logger(__name__)


async def index_clean_code(index: Path, named: Sequence[str], *, memory_mb: int) -> None:
    """Bring the indexes of clean code up to date; that this failed is told in the log, and rules are learned without it."""
    began = time.monotonic()
    try:
        lines: int = await _index.options(name="index clean code").remote(str(index), tuple(named), memory_mb)
    except RayError as error:
        log.warning("clean code is not indexed: how loud rules are stays as it was known", reason=str(error)[-500:])
    else:
        log.info("clean code is indexed", new_lines=lines, elapsed_s=round(time.monotonic() - began, 1))


# A process of such a low priority must not be used for another task after this one.
@ray.remote(num_cpus=0, max_calls=1, max_retries=0)
def _index(index: str, named: tuple[str, ...], memory_mb: int) -> int:
    os.nice(LEAST_PRIORITY)
    return CleanCode(Path(index), clean_folders(named)).refresh(memory_mb=memory_mb)
