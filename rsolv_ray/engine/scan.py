"""What did some files give?"""

from __future__ import annotations

from dataclasses import dataclass

from rsolv_ray.model.finding import Finding

__all__ = ["LONGEST_SNIPPET", "FileScan"]

LONGEST_SNIPPET = 20_000
"""A snippet of so many characters may have been cut."""


@dataclass(frozen=True, slots=True)
class FileScan:
    """What some files gave. `files` counts those that were looked at, in whole or in part.

    `errors` are what kept a rule from being run over a file; `unread` are the files that were not looked at whole, for
    that or because some part of them was not understood: silence there proves nothing.
    """

    findings: tuple[Finding, ...]
    errors: tuple[str, ...]
    files: int
    unread: tuple[str, ...] = ()
