"""What is an API key's secret, and how is it kept? It is shown once; what is kept is a digest under a pepper.

`rsk_<key id>_<43 characters>`: the id finds the row, the rest is 256 random bits. So much chance needs no slow hash
(OWASP ASVS 5.0, 6.5.2): HMAC-SHA-256 under a pepper that lies beside the database in a file of its own, so that the
database alone is of no use to a thief.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from rsolv_ray.model.errors import ToolFailed
from rsolv_ray.model.ids import KeyId

_SECRET = re.compile(r"rsk_([0-7][0-9A-HJKMNP-TV-Z]{25})_[A-Za-z0-9_-]{43}")
_PEPPER_BYTES = 32


def new_secret(key: KeyId) -> str:
    """A secret for a key: 256 random bits after the key's id."""
    return f"rsk_{key}_{secrets.token_urlsafe(32)}"


def key_of(secret: str) -> KeyId | None:
    """The key that a secret says it is of, or None for what cannot be a secret."""
    found = _SECRET.fullmatch(secret)
    return KeyId(found[1]) if found else None


def digest_of(secret: str, pepper: bytes) -> bytes:
    """What is kept of a secret: 32 bytes."""
    return hmac.digest(pepper, secret.encode(), hashlib.sha256)


def read_pepper(path: Path, *, has_keys: bool) -> bytes:
    """The pepper of a data folder, made at first use, readable by its owner alone.

    Raises:
        ToolFailed: it is damaged, or it is gone although there are keys.
    """
    if not path.exists():
        if has_keys:
            raise ToolFailed(f"{path} is gone and no key works without it: restore it from a backup")
        _create(path, secrets.token_hex(_PEPPER_BYTES))
    said = path.read_text("ascii", errors="replace").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", said):
        raise ToolFailed(f"{path} is damaged and no key works without it: restore it from a backup")
    return bytes.fromhex(said)


def _create(path: Path, text: str) -> None:
    """Write a whole file or none: the name is given to it only when it is on the disk, and only if it is free."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
