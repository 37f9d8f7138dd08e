"""Has the audit been tampered with? Each row's digest covers its content and the digest of the row before it.

Changing, removing or inserting a row breaks the chain from there on. Rows cut off at the end leave no gap: keep the
last digest elsewhere to notice that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

START = "0" * 64


def digest_of(previous: str, row: tuple[Any, ...]) -> str:
    """The digest of a row: (sequence, said_at, actor, action, subject, org, detail)."""
    return hashlib.sha256(json.dumps([previous, *row], separators=(",", ":")).encode()).hexdigest()


def first_broken(rows: Iterable[tuple[Any, ...]]) -> int | None:
    """The sequence of the first row that does not follow from the one before it, or None. Rows end in (previous, digest)."""
    last = START
    for expected, (*content, previous, digest) in enumerate(rows, 1):
        if content[0] != expected or previous != last or digest != digest_of(previous, tuple(content)):
            return expected
        last = digest
    return None
