"""What does a text file hold that the command line names?

It may be anything: a pipe, a device without end, another encoding. Whatever it is, the line says what is wrong, and with
which file.
"""

from __future__ import annotations

import io
from pathlib import Path

from rsolv_ray.cli.exits import Usage

__all__ = ["text_of"]


def text_of(file: Path, *, most: int) -> str:
    """The text of a file of at most `most` bytes, with `\\n` at the end of its lines.

    Raises:
        Usage: it cannot be read, is a folder, larger than that, or no UTF-8.
    """
    try:
        with file.open("rb") as source:
            data = source.read(most + 1)
    except OSError as error:
        raise Usage(f"{file} cannot be read: {error.strerror}") from error
    if len(data) > most:
        raise Usage(f"{file} is larger than {most} bytes")
    try:
        return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()
    except UnicodeDecodeError as error:
        raise Usage(f"{file} is no UTF-8 text (byte {error.start}): save it as UTF-8") from error
