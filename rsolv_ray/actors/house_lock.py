"""Does somebody serve from this data directory already? One at a time, held by a lock that ends with its process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TextIO

from rsolv_ray.model.errors import Unavailable

LOCK_FILE = "serve.lock"


def hold(data_dir: Path) -> TextIO:
    """Take the directory for this process, until the file that is returned is closed or the process ends.

    Raises:
        Unavailable: another process serves from it; the message names it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = (data_dir / LOCK_FILE).open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Unavailable(
            f"another rsolv serve (process {holder}) uses {data_dir}: stop it, or set RSOLV_DATA_DIR to another folder"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
